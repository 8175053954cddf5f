"""A party that signs what it should not: nothing is opened, and it is named where what it signed proves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from learning.arrays import IntArray
from learning.crossings import COORDINATOR
from learning.crypto.slots import Layout, join_limbs, split_limbs
from learning.faults import ProtectionError, RoundError, SenderError
from learning.protect import PROTECTIONS, protection
from learning.quantise import quantise
from tests.learning.by_hand import BUDGET, EXTREME, LAYOUT, PARTIES, VALUES, by_hand, in_clear, wires_of_round

LIAR = "north"
SUM = [3 * int(number) for number in EXTREME[LIAR]]
HONEST = Layout.spread


@pytest.fixture(scope="module", params=sorted(PROTECTIONS))
def federation(request: pytest.FixtureRequest, federation_of: Callable[..., Any]) -> Any:
    """One federation of each protection: what is refused leaves it sound."""
    return federation_of(request.param, PARTIES, VALUES)


@pytest.fixture(scope="module", params=["plain", "shared_key", "threshold"])
def slotted(request: pytest.FixtureRequest, federation_of: Callable[..., Any]) -> Any:
    """One federation of each protection whose checks are slots."""
    return federation_of(request.param, PARTIES, VALUES)


def over_its_range(layout: Layout, slots: IntArray) -> IntArray:
    slots[0] = 8 * layout.limb_bound
    return slots


def add(place: int, value: int) -> Callable[[Layout, IntArray], IntArray]:
    def forged(layout: Layout, slots: IntArray) -> IntArray:
        slots[place] += value
        return slots

    return forged


def as_another(layout: Layout, slots: IntArray) -> IntArray:
    return HONEST(layout, EXTREME[LIAR], "south")[0]


def twice(layout: Layout, slots: IntArray) -> IntArray:
    return 2 * slots


def of_nothing(layout: Layout, slots: IntArray) -> IntArray:
    return 0 * slots


def too_large(layout: Layout, slots: IntArray) -> IntArray:
    """A number four times over what a party may send, with a checksum to match."""
    step = HONEST(layout, np.full(VALUES, layout.limit // 2), LIAR)[0] - HONEST(layout, 0 * EXTREME[LIAR], LIAR)[0]
    slots = HONEST(layout, 0 * EXTREME[LIAR], LIAR)[0] + 12 * step
    slots[-layout.check_limbs :] = split_limbs(
        join_limbs(slots[-layout.check_limbs :], layout.limb_bits), layout.check_limbs, layout.limb_bits
    )
    return slots


FORGED = {
    "a slot over its range": over_its_range,
    "a number over its range": too_large,
    "a count of two": add(-4, 1),
    "a count of none": add(-4, -1),
    "another's code": as_another,
    "a wrong code": add(-3, 7),
    "a wrong checksum": add(-1, 1),
    "a number that its checksum does not know": add(0, 1),
    "everything twice": twice,
    "nothing at all": of_nothing,
}


def lying(monkeypatch: pytest.MonkeyPatch, forge: Callable[[Layout, IntArray], Any]) -> None:
    """Let one party seal something else than its numbers."""

    def spread(layout: Layout, numbers: IntArray, party: str) -> list[Any]:
        chunks = HONEST(layout, numbers, party)
        return [forge(layout, chunk) for chunk in chunks] if party == LIAR else chunks

    monkeypatch.setattr(Layout, "spread", spread)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_slots_that_do_not_fit_stop_the_round_and_all_who_had_a_hand_in_it_are_listed(
    slotted: Any, forge: Callable[[Layout, IntArray], IntArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch, forge)
    with pytest.raises(RoundError) as refused:
        slotted.total(EXTREME)
    monkeypatch.undo()

    assert refused.value.parties == (*PARTIES, COORDINATOR)
    assert slotted.total(EXTREME).tolist() == SUM


SIDE_BY_SIDE = 8
"""More slots than ever lie in one coefficient, where no one sees that the last of them are none."""


def a_digit_more(packed: Any) -> Any:
    packed[0, 0] += 1
    return packed


def far_out(packed: Any) -> Any:
    packed[0, 5] = 2**50
    return packed


def padded(packed: Any) -> Any:
    packed[0, -1] = 3
    return packed


@pytest.mark.parametrize("where", ["pack", "checksums"])
@pytest.mark.parametrize("forge", [a_digit_more, far_out, padded, lambda packed: 2 * packed])
def test_digits_and_checksums_of_a_compact_update_that_do_not_fit_stop_the_round(
    federation_of: Callable[..., Any], where: str, forge: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from learning.crypto.compact.check import CheckKey
    from learning.crypto.compact.packing import Packing

    federation = federation_of("compact", PARTIES, VALUES)
    pack, checksums = Packing.pack, CheckKey.checksums

    def packed(one: Packing, numbers: IntArray, party: str) -> Any:
        found = pack(one, numbers, party)
        return forge(found) if party == LIAR and where == "pack" else found

    def checked(one: CheckKey, packed: Any, number: int, parties: Any) -> Any:
        found = checksums(one, packed, number, parties)
        return (found + 5) % 97 if list(parties) == [LIAR] and where == "checksums" else found

    monkeypatch.setattr(Packing, "pack", packed)
    monkeypatch.setattr(CheckKey, "checksums", checked)
    with pytest.raises(RoundError) as refused:
        federation.total(EXTREME)
    monkeypatch.undo()

    assert refused.value.parties == (*PARTIES, COORDINATOR)
    assert federation.total(EXTREME).tolist() == SUM


SHORT: dict[str, Callable[[Layout, IntArray], Any]] = {
    "a single one": lambda layout, slots: slots[:1],
    "short": lambda layout, slots: slots[:-SIDE_BY_SIDE],
    "long": lambda layout, slots: np.append(slots, [0] * SIDE_BY_SIDE),
}


@pytest.mark.parametrize("forge", SHORT.values(), ids=SHORT)
def test_slots_of_another_number_are_blamed_on_their_sender(
    slotted: Any, forge: Callable[[Layout, IntArray], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch, forge)
    with pytest.raises(SenderError) as refused:
        slotted.total(EXTREME)
    monkeypatch.undo()

    assert refused.value.parties == (LIAR,)
    assert slotted.total(EXTREME).tolist() == SUM


WRONG: dict[str, Any] = {
    "empty": np.array([], dtype=np.int64),
    "too short": np.zeros(VALUES - 1, dtype=np.int64),
    "too long": np.zeros(VALUES + 1, dtype=np.int64),
    "of two rows": np.zeros((1, VALUES), dtype=np.int64),
    "real numbers": np.zeros(VALUES),
    "not a number": np.full(VALUES, np.nan),
    "infinite": np.full(VALUES, np.inf),
    "unsigned": np.zeros(VALUES, dtype=np.uint64),
    "objects": np.array([2**70] * VALUES, dtype=object),
    "a list": [0] * VALUES,
    "nothing": None,
    "over the range": np.full(VALUES, BUDGET + 1),
    "the least whole number": np.full(VALUES, np.iinfo(np.int64).min),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_update_that_is_none_names_its_party_and_seals_nothing(federation: Any, wrong: Any) -> None:
    before = [end.sealed_round for end in federation.protection.clients.values()]
    with pytest.raises(ProtectionError, match=f"'{LIAR}'") as refused:
        federation.total(EXTREME | {LIAR: wrong})

    assert refused.value.parties == (LIAR,)
    assert [end.sealed_round for end in federation.protection.clients.values()] == before
    assert federation.total(EXTREME).tolist() == SUM


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, 2.0**40])
def test_a_number_that_cannot_be_quantised_names_its_party_and_not_the_number(value: float) -> None:
    with pytest.raises(ProtectionError, match="entry 1 of its update is outside") as refused:
        quantise(np.array([0.0, value]), party=LIAR, parties=3)

    assert refused.value.parties == (LIAR,)
    assert str(value) not in str(refused.value)


def test_a_silent_party_stops_the_round_by_name_and_the_next_one_is_whole(federation: Any) -> None:
    rest = {party: update for party, update in EXTREME.items() if party != LIAR}
    with pytest.raises(ProtectionError, match=f"'{LIAR}' is missing") as refused:
        federation.total(rest)

    assert refused.value.parties == (LIAR,)
    assert federation.total(EXTREME).tolist() == SUM


@pytest.mark.parametrize("word", sorted(PROTECTIONS))
@pytest.mark.parametrize("values", [0, -1])
def test_an_update_without_numbers_is_refused_before_any_key_is_drawn(word: str, values: int) -> None:
    with pytest.raises(ProtectionError, match=f"an update of {values} numbers"):
        protection(word, PARTIES, values)


@pytest.mark.parametrize(
    ("needed", "parties", "message"),
    [
        (4, 3, "threshold 4 does not fit 3 parties: at least 2 and at most all of them"),
        (1, 3, "threshold 1 does not fit 3 parties"),
        (0, 3, "threshold 0 does not fit 3 parties"),
        (-2, 3, "threshold -2 does not fit 3 parties"),
        (2, 1, "a sum over 'a' alone is its update"),
    ],
)
def test_a_threshold_that_the_parties_cannot_reach_is_refused(needed: int, parties: int, message: str) -> None:
    with pytest.raises(ProtectionError, match=message):
        protection("threshold", "abc"[:parties], VALUES, 0.0, needed)


@pytest.mark.parametrize("made", [by_hand, in_clear])
def test_an_envelope_is_used_up_by_its_opening_whatever_it_holds(made: Callable[[], Any]) -> None:
    ends = made()
    down = ends.coordinator.combine(wires_of_round(ends, 1), 1)
    first = wires_of_round(ends, 2)
    for party, end in ends.clients.items():
        with pytest.raises(ProtectionError, match=f"'{party}' has sealed round 2, not 1"):
            end.open(down[party], 1)
    down = ends.coordinator.combine(first, 2)

    assert ends.clients[LIAR].open(down[LIAR], 2).tolist() == SUM
    with pytest.raises(ProtectionError, match=f"'{LIAR}' has already opened the sum of round 2"):
        ends.clients[LIAR].open(down[LIAR], 2)


def test_a_coordinator_learns_from_one_forged_sum_a_round_whether_it_was_refused_and_from_no_second() -> None:
    from learning.crypto.envelope import wrap
    from tests.learning.by_hand import framed

    ends = by_hand()
    wires_of_round(ends, 1)
    forged = wrap(ends.terms.total(LIAR, 1), framed(ends.key.seal(np.zeros(30, dtype=np.int64))), ends.keys[LIAR])

    with pytest.raises(RoundError):
        ends.clients[LIAR].open(forged, 1)
    with pytest.raises(ProtectionError, match="has already opened the sum of round 1"):
        ends.clients[LIAR].open(forged, 1)


def test_ciphertexts_of_two_parties_that_cancel_stop_the_round_and_both_are_listed() -> None:
    import tenseal as ts

    ends = by_hand()
    context = ts.context_from(ends.key.hand_over(), n_threads=1)
    one = ts.ckks_vector(context, HONEST(LAYOUT, EXTREME["east"], "east")[0].tolist())
    sent = {"east": one.serialize(), "north": (-one).serialize(), "south": one.serialize()}

    with pytest.raises(RoundError, match="their ciphertexts cancel") as refused:
        ends.coordinator.adder.add(sent, LAYOUT.slot_counts()[0])
    assert refused.value.parties == ("east", "north")
