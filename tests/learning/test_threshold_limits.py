"""What this protection does not stop: each stands in docs/threat-model.md, and each is shown to pass here."""

from __future__ import annotations

import numpy as np
import pytest

from learning.crossings import COORDINATOR
from learning.crypto.identity import Identity
from learning.crypto.threshold import key as key_module
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring, add
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.shares import deal
from learning.faults import RoundError
from tests.learning.threshold_by_hand import PARTIES, TOTAL, UPDATES, checks_of_nothing, federation, keys, posted, total

QUORUM = PARTIES[:3]


def test_a_poisoned_value_within_the_range_is_summed_like_any_other() -> None:
    poisoned = UPDATES | {"west": UPDATES["west"] + 10**12}

    assert federation().total(poisoned, number=1, day=0.0).numbers.tolist() == [one + 10**12 for one in TOTAL]


def test_a_party_of_the_quorum_that_shifts_its_partial_opening_and_its_checks_shifts_the_sum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = federation()
    stand = posted(one, 1)
    stand.receive()
    packing = one.clients["north"].packing
    shifted = [int(word) << packing.shift for word in packing.lanes.pack(checks_of_nothing(one.layout, 41))]
    offset = np.zeros((DATA_PRIMES, DEGREE), dtype=np.uint64)
    for row, prime in zip(offset, PRIMES, strict=False):
        row[: len(shifted)] = [word * PRIMES[0] % prime for word in shifted]
    honest = key_module.flood
    monkeypatch.setattr(key_module, "flood", lambda bits: add(honest(bits), offset))
    answers = {"north": one.clients["north"].answer(QUORUM, 1)}
    monkeypatch.setattr(key_module, "flood", honest)
    answers |= {party: one.clients[party].answer(QUORUM, 1) for party in ("east", "south")}
    one.clients["west"].watch(QUORUM, 1)

    assert one.clients["west"].open(answers, 1).tolist() == [TOTAL[0] + 41, *TOTAL[1:]]


def test_a_dealer_that_hands_out_false_shares_spoils_the_sums_of_some_quorums_and_is_not_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dealers = iter([True, False, False])

    def crooked(secret: Ring, threshold: int, holders: int) -> list[Ring]:
        shares = deal(secret, threshold, holders)
        return [deal(secret, 2, 2)[0], *shares[1:]] if next(dealers, False) else shares

    monkeypatch.setattr(key_module, "deal", crooked)
    one = federation()

    with pytest.raises(RoundError) as refused:
        one.total(UPDATES, number=1, day=0.0)
    assert refused.value.parties == (*PARTIES, COORDINATOR)
    assert one.total(UPDATES, number=2, day=0.0, silent=("east",)).numbers.tolist() == TOTAL


def test_as_many_parties_as_the_threshold_read_an_update_that_they_are_given() -> None:
    held = keys(5, 3)
    c0, c1 = held.halves(np.arange(100.0))
    parts = [held.alone(place, (2, 4, 5), c1) for place in (2, 4, 5)]

    assert seal().decode(total([c0, *parts]))[:100] == pytest.approx(np.arange(100.0), abs=1e-6)


def test_all_secrets_of_a_federation_lie_in_one_process() -> None:
    one = federation()

    assert all(isinstance(identity, Identity) for identity in one.identities.values())
    assert set(one.clients) == set(PARTIES)
    assert one.trust.endswith("custody simulated in one process")
