"""An active server asks for what it should not get: refused under threshold, while each succeeds under a shared key."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import IntArray
from learning.crossings import COORDINATOR
from learning.crypto.envelope import LENGTH_BYTES, MAGIC, wrap
from learning.crypto.threshold.key import fuse
from learning.crypto.threshold.ring import negate
from learning.crypto.threshold.seal import seal
from learning.faults import ProtectionError, RoundError, SenderError
from learning.threshold.federation import Threshold
from tests.learning.by_hand import EXTREME, LAYOUT, by_hand, framed
from tests.learning.by_hand import PARTIES as CONTROL
from tests.learning.threshold_by_hand import PARTIES, UPDATES, Stand, federation, keys, made_to_fit, posted, total

QUORUM = PARTIES[:3]


@pytest.fixture
def one() -> Threshold:
    """A federation of its own for every attack."""
    return federation()


@pytest.fixture(scope="module")
def stand() -> Stand:
    """A round up to the posted updates, for wrong ones that change nothing."""
    return posted(federation(), 1)


def opened_under_a_shared_key(weights: Mapping[str, int], crafted: IntArray | None = None) -> list[int]:
    """What a client reads of a sum that an active server made of these multiples of the updates, and something crafted.

    The server holds no key. It multiplies and adds ciphertexts, adds public numbers, and makes the checks fit.
    """
    import tenseal as ts

    ends = by_hand()
    slots = {party: LAYOUT.spread(EXTREME[party], party)[0] for party in CONTROL}
    sealed = {party: ends.key.seal(slots[party]) for party in CONTROL}
    for party in CONTROL:
        ends.clients[party].seal(EXTREME[party], 1)
    context = ends.coordinator.adder.context
    vectors = {party: ts.ckks_vector_from(context, ciphertext) for party, ciphertext in sealed.items()}
    taken = [vectors[party] for party, times in weights.items() for _ in range(times)]
    forged = taken[0]
    for vector in taken[1:]:
        forged = forged + vector
    # the checks are linear and public: the server corrects them without knowing an update
    known = {party: checks_alone(slots[party]) for party in CONTROL}
    extra = np.zeros_like(slots[CONTROL[0]])
    if crafted is not None:
        extra[: len(crafted)] = crafted
    correction = made_to_fit(LAYOUT, sum(times * known[party] for party, times in weights.items()) + extra)
    forged = forged + (extra + correction).astype(float).tolist()
    wire = wrap(ends.terms.total("north", 1), framed(forged.serialize()), ends.keys["north"])
    found: list[int] = ends.clients["north"].open(wire, 1).tolist()
    return found


def checks_alone(slots: IntArray) -> IntArray:
    """The count and code of a party's slots with a checksum over these two alone: all that the server knows of them."""
    from tests.learning.threshold_by_hand import weight_of

    kept = np.zeros_like(slots)
    last = len(slots) - LAYOUT.limbs
    kept[last - 2 : last] = slots[last - 2 : last]
    kept[last] = sum(weight_of(LAYOUT, place) * int(kept[place]) for place in (last - 2, last - 1))
    return kept


ONE_OF_EACH = dict.fromkeys(CONTROL, 1)


def test_a_crafted_addition_is_opened_under_a_shared_key() -> None:
    crafted = np.zeros(3 * LAYOUT.limbs, dtype=np.int64)
    crafted[2 * LAYOUT.limbs] = 5

    opened = opened_under_a_shared_key(ONE_OF_EACH, crafted)

    assert opened == (3 * EXTREME["north"] + np.array([0, 0, 5, 0, 0, 0])).tolist()


