"""Who cheats between processes is named where its signature or its wire proves it, and nothing is opened.

The ends play in threads, by the functions that their processes run: a cheat is then a class put in the place of one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.config import Absence
from learning.crossings import COORDINATOR
from learning.faults import ProtectionError, SenderError
from learning.learners import learner_of
from learning.loopback import carrier, founding, party
from learning.loopback.carrier import Carrier
from learning.loopback.crossed import crossings
from learning.loopback.dealing import read, written
from learning.loopback.faults import GoneError, SilentError, heard, told, weight
from learning.loopback.founding import KEY, KEY_COMMITMENT, KEY_SHARE, PUBLIC_KEY_SHARE
from learning.loopback.messages import Message, decoded
from learning.loopback.post import ANSWER, HELLO, LAST, Post
from learning.rounds import in_one_process
from learning.sessions.identity import HybridIdentity, PublicHybridIdentity
from tests.learning.loopback_by_hand import AGREED, PARTIES, Played, played, sites

PUBLICS = {name: HybridIdentity().public() for name in (*PARTIES, COORDINATOR)}
SIGNATURE_BYTES = PublicHybridIdentity.tag_bytes
Change = Callable[[bytes], bytes]


def flipped(wire: bytes, at: int = -1) -> bytes:
    """A wire with a bit of one byte changed."""
    changed = bytearray(wire)
    changed[at] ^= 1
    return bytes(changed)


def cheat(monkeypatch: pytest.MonkeyPatch, step: str, change: Change) -> None:
    """Let north change what it posts or hands in a step."""

    class Cheat(Post):
        def post(self, at: str, own: bytes | None, expected: Collection[str]) -> dict[str, bytes]:
            hit = own is not None and self.party == "north" and at == step
            return super().post(at, change(own) if hit and own is not None else own, expected)

        def hand(self, at: str, given: Mapping[str, bytes], expected: Collection[str]) -> dict[str, bytes]:
            if self.party == "north" and at == step:
                given = {other: change(part) for other, part in given.items()}
            return super().hand(at, given, expected)

    monkeypatch.setattr(party, "Post", Cheat)


def lie(
    monkeypatch: pytest.MonkeyPatch, victim: str, step: str, change: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    """Let the coordinator change what it passes on to one party in a step."""

    class Lie(Carrier):
        def _give(self, at: str, to: str, parts: Mapping[str, bytes], purpose: str | None) -> None:
            changed = change(dict(parts)) if to == victim and at == step and parts else parts
            super()._give(at, to, changed, purpose)

    monkeypatch.setattr(carrier, "Carrier", Lie)


def first_fault(found: Played) -> ProtectionError:
    """The fault that tells most; nobody has a model."""
    assert not found.weights
    faults = [fault for fault in found.faults.values() if isinstance(fault, ProtectionError)]
    assert len(faults) == len(found.faults)
    return min(faults, key=weight)


@pytest.mark.parametrize("learner", ["logistic", "linear"])
def test_ends_in_threads_give_the_model_of_one_process(learner: str) -> None:
    agreed = replace(AGREED, learner=learner)
    found = played(agreed)

    assert not found.faults
    one = in_one_process(learner_of(agreed), sites(), agreed, 3.0, 0)
    assert all(np.array_equal(weights, one.weights) for weights in found.weights)
    assert len(found.weights) == len(PARTIES)


def test_where_all_open_together_and_where_two_learn_the_model_is_the_same_too() -> None:
    for parties, needed in ((PARTIES, 3), (PARTIES[:2], 2)):
        agreed = replace(AGREED, threshold=needed)
        found = played(agreed, parties)
        assert not found.faults
        one = in_one_process(learner_of(agreed), sites(parties), agreed, 3.0, 0)
        assert all(np.array_equal(weights, one.weights) for weights in found.weights)


def test_sites_that_are_silent_at_the_opening_change_no_model_and_too_many_of_them_are_named() -> None:
    silent = replace(AGREED, absences={"east": Absence(from_round=2, before="opening")})
    found = played(silent)

    assert not found.faults
    one = in_one_process(learner_of(silent), sites(), silent, 3.0, 0)
    assert all(np.array_equal(weights, one.weights) for weights in found.weights)
    partials = [row[1] for row in found.last[COORDINATOR].fields["rows"] if row[0] == "partial"]
    assert sorted(partials) == ["east", "north", "north", "south"]

    absent = {party: Absence(before="opening") for party in ("east", "north")}
    fault = first_fault(played(replace(AGREED, absences=absent)))
    assert "1 of 3 parties are left to open the sum, 2 are needed; silent: east, north" in str(fault)


def test_a_site_that_is_gone_before_it_sealed_stops_the_training_and_is_named() -> None:
    fault = first_fault(played(replace(AGREED, absences={"north": Absence(from_round=2)})))

    assert "'north' is missing from round 2" in str(fault)
    assert fault.parties == ("north",)


def test_a_key_that_has_opened_all_it_may_is_founded_anew_between_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(founding, "OPENINGS_PER_KEY", 1)
    found = played()

    assert not found.faults
    assert AGREED.threshold is not None
    purposes = [row[0] for row in found.last[COORDINATOR].fields["rows"]]
    assert purposes.count(KEY_SHARE) == 2 * AGREED.threshold * (len(PARTIES) - 1)
    one = in_one_process(learner_of(AGREED), sites(), AGREED, 3.0, 0)
    assert all(np.array_equal(*pair) for pair in pairwise([one.weights, *found.weights]))


@pytest.mark.parametrize("step", [PUBLIC_KEY_SHARE, "commitment", "update", "partial"])
def test_a_party_that_posts_what_it_did_not_sign_stops_the_round(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed half of the key is carried unread: parties see then that its sender or the coordinator changed it."""
    cheat(monkeypatch, step, flipped)
    fault = first_fault(played())

    assert fault.parties == ((COORDINATOR,) if step == PUBLIC_KEY_SHARE else ("north",))


