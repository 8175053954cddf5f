"""Records of a session, under an attacker who holds the wire: it may do anything, and gets delivery or silence."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from learning.sessions import records
from learning.sessions.faults import SessionError
from learning.sessions.records import HEADER_BYTES, Kind, Session, body_bytes
from tests.learning.sessions_by_hand import agreed

ENDS = ("north", "south")


class Wire(RuleBasedStateMachine):
    """North and south talk; whatever the attacker does, each reads a beginning of what the other said, once."""

    def __init__(self) -> None:
        super().__init__()
        self.limit, records.RECORDS_PER_KEY = records.RECORDS_PER_KEY, 3
        self.used: dict[str, list[tuple[int, bytes]]] = {end: [] for end in ENDS}
        heard = agreed()
        self.ends: dict[str, Session] = {"north": heard.north, "south": heard.south}
        self.sent: dict[str, list[bytes]] = {end: [] for end in ENDS}
        self.wires: dict[str, list[bytes]] = {end: [] for end in ENDS}
        self.read: dict[str, list[bytes]] = {end: [] for end in ENDS}
        self.closed: set[str] = set()

    def teardown(self) -> None:
        records.RECORDS_PER_KEY = self.limit

    @rule(end=st.sampled_from(ENDS), content=st.binary(max_size=40))
    def say(self, end: str, content: bytes) -> None:
        if end in self.closed:
            with pytest.raises(SessionError, match="closed on this side"):
                self.ends[end].seal(content)
            return
        way = self.ends[end]._outgoing  # noqa: SLF001 - what the record's nonce will be
        self.used[end].append((way.epoch, way.nonce()))
        self.wires[end].append(self.ends[end].seal(content))
        self.sent[end].append(content)

    @rule(end=st.sampled_from(ENDS))
    def close(self, end: str) -> None:
        if end not in self.closed:
            self.wires[end].append(self.ends[end].close())
            self.closed.add(end)

    @precondition(lambda self: any(self.waiting(end) for end in ENDS))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        end = data.draw(st.sampled_from([end for end in ENDS if self.waiting(end)]))
        opened = self.ends[other(end)].open(self.wires[end][self.place(end)])
        if opened.kind is Kind.CLOSE:
            self.read[end].append(b"closed")
        else:
            self.read[end].append(opened.content)

    @precondition(lambda self: any(self.wires.values()))
    @rule(data=st.data())
    def replay_or_reorder(self, data: st.DataObject) -> None:
        end = data.draw(st.sampled_from([end for end in ENDS if self.wires[end]]))
        place = data.draw(st.integers(0, len(self.wires[end]) - 1))
        if place != self.place(end):
            self.refused(end, self.wires[end][place])

    @precondition(lambda self: any(self.waiting(end) for end in ENDS))
    @rule(data=st.data(), bit=st.integers(0, 7))
    def flip(self, data: st.DataObject, bit: int) -> None:
        end = data.draw(st.sampled_from([end for end in ENDS if self.waiting(end)]))
        due = bytearray(self.wires[end][self.place(end)])
        due[data.draw(st.integers(0, len(due) - 1))] ^= 1 << bit
        self.refused(end, bytes(due))

    @precondition(lambda self: any(self.waiting(end) for end in ENDS))
    @rule(data=st.data())
    def cut_or_lengthen(self, data: st.DataObject) -> None:
        end = data.draw(st.sampled_from([end for end in ENDS if self.waiting(end)]))
        due = self.wires[end][self.place(end)]
        self.refused(end, due[: data.draw(st.integers(0, len(due) - 1))])
        self.refused(end, due + b"\0")

    @precondition(lambda self: any(self.wires.values()))
    @rule(data=st.data())
    def send_back(self, data: st.DataObject) -> None:
        end = data.draw(st.sampled_from([end for end in ENDS if self.wires[end]]))
        wire = data.draw(st.sampled_from(self.wires[end]))
        with pytest.raises(SessionError):
            self.ends[end].open(wire)

    @invariant()
    def each_reads_a_beginning_of_what_the_other_said(self) -> None:
        for end in ENDS:
            said = self.sent[end] + ([b"closed"] if end in self.closed else [])
            assert self.read[end] == said[: len(self.read[end])]

    @invariant()
    def no_nonce_is_used_twice_under_one_key(self) -> None:
        for end in ENDS:
            assert len(set(self.used[end])) == len(self.used[end])

    def place(self, end: str) -> int:
        return len(self.read[end])

    def waiting(self, end: str) -> bool:
        return self.place(end) < len(self.wires[end])

    def refused(self, end: str, wire: bytes) -> None:
        with pytest.raises(SessionError):
            self.ends[other(end)].open(wire)


def other(end: str) -> str:
    return "south" if end == "north" else "north"


TestWire = Wire.TestCase
TestWire.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


def test_every_record_of_both_directions_and_all_keys_has_a_nonce_and_key_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken down where the cipher is called, over several keys of both directions."""
    from cryptography.hazmat.primitives.ciphers import aead

    used: list[tuple[bytes, bytes]] = []

    class Noted:
        def __init__(self, key: bytes) -> None:
            self.key, self.cipher = key, aead_class(key)

        def encrypt(self, nonce: bytes, content: bytes, header: bytes) -> bytes:
            used.append((self.key, nonce))
            return self.cipher.encrypt(nonce, content, header)

        def decrypt(self, nonce: bytes, content: bytes, header: bytes) -> bytes:
            return self.cipher.decrypt(nonce, content, header)

    aead_class = aead.AESGCM
    monkeypatch.setattr(aead, "AESGCM", Noted)
    monkeypatch.setattr(records, "RECORDS_PER_KEY", 4)
    heard = agreed()
    for count in range(30):
        assert heard.south.open(heard.north.seal(b"%d" % count)).content == b"%d" % count
        assert heard.north.open(heard.south.seal(b"%d" % count)).content == b"%d" % count

    assert len(used) == len(set(used)) == 60
    assert len({key for key, _ in used}) == 2 * 8


