"""The general blocks: what a scenario file wires and what a party's role expands to."""
