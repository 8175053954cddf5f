"""Our threshold sums beside OpenFHE's threshold CKKS, in one run: the same sums, errors, and times of each step.

Times are CPU milliseconds of one party, one thread each. A peer that is absent leaves its column empty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from unittest.mock import patch

import numpy as np

from benchmarks.figures import Figure, judged, stated
from benchmarks.peers.interpreter import PeerAbsentError, answer
from learning.arrays import IntArray
from learning.crypto.slots import Layout
from learning.protect import protection
from learning.threshold.federation import Threshold

PARTIES = tuple(f"site_{number}" for number in range(5))
SHORT, ROUNDS = 1000, 3
LARGEST = 2**20


def figures() -> list[Figure]:
    """Measure all figures of this part."""
    updates = _updates(SHORT)
    exact = np.sum(list(updates.values()), axis=0)
    one = cast(Threshold, protection("threshold", PARTIES, SHORT, needed=len(PARTIES)))
    errors: list[float] = []
    with patch.object(Layout, "gather", _noting(errors)):
        opened = [_round(one, updates, number) for number in range(1, 1 + ROUNDS)]
    off = max(float(np.abs(numbers - exact).max()) for numbers, _ in opened)
    ours = {step: min(times[step] for _, times in opened) for step in ("seal", "partial", "open")}
    job = {"updates": [update.tolist() for update in updates.values()], "rounds": ROUNDS}
    peer, theirs, note = _asked(job)
    found = np.array(peer["sum"]) if peer else None
    return [
        _sum_figure(off, None if found is None else float(np.abs(np.rint(found) - exact).max()), note),
        stated(
            "a decrypted slot before it is rounded, off by",
            max(errors),
            "",
            peer=theirs,
            peer_value=None if found is None else float(np.abs(found - exact).max()),
            note=note or "ours hides each share behind 64 bits of flooding, and rounds",
        ),
        *(
            stated(name, ours[ours_step], "ms", peer=theirs, peer_value=peer["ms"][step] if peer else None, note=note)
            for name, ours_step, step in (
                (f"threshold: {SHORT} numbers sealed and signed", "seal", "encrypt"),
                ("threshold: a party's part of the opening", "partial", "partial"),
                ("threshold: five parts put together", "open", "fuse"),
            )
        ),
    ]


def _sum_figure(off: float, theirs: float | None, note: str) -> Figure:
    name, unit = "threshold sum, 5 of 5 open, off by", "grid steps"
    if theirs is None:
        return stated(name, off, unit, note=note)
    return judged(name, off, unit, goal=0.0, peer="OpenFHE", peer_value=theirs)


def _asked(job: Mapping[str, Any]) -> tuple[Any, str | None, str]:
    """Return OpenFHE's answer, its name, and why there is none."""
    try:
        return answer("openfhe_threshold.py", "openfhe", job), "OpenFHE", ""
    except PeerAbsentError as absent:
        return None, None, str(absent)


def _updates(values: int) -> dict[str, IntArray]:
    generator = np.random.default_rng(7)
    return {party: generator.integers(-LARGEST, LARGEST, values) for party in PARTIES}


def _noting(errors: list[float]) -> Callable[[Layout, Any], IntArray]:
    """Return `Layout.gather` that notes how far each decrypted slot is from a whole number."""
    gather = Layout.gather

    def noted(layout: Layout, opened: Any) -> IntArray:
        errors.extend(float(np.abs(slots - np.rint(slots)).max()) for slots in opened)
        return gather(layout, opened)

    return noted


def _round(one: Threshold, updates: Mapping[str, IntArray], number: int) -> tuple[IntArray, dict[str, float]]:
    """Return the opened sum of a round, and the CPU milliseconds of one party's steps."""
    ends, board, quorum, times = one.clients, one.coordinator, PARTIES[: one.threshold], dict[str, float]()
    first = PARTIES[0]

    def each(step: str, parties: tuple[str, ...], work: Callable[[str], Any]) -> dict[str, Any]:
        return {
            party: _timed(times, step if party == first else "", lambda party=party: work(party)) for party in parties
        }  # type: ignore[misc]

    commitments = board.commitments(each("seal", PARTIES, lambda p: ends[p].commit(updates[p], number)), number)
    posted = board.updates(each("reveal", PARTIES, lambda p: ends[p].reveal(commitments, number)), number)
    each("add", quorum, lambda p: ends[p].receive(posted, number))
    answers = each("partial", quorum, lambda p: ends[p].answer(quorum, number))
    partials = board.partials(answers, quorum, number)
    opened = each("open", quorum, lambda p: ends[p].open(partials, number))
    times.pop("", None)
    return opened[first], times


def _timed(times: dict[str, float], step: str, work: Callable[[], Any]) -> Any:
    begin = time.process_time()
    found = work()
    times[step] = times.get(step, 0.0) + 1e3 * (time.process_time() - begin)
    return found
