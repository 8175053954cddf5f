"""Does a run hold what was run, and does it obey the laws of every run? Read from its tables, never from a world."""
