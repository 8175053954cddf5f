"""Envelopes that an intruder finds: who sent them in which round for what, and the ciphertexts in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from learning.crypto.envelope import LENGTH_BYTES, MAGIC, ChannelKey
from learning.crypto.identity import PublicIdentity
from learning.ends import unframe
from learning.faults import ProtectionError

_PARTS = 64
"""Most ciphertexts of an envelope that are looked for."""


@dataclass(frozen=True)
class Envelope:
    """What an envelope says without any key."""

    sender: str
    number: int
    purpose: str
    payload: bytes

    def parts(self) -> list[bytes]:
        """Return the parts of the payload: as many as its lengths say, or none."""
        for count in range(1, _PARTS + 1):
            try:
                return unframe(self.payload, self.sender, count)
            except ProtectionError:
                continue
        return []


def envelopes(blobs: Iterable[bytes]) -> list[Envelope]:
    """Return every envelope among these, once each."""
    found = [_read(blob) for blob in dict.fromkeys(blobs) if blob.startswith(MAGIC)]
    return [one for one in found if one is not None]


def _read(wire: bytes) -> Envelope | None:
    start = len(MAGIC) + LENGTH_BYTES
    end = start + int.from_bytes(wire[len(MAGIC) : start], "big")
    header = json.loads(wire[start:end])
    for tag in (PublicIdentity.tag_bytes, ChannelKey.tag_bytes):
        one = Envelope(header["sender"], header["round"], header["purpose"], wire[end:-tag])
        if one.parts():
            return one
    return None
