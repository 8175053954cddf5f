"""A round under a key that nobody holds: each step once, whoever cheats is named, and silence stops nothing."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Sequence

import numpy as np
import pytest

from learning.crossings import COORDINATOR
from learning.crypto.envelope import wrap
from learning.crypto.threshold import key as key_module
from learning.crypto.threshold.ring import DATA_PRIMES, uniform
from learning.crypto.threshold.sealing import Sealed, Sealer
from learning.faults import ProtectionError, RoundError, SenderError
from learning.threshold.federation import Threshold
from learning.threshold.packing import Packing
from tests.learning.threshold_by_hand import PARTIES, TOTAL, UPDATES, VALUES, committed, federation, posted

QUORUM = PARTIES[:3]


@pytest.fixture(scope="module")
def shared() -> Threshold:
    """One federation for tests that leave it sound; each takes a newer round."""
    return federation()


def newer(one: Threshold) -> int:
    """A round that nobody has sealed yet."""
    return 1 + max(member.sealed_round for member in one.clients.values())


def test_any_quorum_opens_the_same_exact_sum(shared: Threshold) -> None:
    for quorum in (QUORUM, PARTIES[2:], ("west", "east", "south")):
        stand = posted(shared, newer(shared))
        stand.receive()
        partials = shared.coordinator.partials(stand.answers(quorum), quorum, stand.number)

        for member in shared.clients.values():
            assert member.open(partials, stand.number).tolist() == TOTAL


def test_parties_that_fall_silent_before_the_opening_stop_nothing_and_need_no_new_key() -> None:
    one = federation()
    for number, silent in ((1, ("east", "south")), (2, ("north",)), (3, ())):
        assert one.total(UPDATES, number=number, day=0.0, silent=silent).numbers.tolist() == TOTAL
    assert one.coordinator.roster.epoch == 1


def test_those_who_stay_go_on_under_the_same_key_when_others_are_gone_for_good() -> None:
    one = federation()
    one.total(UPDATES, number=1, day=0.0)
    rest = one.without(("north", "up"))
    given = {party: UPDATES[party] for party in ("east", "south", "west")}

    assert rest.total(given, number=2, day=0.0).numbers.tolist() == [90, -9, 21, 3 * 2**40]
    assert rest.coordinator.roster is one.coordinator.roster
    assert rest.statement.startswith("any 3 of the 5 parties"), "who is gone still holds a share"
    with pytest.raises(ProtectionError, match="'east' sums over other parties now"):
        one.total(UPDATES, number=3, day=0.0)
    with pytest.raises(ProtectionError, match="'east' has already sealed round 2"):
        rest.total(given, number=2, day=0.0)
    with pytest.raises(ProtectionError, match="2 of 3 parties are left"):
        rest.without(("east",))
    rest.rotate()
    assert rest.total(given, number=3, day=0.0).numbers.tolist() == [90, -9, 21, 3 * 2**40]


def test_a_coordinator_that_leaves_out_a_party_of_its_own_accord_gets_nothing_signed_for_that_sum() -> None:
    one = federation()
    wires = committed(one, 1)
    without = {party: wire for party, wire in wires.items() if party != "up"}

    for member in one.clients.values():
        with pytest.raises(ProtectionError, match="'up' is missing"):
            member.reveal(without, 1)


def test_with_fewer_left_than_the_threshold_nothing_is_opened_and_the_silent_are_named() -> None:
    one = federation()
    with pytest.raises(ProtectionError, match="2 of 5 parties are left to open the sum, 3 are needed") as refused:
        one.total(UPDATES, number=1, day=0.0, silent=("east", "south", "west"))

    assert refused.value.parties == ("east", "south", "west")
    assert one.coordinator.summed_round == 0
    assert one.total(UPDATES, number=2, day=0.0).numbers.tolist() == TOTAL


def test_each_step_is_taken_once_and_in_order(shared: Threshold) -> None:
    number = newer(shared)
    east = shared.clients["east"]
    commitments = shared.coordinator.commitments(committed(shared, number), number)
    with pytest.raises(ProtectionError, match=f"'east' has already sealed round {number}"):
        east.commit(UPDATES["east"], number)
    with pytest.raises(ProtectionError, match=f"'east' is at round {number}, reveal, not at round {number}, receive"):
        east.receive({}, number)
    reveals = {party: member.reveal(commitments, number) for party, member in shared.clients.items()}
    with pytest.raises(ProtectionError, match="not at round"):
        east.reveal(commitments, number)
    with pytest.raises(ProtectionError, match=f"not at round {number + 1}, receive"):
        east.receive(reveals, number + 1)
    east.receive(reveals, number)
    with pytest.raises(ProtectionError, match="not at round"):
        east.receive(reveals, number)
    with pytest.raises(ProtectionError, match="not at round"):
        east.open({}, number)


def partials_of(one: Threshold, number: int) -> dict[str, bytes]:
    """A round up to the quorum's answers; nobody else has computed the sum."""
    stand = posted(one, number)
    for party in QUORUM:
        one.clients[party].receive(stand.updates, number)
    answers = {party: one.clients[party].answer(QUORUM, number) for party in QUORUM}
    return dict(one.coordinator.partials(answers, QUORUM, number))


