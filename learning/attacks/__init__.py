"""Attacks on what protects a study. Each is a function that returns what it reads; none knows more than its adversary.

They exist to be run against controls on which they work: an attack that never reads anything proves nothing.
"""
