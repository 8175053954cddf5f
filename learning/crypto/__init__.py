"""Envelopes, check slots and ciphers. Experimental and unaudited; no secret here has a text or pickled form."""