def told(one: Threshold, number: int, partials: dict[str, bytes], tellers: Sequence[str] = QUORUM) -> dict[str, bytes]:
    """What each teller signs as the sum of a round."""
    for party in tellers:
        one.clients[party].open(partials, number)
    return {party: one.clients[party].tell(number) for party in tellers}


def test_who_did_not_compute_a_sum_takes_it_from_a_whole_quorum_alone(shared: Threshold) -> None:
    number = newer(shared)
    words = dict(shared.coordinator.sums(told(shared, number, partials_of(shared, number)), QUORUM, number))
    west = shared.clients["west"]
    with pytest.raises(ProtectionError, match="'south' is missing"):
        west.learn({party: words[party] for party in QUORUM[:2]}, QUORUM, number)
    with pytest.raises(ProtectionError, match="3 different parties of the roster open a sum"):
        west.learn(words, QUORUM[:2], number)
    with pytest.raises(ProtectionError, match="'south' does not belong, 'up' is missing"):
        west.learn(words, ("east", "north", "up"), number)

    assert west.learn(words, QUORUM, number).tolist() == TOTAL


def test_two_of_three_that_tell_another_sum_are_found_out_by_the_third(
    shared: Threshold, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = newer(shared)
    partials = partials_of(shared, number)
    words = told(shared, number, partials, ("south",))
    gather = Packing.gather
    monkeypatch.setattr(Packing, "gather", lambda packing, opened: gather(packing, opened) + 1)
    words |= told(shared, number, partials, ("east", "north"))

    with pytest.raises(RoundError, match="its quorum does not agree on the sum") as refused:
        shared.clients["up"].learn(words, QUORUM, number)
    assert refused.value.parties == QUORUM


def test_the_coordinator_reads_no_told_sum_and_forges_none(shared: Threshold) -> None:
    number = newer(shared)
    words = told(shared, number, partials_of(shared, number))

    assert not any(np.array(TOTAL).astype("<i8").tobytes()[:16] in wire for wire in words.values())
    changed = words | {"north": words["north"][:-70] + bytes(70)}
    with pytest.raises(SenderError, match="'north' did not sign") as refused:
        shared.clients["up"].learn(changed, QUORUM, number)
    assert refused.value.parties == (COORDINATOR,)


@pytest.mark.parametrize(
    "quorum", [PARTIES[:2], PARTIES[:4], ("east", "east", "north"), ("east", "north", "stranger"), ()]
)
def test_a_quorum_of_another_size_or_of_strangers_gets_no_answer_and_the_right_one_still_does(
    shared: Threshold, quorum: tuple[str, ...]
) -> None:
    stand = posted(shared, newer(shared))
    stand.receive()
    with pytest.raises(ProtectionError, match="3 different parties of the roster open a sum"):
        shared.clients["east"].answer(quorum, stand.number)
    with pytest.raises(ProtectionError, match="'west' is not of the quorum"):
        shared.clients["west"].answer(QUORUM, stand.number)

    assert set(stand.answers(QUORUM)) == set(QUORUM)


def test_a_forger_among_the_parties_is_named(shared: Threshold) -> None:
    number = newer(shared)
    wires = committed(shared, number)
    forged = wrap(
        shared.coordinator.roster.header("south", "commitment", number, "0"), bytes(64), shared.identities["north"]
    )

    for channel, wrong in (("north", forged), ("north", wires["south"]), ("south", forged), ("up", b"")):
        with pytest.raises(SenderError) as refused:
            shared.coordinator.commitments(wires | {channel: wrong}, number)
        assert refused.value.parties == (channel,)
    assert set(shared.coordinator.commitments(wires, number)) == set(PARTIES)


def test_two_updates_signed_for_one_commitment_prove_their_signers_fault(shared: Threshold) -> None:
    stand = posted(shared, newer(shared))
    sound = stand.updates["north"]
    other = sound[: sound.index(b"}") + 1] + bytes(500)

    with pytest.raises(SenderError, match="not the one it committed to") as refused:
        shared.clients["east"].receive(
            stand.updates | {"north": other + shared.identities["north"].tag(other)}, stand.number
        )
    assert refused.value.parties == ("north",)
    stand.receive()


@pytest.mark.parametrize("rubbish", [b"", bytes(1000), b"\0\0\0\4abcd"])
def test_a_committed_update_that_is_no_ciphertext_is_blamed_on_its_sender(
    shared: Threshold, rubbish: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learning.threshold import member

    sound = member.frame
    number = newer(shared)
    wires = {party: shared.clients[party].commit(UPDATES[party], number) for party in PARTIES if party != "north"}
    monkeypatch.setattr(member, "frame", lambda chunks: rubbish)
    wires["north"] = shared.clients["north"].commit(UPDATES["north"], number)
    monkeypatch.setattr(member, "frame", sound)
    commitments = shared.coordinator.commitments(wires, number)
    reveals = {party: shared.clients[party].reveal(commitments, number) for party in PARTIES}

    with pytest.raises(SenderError) as refused:
        shared.clients["east"].receive(shared.coordinator.updates(reveals, number), number)
    assert refused.value.parties == ("north",)


def test_a_partial_opening_that_is_none_is_blamed_on_its_sender(shared: Threshold) -> None:
    stand = posted(shared, newer(shared))
    stand.receive()
    answers = stand.answers(QUORUM)
    head = answers["north"][: answers["north"].index(b"}") + 1]
    wrong = head + bytes(500)
    answers["north"] = wrong + shared.identities["north"].tag(wrong)

    with pytest.raises(SenderError, match="not closed by a party for this purpose") as refused:
        shared.clients["west"].open(answers, stand.number)
    assert refused.value.parties == ("north",)


def test_a_wrong_partial_opening_stops_the_round_and_nobody_can_say_whose_it_was(
    shared: Threshold, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = posted(shared, newer(shared))
    stand.receive()
    honest = key_module.flood
    monkeypatch.setattr(key_module, "flood", lambda bits: uniform(os.urandom, DATA_PRIMES))
    answers = {"north": shared.clients["north"].answer(QUORUM, stand.number)}
    monkeypatch.setattr(key_module, "flood", honest)
    answers |= {party: shared.clients[party].answer(QUORUM, stand.number) for party in ("east", "south")}
    shared.clients["west"].watch(QUORUM, stand.number)

    with pytest.raises(RoundError) as refused:
        shared.clients["west"].open(answers, stand.number)
    assert refused.value.parties == (*PARTIES, COORDINATOR)


def test_a_key_that_has_opened_all_it_may_is_renewed_and_rounds_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 2)
    one = federation(("a", "b", "c"), 2)
    given = {party: np.arange(VALUES) for party in "abc"}
    crossed = [one.total(given, number=number, day=float(number)).crossings for number in range(1, 6)]

    assert one.coordinator.roster.epoch == 3
    assert [any(row.purpose == "key share" for row in rows) for rows in crossed] == [False, False, True, False, True]
    assert {row.day for row in crossed[2]} == {3.0}
    with pytest.raises(ProtectionError, match="has already sealed round 5"):
        one.total(given, number=5, day=5.0)


def test_noughts_are_sealed_while_there_is_time_and_each_hides_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    one = federation()
    made: list[bytes] = []
    sealing = Sealer.zero

    def counted(sealer: Sealer) -> Sealed:
        found = sealing(sealer)
        made.append(found.c1.tobytes())
        return found

    monkeypatch.setattr(Sealer, "zero", counted)
    north = one.clients["north"]
    north.prepare()
    north.prepare()
    assert len(made) == 1, "as many as an update takes"
    sent = []
    for number in (1, 2):
        stand = posted(one, number)
        stand.receive()
        partials = one.coordinator.partials(stand.answers(QUORUM), QUORUM, number)
        assert north.open(partials, number).tolist() == TOTAL
        sent.append(stand.updates["north"])

    assert len(made) == len(set(made)) == 2 * len(PARTIES)
    assert [made[0] in wire for wire in sent] == [True, False]


def test_a_party_whose_key_is_used_up_answers_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one = federation(("a", "b"), 2)
    given = {party: np.arange(VALUES) for party in "ab"}
    commitments = {party: one.clients[party].commit(given[party], 1) for party in "ab"}
    reveals = {party: one.clients[party].reveal(commitments, 1) for party in "ab"}
    one.clients["a"].receive(reveals, 1)
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 0)

    with pytest.raises(ProtectionError, match="the key has 0 openings left, not 1; a new key is due") as refused:
        one.clients["a"].answer(("a", "b"), 1)
    assert refused.value.parties == ("a",)


def test_what_was_signed_under_the_old_key_counts_for_nothing_under_the_new_one() -> None:
    one = federation()
    old = committed(one, 1)
    one.rotate()
    fresh = committed(one, 2)

    with pytest.raises(RoundError) as refused:
        one.clients["east"].reveal(fresh | {"south": old["south"]}, 2)
    assert refused.value.parties == ("south", COORDINATOR)


def test_what_crosses_in_a_round_names_nobody_who_could_read_an_update_alone(shared: Threshold) -> None:
    rows = shared.total(UPDATES, number=newer(shared), day=3.0).crossings
    readers = {row.purpose: set(row.readable_by) - {row.sender} for row in rows}

    assert readers["update"] == readers["updates"] == set()
    assert readers["partials"] == set(PARTIES)
    assert [row.purpose for row in rows].count("update") == len(PARTIES)
    assert [row.purpose for row in rows].count("partial") == 3
    assert {row.clear_or_cipher for row in rows if "update" in row.purpose or "partial" in row.purpose} == {"cipher"}
    sent = {row.sender: row.bytes for row in rows if row.purpose == "update"}
    got = {row.receiver: row.bytes for row in rows if row.purpose == "updates"}
    assert got == {party: sum(sent.values()) - sent[party] for party in QUORUM}, "who opens adds up, nobody else"
    assert {row.receiver for row in rows if row.purpose == "opened sums"} == set(PARTIES[3:])
    assert readers["opened sum"] < set(PARTIES)


def test_the_coordinator_holds_no_key_and_what_it_carries_shows_neither_an_update_nor_a_partial(
    shared: Threshold,
) -> None:
    stand = posted(shared, newer(shared))
    stand.receive()
    slots = shared.layout.spread(UPDATES["north"], "north")[0]

    assert not any(slots.astype(form).tobytes()[:24] in stand.updates["north"] for form in ("<i8", "<f8"))
    assert vars(shared.coordinator).keys() == {"roster", "terms", "summed_round", "_number", "_context", "_step"}
    for wire in stand.answers(QUORUM).values():
        # a bare partial is words of 60 bits; what is closed uses all 64
        words = np.frombuffer(wire[-64 - 64 : -64], dtype="<u8")
        assert (words >> np.uint64(60)).any()


def test_no_end_that_holds_a_secret_is_carried_away_or_shows_it(shared: Threshold) -> None:
    for holder in (shared, shared.clients["east"]):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(holder)

    assert "Identity(secret)" in repr(shared)
    assert "array" not in repr(shared)