def test_a_key_serves_so_many_records_and_the_next_follows_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "RECORDS_PER_KEY", 2)
    heard = agreed()
    epochs = [struct.unpack(">BIQI", heard.north.seal(b"")[:HEADER_BYTES])[1:3] for _ in range(5)]

    assert epochs == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]


def test_the_key_of_an_epoch_is_forgotten_with_it_and_does_not_follow_from_the_next() -> None:
    """Who takes an end's memory after a change of key finds no way back: the chain is a hash, and the link moved on."""
    from learning.sessions.keys import Chain

    chain = Chain(bytes(64))
    first = chain.take()
    link: bytes = chain._link  # noqa: SLF001 - as a thief of memory finds it
    second = chain.take()

    assert first != second
    assert link not in (*first, *second)
    again = Chain(link)
    assert again.take() == second


def test_a_session_that_has_used_up_its_keys_seals_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "RECORDS_PER_KEY", 1)
    monkeypatch.setattr(records, "EPOCHS", 2)
    heard = agreed()
    for _ in range(2):
        heard.south.open(heard.north.seal(b"content"))

    with pytest.raises(SessionError, match="used up; a new one is due"):
        heard.north.seal(b"content")


def test_after_a_close_nothing_more_is_sealed_or_read_and_the_other_direction_goes_on() -> None:
    heard = agreed()
    record = heard.north.seal(b"too late")
    assert not heard.south.is_closed
    heard.south.open(record)
    heard.south.open(heard.north.close())

    assert heard.south.is_closed
    with pytest.raises(SessionError, match="came after the last one"):
        heard.south.open(record)
    with pytest.raises(SessionError, match="closed on this side"):
        heard.north.seal(b"more")
    assert heard.north.open(heard.south.seal(b"still here")).content == b"still here"


def test_a_part_is_not_taken_for_a_whole_message() -> None:
    heard = agreed()
    part = heard.north.seal(b"the first half", Kind.PART)
    relabelled = bytes([Kind.LAST]) + part[1:]

    with pytest.raises(SessionError, match="changed on the way"):
        heard.south.open(relabelled)
    assert heard.south.open(part).kind is Kind.PART


@pytest.mark.parametrize("header", [b"", bytes(HEADER_BYTES), b"\7" + bytes(HEADER_BYTES - 1), b"\2" + b"\xff" * 16])
def test_a_header_that_is_none_is_refused_before_anything_is_read(header: bytes) -> None:
    with pytest.raises(SessionError):
        body_bytes(header, "north")


def test_a_record_too_long_is_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "RECORD_BYTES", 10)
    session: Any = agreed().north
    with pytest.raises(ValueError, match="at most 10 bytes, not 11"):
        session.seal(bytes(11))
    assert session.seal(bytes(10))
