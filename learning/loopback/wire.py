"""One end of a way between two processes: whole messages, in time, and on most ways inside a session."""

from __future__ import annotations

import socket

from learning.loopback.faults import GoneError, SilentError
from learning.loopback.messages import Message, decoded
from learning.loopback.patience import left, moment_in
from learning.sessions.faults import SessionError
from learning.sessions.records import HEADER_BYTES, RECORD_BYTES, Kind, Session, body_bytes

LENGTH_BYTES = 8
MESSAGE_BYTES = 1 << 31
"""Longest message that is taken in."""
HANDSHAKE_BYTES = 1 << 16
"""Longest of those by which a session begins: who has proved nothing yet is given no more room."""


class Wire:
    """A connected socket to `peer`. Holds state: the bytes that went either way.

    Raises GoneError where the peer has closed its end, SilentError where nothing more comes for `patience` seconds.
    """

    def __init__(self, end: socket.socket, peer: str, patience: float) -> None:
        self.end, self.peer, self.patience = end, peer, patience
        self.sent = self.received = 0

    def fileno(self) -> int:
        """Return the descriptor, for waiting on several wires."""
        return self.end.fileno()

    def send_bytes(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self.end.settimeout(self.patience)
        try:
            self.end.sendall(raw)
        except TimeoutError:
            raise self._silent() from None
        except OSError:
            raise GoneError(self.peer, "has ended") from None
        self.sent += len(raw)

    def receive_bytes(self, count: int, until: float | None = None) -> bytes:
        """Return so many bytes. until: a moment of `learning.loopback.patience`; default `patience` from now."""
        until = moment_in(self.patience) if until is None else until
        taken = bytearray(count)
        rest = memoryview(taken)
        while rest:
            # a peer that is late by nothing still gets one look: what came in time lies ready
            self.end.settimeout(max(left(until), 1e-3))
            try:
                got = self.end.recv_into(rest)
            except TimeoutError:
                raise self._silent() from None
            except OSError:
                got = 0
            if not got:
                raise GoneError(self.peer, "has ended")
            rest = rest[got:]
        self.received += count
        return bytes(taken)

    def send(self, raw: bytes) -> None:
        """Send bytes behind their length."""
        self.send_bytes(len(raw).to_bytes(LENGTH_BYTES, "big") + raw)

    def receive(self, until: float | None = None, most: int = MESSAGE_BYTES) -> bytes:
        """Return the bytes of one `send`, `most` of them at most."""
        size = int.from_bytes(self.receive_bytes(LENGTH_BYTES, until), "big")
        if size > most:
            raise SessionError(self.peer, "it announces more than anybody takes in")
        return self.receive_bytes(size, until)

    def close(self) -> None:
        """Give the socket back."""
        self.end.close()

    def _silent(self) -> SilentError:
        return SilentError(self.peer, f"has not answered within {self.patience:g} s")


class Channel:
    """A session over a wire: messages of any length, cut into records. Holds state: wire and session."""

    def __init__(self, wire: Wire, session: Session) -> None:
        self.wire, self._session = wire, session

    @property
    def peer(self) -> str:
        """Who is at the other end, as its identity proved."""
        return self.wire.peer

    def send(self, message: Message) -> None:
        """Send a message. Raises what `Wire` raises."""
        raw = message.encode()
        for at in range(0, max(len(raw), 1), RECORD_BYTES):
            kind = Kind.PART if at + RECORD_BYTES < len(raw) else Kind.LAST
            self.wire.send_bytes(self._session.seal(raw[at : at + RECORD_BYTES], kind))

    def receive(self, until: float | None = None) -> Message:
        """Return the next message. Raises SessionError for a record that is not the peer's next, and what `Wire` does.

        The peer's close in the place of a message is a SessionError too.
        """
        parts, kind, size = [], Kind.PART, 0
        while kind is Kind.PART:
            kind, content = self._record(until)
            parts.append(content)
            size += len(content)
            if size > MESSAGE_BYTES:
                raise SessionError(self.peer, "it says more than anybody takes in")
        if kind is Kind.CLOSE:
            raise SessionError(self.peer, "it closed where a message was due")
        return decoded(b"".join(parts), self.peer)

    def finish(self) -> None:
        """Say that nothing more comes, and hear the same of the peer: nothing was cut off."""
        self.wire.send_bytes(self._session.close())
        if self._record(None)[0] is not Kind.CLOSE:
            raise SessionError(self.peer, "it goes on where its end was due")

    def _record(self, until: float | None) -> tuple[Kind, bytes]:
        header = self.wire.receive_bytes(HEADER_BYTES, until)
        body = self.wire.receive_bytes(body_bytes(header, self.peer), until)
        return self._session.open(header + body)
