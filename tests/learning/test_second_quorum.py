"""A second quorum shows a wrong part of an opening that passes every public check; enough of them show whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring, add
from learning.faults import ProtectionError, RoundError
from learning.threshold.federation import Threshold
from learning.threshold.quorums import MOST, covering, every, suspects
from tests.learning.threshold_by_hand import PARTIES, TOTAL, UPDATES, checks_of_nothing, federation, posted

LIAR = "north"
ALWAYS: Callable[[Sequence[str]], bool] = lambda quorum: True  # noqa: E731


@contextmanager
def lying(
    one: Threshold, party: str = LIAR, amount: int = 41, when: Callable[[Sequence[str]], bool] = ALWAYS
) -> Iterator[None]:
    """Let a party shift its part of an opening by an amount that fits all checks, beside whom it likes."""
    packing, share = one.clients[party].packing, vars(one.clients[party])["_held"].share
    words = [int(word) << packing.shift for word in packing.lanes.pack(checks_of_nothing(one.layout, amount))]
    offset = np.zeros((DATA_PRIMES, DEGREE), dtype=np.uint64)
    for row, prime in zip(offset, PRIMES, strict=False):
        row[: len(words)] = [word * PRIMES[0] % prime for word in words]
    honest, names = KeyShare.opening, {place: name for name, place in one.coordinator.roster.places().items()}

    def opening(held: KeyShare, c1: Ring, place: int, places: Sequence[int], bits: int) -> Ring:
        found = honest(held, c1, place, places, bits)
        return add(found, offset) if held is share and when([names[at] for at in places]) else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeyShare, "opening", opening)
        yield


def rubbish(one: Threshold) -> None:
    """Put another share in the place of a party's."""
    share = vars(one.clients[LIAR])["_held"].share
    share.take(np.ones((DATA_PRIMES, DEGREE), dtype=np.uint64))


@pytest.fixture
def one() -> Threshold:
    return federation()


def test_a_sum_that_several_quorums_open_is_the_sum_and_everybody_has_it(one: Threshold) -> None:
    total = one.confirmed(UPDATES, number=1, day=2.0)

    assert total.numbers.tolist() == TOTAL
    assert [row.purpose for row in total.crossings].count("partial") == 3 * 3
    assert {member.left for member in one.clients.values()} == {4096 - 3}
    assert one.total(UPDATES, number=2, day=2.0).numbers.tolist() == TOTAL
    assert one.confirmed(UPDATES, number=3, day=2.0, quorums=every(PARTIES, 3)).numbers.tolist() == TOTAL


def test_a_shift_that_one_quorum_does_not_notice_is_seen_by_the_next(one: Threshold) -> None:
    with lying(one):
        assert one.total(UPDATES, number=1, day=0.0).numbers.tolist() == [TOTAL[0] + 41, *TOTAL[1:]]
        with pytest.raises(RoundError, match="its quorums open different sums") as refused:
            one.confirmed(UPDATES, number=2, day=0.0)
    assert LIAR in refused.value.parties
    assert one.confirmed(UPDATES, number=3, day=0.0).numbers.tolist() == TOTAL


@pytest.mark.parametrize("party", PARTIES)
def test_any_single_liar_is_seen_by_quorums_of_which_nobody_is_in_all(one: Threshold, party: str) -> None:
    with lying(one, party), pytest.raises(RoundError) as refused:
        one.confirmed(UPDATES, number=1, day=0.0)
    assert party in refused.value.parties


@pytest.mark.parametrize("party", [PARTIES[0], PARTIES[4]])
def test_all_quorums_of_three_among_five_tell_a_single_liar_from_the_honest(one: Threshold, party: str) -> None:
    with lying(one, party), pytest.raises(RoundError) as refused:
        one.confirmed(UPDATES, number=1, day=0.0, quorums=every(PARTIES, 3))
    assert refused.value.parties == (party,)


def test_a_wrong_share_spoils_every_quorum_that_it_is_in_and_is_told_by_the_others(one: Threshold) -> None:
    rubbish(one)
    with pytest.raises(RoundError) as refused:
        one.confirmed(UPDATES, number=1, day=0.0, quorums=every(PARTIES, 3))
    assert refused.value.parties == (LIAR,)