@pytest.mark.parametrize("step", [HELLO, ANSWER, LAST, KEY_SHARE])
def test_a_party_or_carrier_that_changes_what_is_handed_on_stops_it_all(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheat(monkeypatch, step, flipped)
    fault = first_fault(played())

    assert {"north", COORDINATOR} < set(fault.parties)
    assert "session with" in str(fault)


def test_parties_that_do_not_hold_the_same_key_find_out_before_anything_is_sealed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cheat(monkeypatch, KEY, flipped)

    assert "different keys" in str(first_fault(played()))


@pytest.mark.parametrize(
    ("victim", "step"),
    [
        ("north", "commitment"),
        ("south", "commitment"),
        ("north", "update"),
        ("north", "partial"),
        ("south", "opened sum"),
        ("south", KEY_COMMITMENT),
        ("south", PUBLIC_KEY_SHARE),
    ],
)
def test_a_coordinator_that_leaves_out_or_changes_what_was_posted_is_refused(
    victim: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """North opens, south hears what was opened."""
    lie(monkeypatch, victim, step, lambda parts: {name: wire for name, wire in parts.items() if name != "east"})
    assert "'east' is missing" in str(first_fault(played()))

    # the last byte before the signature
    lie(monkeypatch, victim, step, lambda parts: parts | {"east": flipped(parts["east"], -1 - SIGNATURE_BYTES)})
    assert first_fault(played()).parties


def test_a_coordinator_that_hands_a_key_share_to_another_gets_it_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lie(monkeypatch, "south", KEY_SHARE, lambda parts: {"east": parts["north"], "north": parts["east"]})
    fault = first_fault(played())

    assert COORDINATOR in fault.parties
    assert "changed on the way, or is of another session" in str(fault)


def test_a_coordinator_that_hangs_is_named_by_every_party(monkeypatch: pytest.MonkeyPatch) -> None:
    assert party.WAITS > 1.0, "it is the coordinator's to find out first who is silent"
    monkeypatch.setattr(party, "WAITS", 0.4)
    monkeypatch.setattr(carrier, "_round", lambda *_: time.sleep(2.5))
    found = played(replace(AGREED, rounds=1))

    faults = [found.faults[party] for party in PARTIES]
    assert all(isinstance(fault, SilentError) and fault.parties == (COORDINATOR,) for fault in faults)


@pytest.mark.parametrize("said", [b"", b"\0\0\0\2[]", b"\0\0\0\2{}", b"\xff\xff\xff\xff", b"\0\0\0\1{more"])
def test_what_is_no_message_is_blamed_on_who_said_it(said: bytes) -> None:
    with pytest.raises(ProtectionError, match="no message") as refused:
        decoded(said, "north")
    assert refused.value.parties == ("north",)


def test_a_message_survives_its_way() -> None:
    message = Message("word", {"number": 3, "text": "ø"}, {"a": b"", "b": bytes(range(256))})

    assert decoded(message.encode(), "north") == message
    assert "parts" not in repr(message)


def test_a_share_survives_its_way_and_anything_else_is_refused() -> None:
    from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE
    from learning.threshold.founding import Dealt

    share = np.arange(DATA_PRIMES * DEGREE, dtype=np.uint64).reshape(DATA_PRIMES, DEGREE)
    for one in (share, None):
        dealt = read(written(Dealt(one, b"c" * 32, b"p" * 32)), "north")
        assert (dealt.contribution, dealt.pair) == (b"c" * 32, b"p" * 32)
        assert one is None or (dealt.share == one).all()
    for wrong in (b"", written(Dealt(None, b"", b""))[:-1], written(Dealt(share[:1], b"", b"")), b"\0\0\0\xff"):
        with pytest.raises(ProtectionError, match="no share of a key") as refused:
            read(wrong, "north")
        assert refused.value.parties == ("north",)


def test_a_fault_is_told_whole_a_surprise_by_kind_and_place_alone_and_a_loss_last() -> None:
    refusal = ProtectionError("'north': entry 3 is out of range", ("north",))
    again = heard(told(refusal, "south"), "south")
    assert (str(again), again.parties) == (str(refusal), ("north",))
    with pytest.raises(ValueError, match="a row") as raised:
        int("a row of mine: 47.11")
    surprise = heard(told(raised.value, "south"), "south")
    assert surprise.parties == ("south",)
    assert "47.11" not in str(surprise)
    assert weight(refusal) < weight(surprise) < weight(GoneError("north", "has ended"))


@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_message_or_their_senders_fault(raw: bytes) -> None:
    """Nothing else is ever raised: what came from another process is read before anything of it is believed."""
    for said in (raw, len(raw).to_bytes(4, "big") + raw):
        with suppress(ProtectionError):
            decoded(said, "north")


@pytest.mark.parametrize("sizes", [{"a": -1}, {"a": True}, {"a": "1"}, {"a": 2}, [], {"a": 1, "b": 1}])
def test_a_message_with_parts_of_sizes_that_it_has_not_is_refused(sizes: object) -> None:
    head = json.dumps({"word": "w", "fields": {}, "sizes": sizes}).encode()
    with pytest.raises(ProtectionError, match="no message"):
        decoded(len(head).to_bytes(4, "big") + head + b"x", "north")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "KeyError", "text": "", "parties": []},
        {"kind": ["RoundError"], "text": "", "parties": []},
        {"kind": "RoundError", "text": 3, "parties": []},
        {"kind": "RoundError", "text": "", "parties": "all"},
    ],
)
def test_who_tells_of_a_fault_and_not_of_which_is_at_fault(fields: dict[str, object]) -> None:
    assert heard(Message("fault", fields), "north").parties == ("north",)


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        [["update"]],
        [["update", "north", "stranger", 3]],
        [["rumour", "north", COORDINATOR, 3]],
        [["update", "north", COORDINATOR, "3"]],
        [[["update"], "north", COORDINATOR, 3]],
    ],
)
def test_an_account_of_what_crossed_that_cannot_be_read_is_the_coordinators_fault(rows: object) -> None:
    with pytest.raises(SenderError, match="its account of what crossed") as refused:
        crossings(PUBLICS, rows, "sums", 3.0)
    assert refused.value.parties == (COORDINATOR,)