def test_a_crafted_ciphertext_is_refused_under_threshold(one: Threshold) -> None:
    stand = posted(one, 1)
    crafted = bytearray(stand.updates["north"])
    crafted[len(crafted) // 2] ^= 1
    for wrong in (bytes(crafted), b"rubbish", stand.updates["north"] + b"\0"):
        with pytest.raises(SenderError, match="'north' did not sign what it passes on") as refused:
            stand.receive(stand.updates | {"north": wrong})
        assert refused.value.parties == (COORDINATOR,)
    with pytest.raises(ProtectionError, match="'extra' does not belong"):
        stand.receive(stand.updates | {"extra": stand.updates["north"]})


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_flipped_bit_and_a_cut_anywhere_are_refused_under_threshold(
    stand: Stand, place: float, bit: int, cut: bool
) -> None:
    sound = stand.updates["north"]
    at = int(place * len(sound))
    changed = bytearray(sound)
    changed[at] ^= 1 << bit

    with pytest.raises(SenderError) as refused:
        stand.receive(stand.updates | {"north": sound[:at] if cut else bytes(changed)})
    assert refused.value.parties == (COORDINATOR,)


@pytest.mark.parametrize(
    "head", [b"", b"{", b"[]", b'"text"', bytes([255, 254]), b"[" * 1900, b"{}" * 2000, b'{"round": NaN}'], ids=range(8)
)
def test_a_signed_envelope_with_rubbish_for_a_header_is_refused(stand: Stand, head: bytes) -> None:
    body = MAGIC + len(head).to_bytes(LENGTH_BYTES, "big") + head + b"payload"
    wrong = body + stand.federation.identities["north"].tag(body)

    with pytest.raises(RoundError) as refused:
        stand.receive(stand.updates | {"north": wrong})
    assert refused.value.parties == ("north", COORDINATOR)


def test_an_update_of_an_older_round_is_opened_again_under_a_shared_key() -> None:
    ends = by_hand()
    older = ends.key.seal(LAYOUT.spread(np.array([9, 9, 9, 9, 9, 9]), "south")[0])
    fresh = {party: ends.key.seal(LAYOUT.spread(EXTREME[party], party)[0]) for party in CONTROL}
    ends.clients["north"].seal(EXTREME["north"], 2)
    replayed = ends.coordinator.adder.add(fresh | {"south": older}, LAYOUT.slot_counts()[0])
    wire = wrap(ends.terms.total("north", 2), framed(replayed), ends.keys["north"])

    assert ends.clients["north"].open(wire, 2).tolist() == (2 * EXTREME["north"] + 9).tolist()


def test_a_replayed_update_is_refused_under_threshold(one: Threshold) -> None:
    first = posted(one, 1)
    second = posted(one, 2)

    with pytest.raises(RoundError, match="round is 1, not 2") as refused:
        second.receive(second.updates | {"south": first.updates["south"]})
    assert refused.value.parties == ("south", COORDINATOR)


def test_a_double_count_is_opened_under_a_shared_key() -> None:
    opened = opened_under_a_shared_key({"north": 1, "south": 2})

    assert opened == (3 * EXTREME["south"]).tolist()


def test_a_double_count_is_refused_under_threshold(one: Threshold) -> None:
    stand = posted(one, 1)

    with pytest.raises(SenderError, match="'south' did not sign what it passes on as its update") as refused:
        stand.receive(stand.updates | {"south": stand.updates["north"]})
    assert refused.value.parties == (COORDINATOR,)


def test_a_sum_without_one_party_is_opened_under_a_shared_key() -> None:
    assert opened_under_a_shared_key({"east": 1, "north": 1}) == (2 * EXTREME["east"]).tolist()


def test_a_sum_without_one_party_is_refused_under_threshold(one: Threshold) -> None:
    stand = posted(one, 1)
    for party in PARTIES:
        without = {name: wire for name, wire in stand.updates.items() if name != party}
        with pytest.raises(ProtectionError, match=f"'{party}' is missing") as refused:
            stand.receive(without)
        assert refused.value.parties == (party,)


def test_the_difference_of_two_opened_sums_is_an_update_under_a_shared_key() -> None:
    whole = np.array(opened_under_a_shared_key(ONE_OF_EACH))
    without = np.array(opened_under_a_shared_key({"east": 1, "north": 1}))

    assert (whole - without).tolist() == EXTREME["south"].tolist()


def test_a_second_opening_of_a_round_is_refused_under_threshold_whatever_the_quorum(one: Threshold) -> None:
    stand = posted(one, 1)
    stand.receive()
    east = one.clients["east"]
    east.answer(QUORUM, 1)

    for quorum in (QUORUM, ("east", "up", "west")):
        with pytest.raises(ProtectionError, match="'east' is at round 1, open, not at round 1, answer"):
            east.answer(quorum, 1)
    with pytest.raises(ProtectionError, match="not at round 1, receive"):
        east.receive(stand.updates, 1)
    with pytest.raises(ProtectionError, match="'east' has already sealed round 1"):
        east.commit(UPDATES["east"], 1)


def test_an_update_made_out_of_anothers_opens_the_rest_alone_where_it_is_not_committed_to() -> None:
    """The control: what the commitments of a round are for. All keys are sound, one ciphertext is the other's minus."""
    held = keys(3, 2)
    north, south = np.arange(1.0, 100.0), np.arange(500.0, 599.0)
    first, second = held.halves(north), held.halves(south)
    forged = negate(first[0]), negate(first[1])
    c0, c1 = total([first[0], second[0], forged[0]]), total([first[1], second[1], forged[1]])
    parts = [held.parts[place - 1].partial(c1, place, (1, 2)) for place in (1, 2)]

    assert seal().decode(fuse(c0, parts))[:99] == pytest.approx(south, abs=0.05)


def test_who_makes_its_update_out_of_anothers_is_named_under_threshold(one: Threshold) -> None:
    stand = posted(one, 1)
    copied = stand.updates["west"]
    end = copied.index(b"}") + 1
    other = stand.updates["north"]
    forged = copied[:end] + other[other.index(b"}") + 1 : -64]
    stand.updates["west"] = forged + one.identities["west"].tag(forged)

    with pytest.raises(SenderError, match="its update is not the one it committed to") as refused:
        one.clients["east"].receive(stand.updates, 1)
    assert refused.value.parties == ("west",)


def test_two_parties_that_were_shown_different_commitments_find_out_before_either_answers(one: Threshold) -> None:
    """The server and a party in its pay commit anew once they have seen an honest update."""
    members = one.clients
    commitments = {party: members[party].commit(UPDATES[party], 1) for party in PARTIES}
    end = commitments["west"].index(b"}") + 1
    second = commitments["west"][:end] + bytes(64)
    other = commitments | {"west": second + one.identities["west"].tag(second)}
    shown = {party: other if party == "north" else commitments for party in PARTIES}
    reveals = {party: members[party].reveal(shown[party], 1) for party in PARTIES}

    for party in ("east", "north"):
        with pytest.raises(RoundError, match="parameters") as refused:
            members[party].receive(reveals, 1)
        assert COORDINATOR in refused.value.parties
        with pytest.raises(ProtectionError, match="not at round 1, answer"):
            members[party].answer(QUORUM, 1)


def test_a_commitment_that_its_party_never_signed_is_refused_by_whoever_opens(one: Threshold) -> None:
    """The server makes one up and shows it to all: who does not open checks no signature, and nothing is opened."""
    members = one.clients
    commitments = {party: members[party].commit(UPDATES[party], 1) for party in PARTIES}
    commitments["west"] = commitments["west"][:-64] + bytes(64)
    with pytest.raises(SenderError, match="'west' did not sign"):
        members["up"].check(commitments, 1)
    reveals = {party: members[party].reveal(commitments, 1) for party in PARTIES}

    for party in QUORUM:
        with pytest.raises(SenderError, match="'west' did not sign what it passes on as its commitment") as refused:
            members[party].receive(reveals, 1)
        assert refused.value.parties == (COORDINATOR,)
        with pytest.raises(ProtectionError, match="not at round 1, answer"):
            members[party].answer(QUORUM, 1)


def test_two_quorums_at_once_open_nothing_wrong(one: Threshold) -> None:
    stand = posted(one, 1)
    stand.receive()
    other = ("north", "south", "up")
    answers = {"east": one.clients["east"].answer(QUORUM, 1)}
    answers |= {party: one.clients[party].answer(other, 1) for party in ("north", "south")}
    one.clients["west"].watch(QUORUM, 1)

    with pytest.raises(RoundError) as refused:
        one.clients["west"].open(answers, 1)
    assert refused.value.parties == ("north", COORDINATOR)
