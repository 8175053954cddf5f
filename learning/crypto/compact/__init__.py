"""Compact sums: BFV ciphertexts of many numbers a coefficient, masked inside. Experimental and unaudited."""
