"""Authenticated envelopes: a header, a payload, and a tag that covers every byte before it.

Under a channel key the tag proves to the coordinator who sent an update, and to nobody else; under a signing key
(`learning.crypto.identity`) it proves it to everybody. What an envelope proves is blamed on the channel it came by,
whatever name is written inside. Nothing is parsed before the tag is checked, and no payload is looked at before the
header is the expected one to the last byte: whoever opens knows beforehand what it must say.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import ClassVar, Protocol

from learning.crypto.secret import Secret
from learning.faults import SenderError

MAGIC = b"looptwin envelope 1\n"
LENGTH_BYTES = 4
HEADER_BYTES = 2000
"""Longest header that is read."""


class Tagger(Protocol):
    """What makes the tag of an envelope."""

    def tag(self, message: bytes) -> bytes: ...


class Checker(Protocol):
    """What checks it."""

    tag_bytes: ClassVar[int]

    def accepts(self, message: bytes, tag: bytes) -> bool: ...


class ChannelKey(Secret):
    """Key of the channel between one party and the coordinator, from the operating system's randomness."""

    __slots__ = ("_value",)
    size = 32
    tag_bytes: ClassVar[int] = 32

    def __init__(self) -> None:
        self._value = secrets.token_bytes(self.size)

    def tag(self, message: bytes) -> bytes:
        """Return the HMAC-SHA256 of a message."""
        return hmac.digest(self._value, message, hashlib.sha256)

    def accepts(self, message: bytes, tag: bytes) -> bool:
        """Return whether a holder of this key made the tag."""
        return hmac.compare_digest(self.tag(message), tag)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The range within which what an envelope holds may be summed; all noughts where it holds no numbers.

    CKKS decrypts a sum beyond its range to garbage without a word, so both ends state the range before they begin.
    """

    bits: int = 0
    """Of one slot that a party sends."""
    scale_bits: int = 0
    """A ciphertext is scaled by two to this power; nought where slots travel as they are."""
    count: int = 0
    """Envelopes that are summed."""
    bound: int = 0
    """Largest magnitude of a number that one party sends, in grid steps."""
    checks: int = 0
    """Check slots at the end of each ciphertext."""

    def text(self) -> str:
        """Return the budget in words, as it stands in a header."""
        return f"{self.count} of {self.bits} bits, scale 2**{self.scale_bits}, bound {self.bound}, {self.checks} checks"


NO_NUMBERS = Budget()
"""Budget of an envelope that holds a key or a hash."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What an envelope says about itself."""

    sender: str
    receiver: str
    round: int
    purpose: str
    parameters: str
    """Digest of the public parameters that both ends must share, and of what was said before."""
    roster: str = ""
    """Digest of the fixed list of who takes part."""
    expires: int | None = None
    """Last round in which it may be opened; None: its own round, and no other."""
    uses: int = 1
    """How often one receiver may open it. The receiver keeps count."""
    budget: Budget = NO_NUMBERS

    def text(self) -> bytes:
        """Return the only form in which this header is written: equal headers have equal bytes."""
        fields = vars(self) | {"expires": self.last_round, "budget": self.budget.text()}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()

    @property
    def last_round(self) -> int:
        """Last round in which the envelope may be opened."""
        return self.round if self.expires is None else self.expires


def wrap(header: Header, payload: bytes, key: Tagger) -> bytes:
    """Return the envelope on the wire: magic, header length, header, payload, tag."""
    text = header.text()
    body = MAGIC + len(text).to_bytes(LENGTH_BYTES, "big") + text + payload
    return body + key.tag(body)


def authentic(wire: bytes, key: Checker) -> bool:
    """Return whether the tag of an envelope is right."""
    return key.accepts(wire[: -key.tag_bytes], wire[-key.tag_bytes :])


def unwrap(wire: bytes, expected: Header, key: Checker) -> bytes:
    """Return the payload of an envelope that came by `expected.sender`'s channel.

    Raises SenderError for a changed byte, another key, and for a header that differs in any field: an older round,
    another purpose, receiver, roster or set of parameters, an expiry that has passed, another use count or budget.
    """
    if not authentic(wire, key):
        raise SenderError(expected.sender, "it was changed on the way or sealed under another key")
    return content(wire[: -key.tag_bytes], expected)


def content(body: bytes, expected: Header) -> bytes:
    """Return the payload of an authentic envelope without its tag; raises SenderError for another header."""
    start = len(MAGIC) + LENGTH_BYTES
    end = start + int.from_bytes(body[len(MAGIC) : start], "big")
    if not body.startswith(MAGIC) or body[start:end] != expected.text():
        raise SenderError(expected.sender, _difference(body[start:end], expected)[:500])
    return body[end:]


def _difference(text: bytes, expected: Header) -> str:
    """Return what is wrong with a header, in words."""
    found, wanted = _fields(text), _fields(expected.text())
    wrong = [
        f"{name} is {found.get(name)!r}, not {value!r}" for name, value in wanted.items() if found.get(name) != value
    ]
    expiry = found.get("expires")
    if isinstance(expiry, int) and expiry < expected.round:
        wrong.append(f"it expired after round {expiry}")
    return "; ".join(wrong) or "it is of another format"


def _fields(text: bytes) -> dict[str, object]:
    """Return the fields of a header; none where it is no header. Who signs may still write anything."""
    try:
        found = json.loads(text) if len(text) <= HEADER_BYTES else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
