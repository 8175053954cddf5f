"""Who has proved nothing yet gets no room, and who has gets as much as a message may take."""

from __future__ import annotations

from collections.abc import Iterator
from socket import socketpair

import pytest

from learning.loopback import wire as wire_module
from learning.loopback.messages import Message
from learning.loopback.wire import HANDSHAKE_BYTES, LENGTH_BYTES, Channel, Wire
from learning.sessions.faults import SessionError
from tests.learning.sessions_by_hand import agreed


@pytest.fixture
def wires() -> Iterator[tuple[Wire, Wire]]:
    """Both ends of a way."""
    one, other = socketpair()
    with one, other:
        yield Wire(one, "south", 5.0), Wire(other, "north", 5.0)


@pytest.mark.parametrize("announced", [HANDSHAKE_BYTES + 1, 1 << 30, (1 << 64) - 1])
def test_more_than_a_handshake_takes_is_refused_before_it_is_waited_for(
    wires: tuple[Wire, Wire], announced: int
) -> None:
    south, north = wires
    south.send_bytes(announced.to_bytes(LENGTH_BYTES, "big"))

    with pytest.raises(SessionError, match="it announces more than anybody takes in") as refused:
        north.receive(most=HANDSHAKE_BYTES)
    assert refused.value.peer == "north"
    assert north.received == LENGTH_BYTES


def test_a_message_of_endless_parts_is_refused(wires: tuple[Wire, Wire], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "RECORD_BYTES", 1000)
    monkeypatch.setattr(wire_module, "MESSAGE_BYTES", 5000)
    heard, (south, north) = agreed(), wires
    sending, receiving = Channel(south, heard.north), Channel(north, heard.south)
    sending.send(Message("word", parts={"part": bytes(4000)}))
    assert receiving.receive().parts["part"] == bytes(4000)

    sending.send(Message("word", parts={"part": bytes(9000)}))
    with pytest.raises(SessionError, match="it says more than anybody takes in"):
        receiving.receive()
