"""Sessions between two parties, and the keys that identify them. Experimental and unaudited.

Whoever wants to read or change a session must break a classical and a post-quantum scheme: neither alone is trusted.
"""
