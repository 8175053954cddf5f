"""Records of a session: each opens once, in its place, at its other end, or it is refused and nothing has changed.

A record is AES-256-GCM under the key of its direction, with the count of the record as nonce: no nonce is used twice,
because a count only rises and every epoch has a key of its own. Kind, epoch, count and length stand before it and are
covered. After `RECORDS_PER_KEY` records a direction moves on to its next key by itself and forgets the last; after
`EPOCHS` keys the session is used up. An end that closes says so in a record: silence without one was cut off.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from learning.crypto.secret import Secret
from learning.sessions.faults import SessionError
from learning.sessions.keys import Chain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RECORD_BYTES = 1 << 20
"""Most that one record carries."""
RECORDS_PER_KEY = 1 << 18
"""2**18 records of 2**16 blocks: an attacker's advantage over AES-GCM stays near 2**-60, as RFC 8446, 5.5, asks."""
EPOCHS = 1 << 16

_HEADER = struct.Struct(">BIQI")
HEADER_BYTES = _HEADER.size
TAG_BYTES = 16


class Kind(IntEnum):
    """What a record is."""

    PART = 1
    """A part of a message; more follows."""
    LAST = 2
    """The last or only part."""
    CLOSE = 3
    """The sender says no more."""


class Opened(NamedTuple):
    """The content of a record."""

    kind: Kind
    content: bytes


class _Direction(Secret):
    """One direction's key, and the count of its records. Holds state."""

    __slots__ = ("_chain", "_cipher", "_iv", "closed", "count", "epoch")

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.epoch, self.count, self.closed = 0, 0, False
        self._cipher, self._iv = self._next_key()

    def _next_key(self) -> tuple[AESGCM, int]:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key, iv = self._chain.take()
        return AESGCM(key), int.from_bytes(iv, "big")

    def nonce(self) -> bytes:
        return (self._iv ^ self.count).to_bytes(12, "big")

    def seal(self, content: bytes, header: bytes) -> bytes:
        return self._cipher.encrypt(self.nonce(), content, header)

    def open(self, content: bytes, header: bytes) -> bytes:
        return self._cipher.decrypt(self.nonce(), content, header)

    def advance(self) -> None:
        self.count += 1
        if self.count == RECORDS_PER_KEY:
            self.epoch, self.count = self.epoch + 1, 0
            self._cipher, self._iv = self._next_key()


class Session(Secret):
    """One end of a session with `peer`. Holds state: a direction out and one in."""

    __slots__ = ("_incoming", "_outgoing", "name", "peer")

    def __init__(self, peer: str, said: bytes, own: Chain, others: Chain) -> None:
        self.peer = peer
        self.name = said
        """SHA-512 of the whole handshake: the same at both ends, and public."""
        self._outgoing, self._incoming = _Direction(own), _Direction(others)

    def __repr__(self) -> str:
        return f"Session({self.peer!r}, secret)"

    @property
    def is_closed(self) -> bool:
        """Whether the peer has said that it says no more."""
        return self._incoming.closed

    def seal(self, content: bytes, kind: Kind = Kind.LAST) -> bytes:
        """Return the next record. Raises SessionError after a close, and once the session is used up."""
        way = self._outgoing
        if way.closed:
            raise SessionError(self.peer, "it is closed on this side")
        if len(content) > RECORD_BYTES:
            raise ValueError(f"a record carries at most {RECORD_BYTES} bytes, not {len(content)}")
        if way.epoch >= EPOCHS:
            raise SessionError(self.peer, "it is used up; a new one is due")
        header = _HEADER.pack(kind, way.epoch, way.count, len(content) + TAG_BYTES)
        record = header + way.seal(content, header)
        way.closed = kind is Kind.CLOSE
        way.advance()
        return record

    def close(self) -> bytes:
        """Return the record that says that nothing more comes from here."""
        return self.seal(b"", Kind.CLOSE)

    def open(self, record: bytes) -> Opened:
        """Return the content of the next record.

        Raises SessionError for a record that was changed, replayed, re-ordered, cut, sent back or made for another
        session, and for anything after the peer's close. A refused record changes nothing.
        """
        from cryptography.exceptions import InvalidTag

        way = self._incoming
        if way.closed:
            raise SessionError(self.peer, "a record came after the last one")
        header = record[:HEADER_BYTES]
        kind = self._due(header, len(record))
        try:
            content = way.open(record[HEADER_BYTES:], header)
        except InvalidTag:
            raise SessionError(self.peer, "a record was changed on the way, or is of another session") from None
        way.closed = kind is Kind.CLOSE
        way.advance()
        return Opened(kind, content)

    def _due(self, header: bytes, length: int) -> Kind:
        size = body_bytes(header, self.peer)
        kind, epoch, count, _ = _HEADER.unpack(header)
        if length != HEADER_BYTES + size:
            raise SessionError(self.peer, "a record was cut or grew on the way")
        way = self._incoming
        if (epoch, count) != (way.epoch, way.count):
            raise SessionError(
                self.peer, f"record {count} of key {epoch} came where record {way.count} of key {way.epoch} was due"
            )
        return Kind(kind)


def body_bytes(header: bytes, peer: str) -> int:
    """Return how many bytes follow a record's header. Raises SessionError for what is no header."""
    if len(header) != HEADER_BYTES:
        raise SessionError(peer, "a record was cut off")
    kind, _, _, size = _HEADER.unpack(header)
    if kind not in list(Kind) or not TAG_BYTES <= size <= RECORD_BYTES + TAG_BYTES:
        raise SessionError(peer, "what came is no record")
    return int(size)
