"""What a scenario may contain, and how its files become one.

`scenarios.load` is the door, `scenarios.scenario` what comes out of it, `scenarios.schema` what a file may contain.
"""
