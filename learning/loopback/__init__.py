"""A federation on one machine, a process for each party and one for the coordinator. Experimental and unaudited.

Each process holds its own secrets and rows and nobody else's. All belong to one user of one machine, who can read them.
"""
