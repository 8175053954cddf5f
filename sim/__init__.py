"""The world: a discrete-event simulation of blocks, parties and serialised units. Imports nothing of ours."""
