"""What is thrown at every protection in full: spoilt envelopes, malformed ciphertexts, guesses at an order, rounds."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, judged, judged_up
from learning.protect import PROTECTIONS, protection
from tests.learning import fuzz, malformed
from tests.learning.by_hand import EXTREME, PARTIES, VALUES
from tests.learning.game import READINGS, Game

ENVELOPES, TRIALS, ROUNDS, WARM = 10_000, 2_000, 1_000, 100
GROWTH_MB = 8.0
"""What an allocator may hold back; a leak of one ciphertext a round would be 60 or more."""


def figures() -> list[Figure]:
    """Measure all figures of the suite; it takes some minutes."""
    words = sorted(PROTECTIONS)
    # growth first: what other figures gave back would hide it
    return [
        *(_growth(word) for word in words),
        *(_envelopes(word) for word in words),
        *(_ciphertexts(word) for word in words),
        *_guesses(),
    ]


def _envelopes(word: str) -> Figure:
    found = fuzz.refusals(word, ENVELOPES)
    note = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
    return judged_up(f"{word}: spoilt envelopes refused", found.total(), "", goal=ENVELOPES, note=note)


def _ciphertexts(word: str) -> Figure:
    found = malformed.in_a_process(word, ENVELOPES)
    note = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.items()))
    name = f"{word}: malformed ciphertexts, no crash, no wrong sum"
    return judged_up(name, found.total(), "", goal=ENVELOPES, note=note)


def _guesses() -> list[Figure]:
    game = Game().play(TRIALS)
    advantage = float(2 * np.abs(game.wins / TRIALS - 0.5).max())
    control = Game(traitors=("south", "up", "west")).play(TRIALS // 20)
    return [
        judged(
            f"threshold: advantage of the best of {len(READINGS)} guesses, 2 of 5 traitors",
            advantage,
            "",
            goal=10 / np.sqrt(4 * TRIALS),
            peer="3 traitors, as many as open",
            peer_value=float(2 * control.wins[1] / control.trials - 1),
            note=f"{TRIALS} rounds; the goal is five deviations of a coin",
        ),
        judged_up(
            "threshold: attempts of an active server refused",
            game.refused.total(),
            "",
            goal=2 * TRIALS,
            note=", ".join(f"{count} {attack}" for attack, count in sorted(game.refused.items())),
        ),
    ]


def _growth(word: str) -> Figure:
    one, before = protection(word, PARTIES, VALUES), 0.0
    for number in range(1, 1 + WARM + ROUNDS):
        one.total(EXTREME, number=number, day=0.0)
        if number == WARM:
            before = _resident_mb()
    return judged(f"{word}: growth of the process in {ROUNDS} rounds", _resident_mb() - before, "MB", goal=GROWTH_MB)


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20
