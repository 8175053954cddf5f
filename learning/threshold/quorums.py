"""Which quorums open one sum, and who may have lied where they do not agree.

A part of an opening proves nothing about itself: a party that shifts its part shifts the sum, and where the shift keeps
the public checks nobody sees it. Another quorum without that party opens the right sum.

- **Seen.** Quorums such that nobody is in all of them (`covering`) show any single liar. f liars together are shown by
  all quorums there are as long as n - f >= t, so that one quorum is free of them.
- **Told.** Of all quorums (`every`), those without the liars agree. With n >= t + 2f no other set of f parties leaves
  quorums that all agree on another sum: two such sets leave t parties in common, who opened one sum. A liar that shifts
  wherever it answers is then the only set of one that explains what was opened; one that shifts only beside a chosen
  party cannot be told from that party, and both are listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from learning.faults import ProtectionError

MOST = 100
"""Quorums that open one sum at most: each costs as much as the first, and counts as an opening of the key."""
_TRIED = 100_000


def covering(parties: Sequence[str], threshold: int) -> list[tuple[str, ...]]:
    """Return quorums such that nobody is in all of them. Raises ProtectionError where all parties open together."""
    left_out = _left_out(parties, threshold)
    found = []
    for start in range(0, len(parties), left_out):
        absent = {parties[at % len(parties)] for at in range(start, start + left_out)}
        found.append(tuple(party for party in parties if party not in absent))
    return found


def every(parties: Sequence[str], threshold: int) -> list[tuple[str, ...]]:
    """Return all quorums. Raises ProtectionError where there is one only, or more than `MOST`."""
    _left_out(parties, threshold)
    if (count := comb(len(parties), threshold)) > MOST:
        raise ProtectionError(f"{count} quorums of {threshold} among {len(parties)} parties; at most {MOST} open a sum")
    return list(combinations(parties, threshold))


def _left_out(parties: Sequence[str], threshold: int) -> int:
    if threshold >= len(parties):
        raise ProtectionError(f"all {len(parties)} parties open together: no second quorum can check the first")
    return len(parties) - threshold


def suspects(told: Mapping[tuple[str, ...], bytes | None]) -> tuple[str, ...]:
    """Return who may have lied, given what each quorum opened; None: what it opened failed its checks.

    These are the members of all smallest sets of parties such that the quorums without them agree on one sum; all
    parties where there is no such set.
    """
    parties = sorted({party for quorum in told for party in quorum})
    for size in range(1, len(parties)):
        if comb(len(parties), size) > _TRIED:
            break
        if sets := [liars for liars in combinations(parties, size) if _explain(liars, told)]:
            return tuple(sorted({party for liars in sets for party in liars}))
    return tuple(parties)


def _explain(liars: tuple[str, ...], told: Mapping[tuple[str, ...], bytes | None]) -> bool:
    rest = {value for quorum, value in told.items() if not set(quorum) & set(liars)}
    return len(rest) == 1 and None not in rest