def test_a_liar_that_lies_only_beside_another_cannot_be_told_from_it(one: Threshold) -> None:
    with lying(one, when=lambda quorum: "west" in quorum), pytest.raises(RoundError) as refused:
        one.confirmed(UPDATES, number=1, day=0.0, quorums=every(PARTIES, 3))
    assert refused.value.parties == (LIAR, "west")


def test_two_liars_of_five_are_seen_but_the_honest_are_listed_with_them(one: Threshold) -> None:
    with lying(one, "north"), lying(one, "up", 17), pytest.raises(RoundError) as refused:
        one.confirmed(UPDATES, number=1, day=0.0, quorums=every(PARTIES, 3))
    assert {"north", "up"} <= set(refused.value.parties)


def test_where_all_open_together_no_second_quorum_checks_the_first() -> None:
    one = federation(PARTIES[:3], 3)
    given_ = {party: UPDATES[party] for party in PARTIES[:3]}
    with lying(one):
        assert one.total(given_, number=1, day=0.0).numbers[0] == sum(UPDATES[p][0] for p in PARTIES[:3]) + 41
    with pytest.raises(ProtectionError, match="all 3 parties open together: no second quorum can check the first"):
        one.confirmed(given_, number=2, day=0.0)


def test_liars_in_every_quorum_that_shift_alike_are_not_seen() -> None:
    one = federation(PARTIES[:3], 2)
    given_ = {party: UPDATES[party] for party in PARTIES[:3]}
    first = lambda name: lambda quorum: min(set(quorum) & {"east", "north"}) == name  # noqa: E731
    with lying(one, "east", when=first("east")), lying(one, "north", when=first("north")):
        total = one.confirmed(given_, number=1, day=0.0)

    assert total.numbers[0] == sum(int(update[0]) for update in given_.values()) + 41


def test_nobody_can_ask_for_a_second_answer_that_its_party_did_not_decide_on(one: Threshold) -> None:
    stand = posted(one, 1)
    stand.receive()
    east = one.clients["east"]
    east.answer(PARTIES[:3], 1)
    with pytest.raises(ProtectionError, match="'east' is at round 1, open, not at round 1, done"):
        east.another(1)
    with pytest.raises(ProtectionError, match="not at round 1, receive"):
        east.confirm(3, 1)


def test_a_quorum_opens_a_sum_once_however_many_were_decided_on(one: Threshold) -> None:
    with pytest.raises(ProtectionError, match="has opened the sum"):
        one.confirmed(UPDATES, number=1, day=0.0, quorums=[PARTIES[:3], PARTIES[:3]])


def test_a_key_with_too_few_openings_left_for_all_quorums_is_renewed_first(
    one: Threshold, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learning.crypto.threshold import key as key_module

    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 4)
    for number in (1, 2):
        assert one.confirmed(UPDATES, number=number, day=0.0).numbers.tolist() == TOTAL
    assert one.coordinator.roster.epoch == 2


@given(st.integers(2, 40), st.data())
def test_quorums_that_cover_leave_everybody_out_once_and_are_as_few_as_can_be(
    parties: int, data: st.DataObject
) -> None:
    names = [f"p{number:02}" for number in range(parties)]
    threshold = data.draw(st.integers(1, parties - 1))
    found = covering(names, threshold)

    assert {len(set(quorum)) for quorum in found} == {threshold}
    assert not set.intersection(*map(set, found))
    assert len(found) == -(-parties // (parties - threshold))


@given(st.integers(4, 7), st.data())
def test_who_lies_everywhere_is_told_where_two_more_than_open_take_part_and_an_honest_party_never_alone(
    parties: int, data: st.DataObject
) -> None:
    names = [f"p{number}" for number in range(parties)]
    threshold = data.draw(st.integers(2, parties - 2))
    liar = data.draw(st.sampled_from(names))
    spoilt = data.draw(st.sampled_from([None, b"another"]))
    told = {quorum: spoilt if liar in quorum else b"sum" for quorum in every(names, threshold)}
    lies = data.draw(st.sets(st.sampled_from([quorum for quorum in told if liar in quorum]), min_size=1))
    sometimes = {quorum: told[quorum] if quorum in lies else b"sum" for quorum in told}

    assert suspects(told) == (liar,)
    assert liar in suspects(sometimes)


def test_too_many_quorums_are_refused() -> None:
    with pytest.raises(ProtectionError, match=f"at most {MOST} open a sum"):
        every([f"p{number:02}" for number in range(20)], 10)
