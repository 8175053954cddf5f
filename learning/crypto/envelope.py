"""Authenticated envelopes: a header, a payload, and a tag that covers every byte before it.

Under a channel key the tag proves to the coordinator who sent an update, and to nobody else; under a signing key
(`learning.crypto.identity`) it proves it to everybody. What an envelope proves is blamed on the channel it came by,
whatever name is written inside. Nothing is parsed before the tag is checked.
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
class Header:
    """What an envelope says about itself."""

    sender: str
    receiver: str
    round: int
    purpose: str
    parameters: str
    """Digest of the public parameters that both ends must share."""


def wrap(header: Header, payload: bytes, key: Tagger) -> bytes:
    """Return the envelope on the wire: magic, header length, header, payload, tag."""
    text = json.dumps(vars(header), sort_keys=True).encode()
    body = MAGIC + len(text).to_bytes(LENGTH_BYTES, "big") + text + payload
    return body + key.tag(body)


def authentic(wire: bytes, key: Checker) -> bool:
    """Return whether the tag of an envelope is right."""
    return key.accepts(wire[: -key.tag_bytes], wire[-key.tag_bytes :])


def unwrap(wire: bytes, expected: Header, key: Checker) -> bytes:
    """Return the payload of an envelope that came by `expected.sender`'s channel.

    Raises SenderError for a changed byte, another key, an older round, another purpose, receiver or set of parameters.
    """
    if not authentic(wire, key):
        raise SenderError(expected.sender, "it was changed on the way or sealed under another key")
    return content(wire[: -key.tag_bytes], expected)


def content(body: bytes, expected: Header) -> bytes:
    """Return the payload of an authentic envelope without its tag; raises SenderError for another header."""
    start = len(MAGIC) + LENGTH_BYTES
    end = start + int.from_bytes(body[len(MAGIC) : start], "big")
    found, wanted = _fields(body[start:end]), vars(expected)
    wrong = [
        f"{name} is {found.get(name)!r}, not {value!r}" for name, value in wanted.items() if found.get(name) != value
    ]
    if not body.startswith(MAGIC) or wrong:
        raise SenderError(expected.sender, "; ".join(wrong)[:500] or "it is of another format")
    return body[end:]


def _fields(text: bytes) -> dict[str, object]:
    """Return the fields of a header; none where it is no header. Who signs may still write anything."""
    try:
        found = json.loads(text) if len(text) <= HEADER_BYTES else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
