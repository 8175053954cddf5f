"""The fixed list of who takes part, and the envelopes that its parties sign for each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from learning.crossings import COORDINATOR
from learning.crypto.envelope import NO_NUMBERS, Budget, Checker, Header, authentic, content
from learning.ends import refuse_other_parties
from learning.faults import RoundError, SenderError

EVERYONE = "every party"
"""Receiver of what all parties see."""


class SigningKey(Checker, Protocol):
    """The public half of a signing key, of whatever kind."""

    @property
    def raw(self) -> bytes: ...


@dataclass(frozen=True)
class Roster:
    """Who takes part under which signing key, how many of them open a sum together, and the number of their key."""

    identities: Mapping[str, SigningKey]
    threshold: int
    epoch: int
    """Counts keys from 1: a new key is a new roster."""

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties in order of their names."""
        return tuple(sorted(self.identities))

    @property
    def dealers(self) -> tuple[str, ...]:
        """The parties that make the key: as many as open a sum, so fewer traitors than that never made all of it."""
        return self.parties[: self.threshold]

    def digest(self) -> str:
        """Return what stands for this roster in everything that its parties sign."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        names = [f"{party} {self.identities[party].raw.hex()}" for party in self.parties]
        return digest("roster", str(self.threshold), str(self.epoch), *names)

    def places(self) -> dict[str, int]:
        """Return the place of every party's share, from 1."""
        return {party: place for place, party in enumerate(self.parties, 1)}

    def header(self, sender: str, purpose: str, number: int, context: str, budget: Budget = NO_NUMBERS) -> Header:
        """Return the header of what a party signs for all others; `context` stands for everything it has seen."""
        return header(sender, purpose, number, context, self.digest(), budget)


def header(
    sender: str, purpose: str, number: int, context: str, roster: str = "", budget: Budget = NO_NUMBERS
) -> Header:
    """Return the header of what a party signs for all others, see `Roster.header`; roster: its digest."""
    return Header(
        sender=sender,
        receiver=EVERYONE,
        round=number,
        purpose=purpose,
        parameters=context,
        roster=roster,
        budget=budget,
    )


def digest(*parts: str | bytes) -> str:
    """Return the SHA-256 of parts, each behind its length."""
    found = hashlib.sha256(b"looptwin threshold 1\n")
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()


def posted(
    wires: Mapping[str, bytes], roster: Roster, expected: Sequence[str], header_of: Callable[[str], Header]
) -> dict[str, bytes]:
    """Return the payload of each expected party's envelope, as the coordinator passed them on.

    Raises SenderError blaming the coordinator for what its alleged sender did not sign, RoundError listing sender and
    coordinator for what was signed for another round or after other envelopes, ProtectionError for parties that are
    missing or do not belong.
    """
    refuse_other_parties(expected, wires)
    return {party: _payload(wires[party], roster.identities[party], header_of(party)) for party in expected}


def shown(
    wires: Mapping[str, bytes], roster: Roster, expected: Sequence[str], header_of: Callable[[str], Header]
) -> dict[str, bytes]:
    """Return the payload of each expected party's envelope without a look at its signature, for who checks it later.

    Raises RoundError listing sender and coordinator for another header, ProtectionError for parties that are missing or
    do not belong.
    """
    refuse_other_parties(expected, wires)
    return {party: _content(wires[party], roster.identities[party], header_of(party)) for party in expected}


def _payload(wire: bytes, identity: SigningKey, expected: Header) -> bytes:
    if not authentic(wire, identity):
        raise SenderError(COORDINATOR, f"{expected.sender!r} did not sign what it passes on as its {expected.purpose}")
    return _content(wire, identity, expected)


def _content(wire: bytes, identity: SigningKey, expected: Header) -> bytes:
    try:
        return content(wire[: -identity.tag_bytes], expected)
    except SenderError as fault:
        raise RoundError(str(fault), (expected.sender, COORDINATOR)) from None
