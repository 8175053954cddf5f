"""Tests as specifications, a folder per room. A package, so that no other distribution's `tests` stands in front."""
