"""Threshold CKKS on TenSEAL: a key that nobody holds. Experimental and unaudited; see docs/threat-model.md.

Every party draws a share of a secret key whose sum nobody forms; the public halves add up to one public key, which an
ordinary TenSEAL context encrypts under. What is summed is opened by t parties, each of which multiplies the sum with
its share and hides its answer in flooding noise.
"""
