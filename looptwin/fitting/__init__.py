"""A user's own records to laws of a scenario: read, fit with censoring, compare, predict back, write the override."""
