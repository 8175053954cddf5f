"""Compact rounds: exact sums, parties that fall silent, and whom a wrong envelope is blamed on."""

from __future__ import annotations

import copy
import pickle
from itertools import combinations

import numpy as np
import pytest

from learning.compact.federation import Compact
from learning.crossings import COORDINATOR
from learning.crypto.compact.bfv import scheme
from learning.crypto.compact.parameters import DEGREE
from learning.crypto.envelope import wrap
from learning.crypto.slots import Layout
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.protect import protection
from tests.learning.compact_by_hand import PARTIES, TOTAL, UPDATES, Stand, federation, held_by, round_of, started
from tests.learning.threshold_by_hand import checks_of_nothing

RING = tuple("abcdefghi")
RING_UPDATES = {party: np.array([place, 2**30, -place, 0]) for place, party in enumerate(RING, 1)}


@pytest.fixture(scope="module")
def one() -> Compact:
    """Five parties, each masked with all others."""
    return federation()


@pytest.fixture(scope="module")
def ring() -> Compact:
    """Nine parties in a ring with six neighbours each: two traitors, any three missing."""
    return federation(RING, 3, 6)


def fresh(one: Compact) -> int:
    """A round number that was never used."""
    return 1 + max(member.sealed_round for member in one.clients.values())


def test_all_parties_open_the_same_exact_sum(one: Compact) -> None:
    stand = started(one, fresh(one)).seal().agree().reveal()
    down = stand.total()

    assert [one.clients[party].open(down[party], stand.number).tolist() for party in PARTIES] == [TOTAL] * 5


def test_rounds_differ_in_every_byte_that_is_secret_and_not_in_their_sums(one: Compact) -> None:
    first, second = (one.total(UPDATES, number=fresh(one), day=0.0) for _ in range(2))

    assert first.numbers.tolist() == second.numbers.tolist() == TOTAL
    assert first.missing == ()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_whoever_falls_silent_after_the_update_is_still_in_the_sum(ring: Compact, count: int) -> None:
    assert ring.rules.absences == 3
    for silent in list(combinations(RING, count))[::9]:
        found = ring.total(RING_UPDATES, number=fresh(ring), day=0.0, silent=silent)
        assert found.numbers.tolist() == np.sum(list(RING_UPDATES.values()), axis=0).tolist()
        assert found.missing == ()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_whose_update_never_comes_is_left_out_and_named(ring: Compact, count: int) -> None:
    for lost in list(combinations(RING, count))[::9]:
        found = ring.total(RING_UPDATES, number=fresh(ring), day=0.0, lost=lost)
        left = [update for party, update in RING_UPDATES.items() if party not in lost]
        assert found.numbers.tolist() == np.sum(left, axis=0).tolist()
        assert found.missing == lost


def test_some_may_be_lost_and_others_silent(ring: Compact) -> None:
    found = ring.total(RING_UPDATES, number=fresh(ring), day=0.0, lost=["b"], silent=["c", "d"])

    assert found.numbers[0] == 45 - 2


def test_with_one_silence_too_many_nothing_is_opened_and_the_silent_are_named(one: Compact, ring: Compact) -> None:
    with pytest.raises(ProtectionError, match="3 of 5 parties are left to sum, 4 are needed") as refused:
        one.total(UPDATES, number=fresh(one), day=0.0, lost=["up", "north"])
    assert refused.value.parties == ("north", "up")
    with pytest.raises(ProtectionError, match="3 parties signed the list of round") as refused:
        one.total(UPDATES, number=fresh(one), day=0.0, silent=["up", "north"])
    assert refused.value.parties == ("north", "up")
    with pytest.raises(ProtectionError, match=r"no longer hold against 2 traitors; silent: a, b$"):
        started(federation(RING, 3, 4), 1, RING_UPDATES).seal().agree(lost="ab")
    assert one.total(UPDATES, number=fresh(one), day=0.0).numbers.tolist() == TOTAL


def test_a_round_after_one_that_stopped_is_sound(ring: Compact) -> None:
    stand = started(ring, fresh(ring), RING_UPDATES).seal()
    with pytest.raises(ProtectionError):
        stand.agree(lost="abcd")

    assert ring.total(RING_UPDATES, number=fresh(ring), day=0.0).numbers[0] == 45


