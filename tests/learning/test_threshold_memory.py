"""Rounds and keys leave nothing behind: a federation that runs for long takes no more than one that has just begun."""

from __future__ import annotations

from tests.learning.many_rounds import OPENINGS, in_a_process

ROUNDS = 160
ROUND_BYTES = 2 * 131_072
"""Least that two updates of one round take."""


def test_rounds_and_renewed_keys_do_not_grow_the_process() -> None:
    """A leak of a tenth of the updates would show as 4 MB; the benchmark does 1,000 rounds."""
    left = in_a_process(ROUNDS)

    assert left["keys"] > ROUNDS // OPENINGS
    assert left["bytes"] < ROUNDS * ROUND_BYTES / 10
    assert left["files"] == 0