def flipped(wire: bytes, at: int) -> bytes:
    changed = bytearray(wire)
    changed[at] ^= 1
    return bytes(changed)


def test_a_changed_cut_replayed_or_foreign_envelope_is_refused_and_named_at_every_step(one: Compact) -> None:
    old = started(one, fresh(one)).seal().agree().reveal()
    stand = started(one, fresh(one))
    stand.dealt = {party: end.deal(stand.number) for party, end in stand.members.items()}
    stranger = federation().identities["north"]

    def wrong_ones(good: bytes, older: bytes, other: bytes, purpose: str) -> list[bytes]:
        forged = wrap(stand.board.agreed.header("north", purpose, stand.number, ""), b"", stranger)
        ends = [flipped(good, at) for at in (0, 30, len(good) // 2, len(good) - 1)]
        return [*ends, good[:-1], good[: len(good) // 2], b"", older, other, forged]

    def refused(step: object, wires: dict[str, bytes], older: bytes, purpose: str) -> None:
        for wrong in wrong_ones(wires["north"], older, wires["up"], purpose):
            with pytest.raises(SenderError) as told:
                step({**wires, "north": wrong}, stand.number)  # type: ignore[operator]
            assert told.value.parties == ("north",)

    def collect(wires: dict[str, bytes], number: int) -> object:
        return stand.board.collect({p: stand.sealed[p]._replace(update=wire) for p, wire in wires.items()}, number)

    refused(stand.board.deal, stand.dealt, old.dealt["north"], "mask shares")
    stand.handed = stand.board.deal(stand.dealt, stand.number)
    stand.sealed = {p: end.seal(UPDATES[p], *stand.handed[p], stand.number) for p, end in stand.members.items()}
    refused(collect, {p: one_.update for p, one_ in stand.sealed.items()}, old.sealed["north"].update, "update")
    stand.agree()
    refused(stand.board.agreements, stand.signed, old.signed["north"], "agreement")
    stand.reveal()
    refused(stand.board.total, stand.shown, old.shown["north"], "mask opening")
    assert one.clients["east"].open(stand.total()["east"], stand.number).tolist() == TOTAL


def test_a_sum_that_is_changed_replayed_or_made_for_others_is_blamed_on_the_coordinator(one: Compact) -> None:
    old = started(one, fresh(one)).seal().agree().reveal().total()
    stand = started(one, fresh(one)).seal().agree().reveal()
    good = stand.total()["north"]
    for wrong in (flipped(good, 40), flipped(good, len(good) - 100), good[:-5], b"", old["north"]):
        with pytest.raises(SenderError) as refused:
            one.clients["north"].open(wrong, stand.number)
        assert refused.value.parties == (COORDINATOR,)
    assert one.clients["north"].open(good, stand.number).tolist() == TOTAL


def forged_sum(stand: Stand, coefficient: int, amount: int) -> bytes:
    """A sum that the coordinator changed by adding to a ciphertext, signed as it should be."""
    good = stand.total()["north"]
    used = scheme(stand.board.agreed.packing.modulus)
    (chunk,) = unframe(good[good.index(b"}") + 1 : -64], COORDINATOR, 1)
    added = np.zeros(DEGREE, dtype=np.uint64)
    added[coefficient] = stand.board.agreed.packing.modulus - amount
    context = round_of(stand.board).context
    payload = frame([used.subtract(used.ciphertext(chunk), added)])
    header = stand.board.agreed.header(COORDINATOR, "sum", stand.number, context)
    return wrap(header, payload, stand.one.carrier)


@pytest.mark.parametrize(("coefficient", "amount"), [(0, 1), (0, 2**27), (3, 2**50), (DEGREE - 1, 1)])
def test_a_coordinator_that_adds_to_the_sum_is_refused_by_the_checksum(
    one: Compact, coefficient: int, amount: int
) -> None:
    stand = started(one, fresh(one)).seal().agree().reveal()

    with pytest.raises(RoundError, match="the checksum of the sum is wrong") as refused:
        one.clients["north"].open(forged_sum(stand, coefficient, amount), stand.number)
    assert refused.value.parties == (*PARTIES, COORDINATOR)
    one.clients["north"].failures = 0


def test_a_coordinator_learns_from_one_forged_sum_a_round_whether_it_was_refused_and_from_no_second(
    one: Compact,
) -> None:
    stand = started(one, fresh(one)).seal().agree().reveal()
    forged = forged_sum(stand, 0, 1)

    with pytest.raises(RoundError, match="the checksum of the sum is wrong"):
        one.clients["north"].open(forged, stand.number)
    with pytest.raises(ProtectionError, match=f"'north' is at round {stand.number}, done"):
        one.clients["north"].open(forged, stand.number)
    assert one.clients["north"].failures == 1
    one.clients["north"].failures = 0


def test_where_the_weights_of_the_checksum_are_public_the_same_addition_passes_unnoticed() -> None:
    layout = Layout(PARTIES, 4)
    slots = [layout.spread(UPDATES[party], party)[0] for party in PARTIES]
    total = np.sum(slots, axis=0) + checks_of_nothing(layout, 5)

    assert layout.gather([total.astype(float)])[0] == TOTAL[0] + 5


def test_after_a_sum_that_did_not_open_the_party_wants_a_new_key_and_gets_one() -> None:
    one = federation()
    stand = started(one, 1).seal().agree().reveal()
    with pytest.raises(RoundError):
        one.clients["north"].open(forged_sum(stand, 0, 1), 1)

    with pytest.raises(ProtectionError, match="'north': a sum did not open; a new key is due"):
        one.clients["north"].deal(2)
    total = one.total(UPDATES, number=2, day=3.0)
    assert total.numbers.tolist() == TOTAL
    assert [row.purpose for row in total.crossings[:5]] == ["agreement key"] * 5


def test_a_renewed_key_opens_nothing_old_and_rounds_go_on_counting(one: Compact) -> None:
    other = federation()
    stand = started(other, 1).seal()
    other.total(UPDATES, number=2, day=0.0)
    other.rotate(1.0)

    with pytest.raises(ProtectionError, match="has already sealed round 2"):
        other.clients["north"].deal(2)
    assert other.total(UPDATES, number=3, day=1.0).numbers.tolist() == TOTAL
    assert stand.board is other.coordinator


def test_a_false_share_seed_or_vault_is_blamed_on_who_gave_it(ring: Compact) -> None:
    def shown_with(change: dict[int, bytes], lost: str = "", silent: str = "") -> Stand:
        stand = started(ring, fresh(ring), RING_UPDATES).seal().agree(lost=lost, silent=silent).reveal()
        payload = stand.shown["b"]
        parts = unframe(payload[payload.index(b"}") + 1 : -64], "b", 7)
        assert list(ring.rules.graph.neighbours("b")) == list("acdehi")
        stand.shown["b"] = stand.signed_by(
            "b", "mask opening", frame([change.get(at, p) for at, p in enumerate(parts)])
        )
        return stand

    for change, lost, silent, fault in (
        ({0: bytes(32)}, "", "", "seed is not the one it committed to"),
        ({1: b"\1" * 33}, "", "a", "the share of 'a' that it gives is not the one dealt to it"),
        ({1: b"\1" * 33}, "a", "", "the share of 'a' that it gives is not the one dealt to it"),
    ):
        stand = shown_with(change, lost, silent)
        before = stand.board.summed_round
        with pytest.raises(SenderError, match=fault) as refused:
            stand.total()
        assert refused.value.parties == ("b",)
        assert stand.board.summed_round == before


def test_false_shares_of_a_dealer_that_falls_silent_are_blamed_on_the_dealer(ring: Compact) -> None:
    stand = started(ring, fresh(ring), RING_UPDATES)
    stand.dealt = {party: member.deal(stand.number) for party, member in ring.clients.items()}
    payload = stand.dealt["a"]
    commitments, *rest = unframe(payload[payload.index(b"}") + 1 : -64], "a", 8)
    # it commits to another vault key than the one it shares
    stand.dealt["a"] = stand.signed_by(
        "a", "mask shares", frame([commitments[:32] + bytes(32) + commitments[64:], *rest])
    )
    stand.handed = stand.board.deal(stand.dealt, stand.number)
    stand.sealed = {
        party: member.seal(RING_UPDATES[party], *stand.handed[party], stand.number)
        for party, member in ring.clients.items()
    }
    stand.agree(lost="a").reveal()

    with pytest.raises(SenderError, match="shares that it dealt do not give what it committed to") as refused:
        stand.total()
    assert refused.value.parties == ("a",)


def test_a_share_that_does_not_open_stops_its_holder_and_names_dealer_and_coordinator(one: Compact) -> None:
    stand = started(one, fresh(one))
    stand.dealt = {party: member.deal(stand.number) for party, member in one.clients.items()}
    present, pieces = stand.board.deal(stand.dealt, stand.number)["north"]

    for wrong in ({**pieces, "up": pieces["west"]}, {key: value for key, value in pieces.items() if key != "up"}):
        with pytest.raises(RoundError, match="the share that 'up' dealt to 'north'") as refused:
            one.clients["north"].seal(UPDATES["north"], present, wrong, stand.number)
        assert refused.value.parties == ("up", COORDINATOR)


def test_every_step_is_taken_once_and_in_order(one: Compact) -> None:
    stand = started(one, fresh(one))
    north, number = one.clients["north"], stand.number
    with pytest.raises(ProtectionError, match=f"not at round {number}, seal"):
        north.seal(UPDATES["north"], PARTIES, {}, number)
    stand.seal()
    with pytest.raises(ProtectionError, match="'north' has already sealed"):
        north.deal(number)
    with pytest.raises(ProtectionError, match=f"round {number}, agree, not at round {number}, seal"):
        north.seal(UPDATES["north"], *stand.handed["north"], number)
    stand.agree()
    with pytest.raises(ProtectionError, match="not at round"):
        north.agree(PARTIES[:4], number)
    stand.reveal()
    with pytest.raises(ProtectionError, match="not at round"):
        north.reveal(stand.signed, {}, number)
    with pytest.raises(ProtectionError, match="is under way, not round"):
        stand.board.agreements(stand.signed, number)
    down = stand.total()
    with pytest.raises(ProtectionError, match="already summed"):
        stand.board.deal(stand.dealt, number)
    north.open(down["north"], number)
    with pytest.raises(ProtectionError, match="not at round"):
        north.open(down["north"], number)


def test_no_end_has_a_pickled_or_written_form(one: Compact) -> None:
    member = one.clients["north"]
    secret = held_by(member).masks["east"]
    for holder in (one.coordinator, member, held_by(member), held_by(member).sealing, held_by(member).checks):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(holder)
    text = repr(one) + repr(one.coordinator) + repr(dict(one.clients)) + repr(held_by(member))
    assert secret.hex() not in text
    assert repr(secret) not in text


def test_crossings_hold_true_lengths_and_say_who_reads_what(one: Compact) -> None:
    found = one.total(UPDATES, number=fresh(one), day=2.0)
    by_purpose = {row.purpose: row for row in found.crossings if row.sender == "north"}

    assert list(by_purpose) == ["mask shares", "update", "agreement", "mask opening"]
    assert by_purpose["update"].readable_by == ()
    assert by_purpose["update"].bytes > 8 * DEGREE
    down = [row for row in found.crossings if row.purpose == "sum"]
    assert [row.receiver for row in down] == list(PARTIES)
    assert all(row.readable_by == PARTIES for row in down)
    assert {row.day for row in found.crossings} == {2.0}


def test_a_single_party_is_refused_and_two_can_sum() -> None:
    with pytest.raises(ProtectionError, match="a sum over 'solo' alone is its update"):
        federation(("solo",))
    two = protection("compact", ("left", "right"), 2)

    assert two.total({"left": np.array([1, 2]), "right": np.array([3, 4])}, number=1, day=0.0).numbers.tolist() == [
        4,
        6,
    ]
    assert two.statement == "the coordinator with all other parties can read an update; with fewer it cannot"


def test_many_parties_sum_with_few_neighbours() -> None:
    parties = tuple(f"p{number:02}" for number in range(40))
    many = federation(parties, 4)
    updates = {party: np.array([place, 1, -1, 2**40]) for place, party in enumerate(parties)}

    assert many.rules.graph.degree == 8
    assert many.total(updates, number=1, day=0.0, lost=["p07"], silent=["p09"]).numbers.tolist() == [
        780 - 7,
        39,
        -39,
        39 * 2**40,
    ]
