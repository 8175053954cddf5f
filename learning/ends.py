"""The two ends of a protected sum: a client at each party, one coordinator that carries and sums.

Seal and open run at a party, combine at the coordinator; each end holds its own secrets only. A protection differs from
another by its cipher alone: layout, check slots and envelopes are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import NoReturn, Protocol

from learning.arrays import FloatArray, IntArray
from learning.crossings import COORDINATOR
from learning.crypto.envelope import LENGTH_BYTES, Budget, ChannelKey, Header, unwrap, wrap
from learning.crypto.slots import Layout
from learning.faults import ProtectionError, SenderError


class Cipher(Protocol):
    """A party's end of a cipher."""

    def seal(self, slots: IntArray) -> bytes: ...
    def open(self, ciphertext: bytes, slots: int) -> FloatArray: ...


class Adder(Protocol):
    """The coordinator's end: sums what it may be unable to read."""

    def add(self, ciphertexts: Mapping[str, bytes], slots: int) -> bytes: ...


@dataclass(frozen=True)
class Terms:
    """What all ends agree on before the first round; public."""

    word: str
    layout: Layout
    cipher: str
    """The cipher's public parameters."""
    scale_bits: int = 0
    """The cipher's scale is two to this power; nought where slots travel as they are."""

    def digest(self) -> str:
        """Return the digest that every envelope carries."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def roster(self) -> str:
        """Return the digest of who takes part."""
        return self._roster

    @cached_property
    def _roster(self) -> str:
        return hashlib.sha256(json.dumps(self.layout.parties).encode()).hexdigest()

    def budget(self) -> Budget:
        """Return the range that every party's numbers keep, so that their sum is exact."""
        layout = self.layout
        return Budget(
            bits=layout.limb_bits,
            scale_bits=self.scale_bits,
            count=len(layout.parties),
            bound=layout.limit,
            checks=layout.check_slots,
        )

    def update(self, party: str, number: int) -> Header:
        """Return the header of a party's update in a round."""
        return self._header(party, COORDINATOR, number, "update")

    def total(self, party: str, number: int) -> Header:
        """Return the header of the sum that a party gets in a round."""
        return self._header(COORDINATOR, party, number, "sum")

    def _header(self, sender: str, receiver: str, number: int, purpose: str) -> Header:
        return Header(
            sender=sender,
            receiver=receiver,
            round=number,
            purpose=purpose,
            parameters=self.digest(),
            roster=self.roster(),
            budget=self.budget(),
        )


class Client:
    """One party's end. Holds state: its keys, the last round it sealed and the last sum it opened."""

    def __init__(self, party: str, terms: Terms, cipher: Cipher, key: ChannelKey) -> None:
        self.party, self.terms = party, terms
        self._cipher, self._key = cipher, key
        self.sealed_round = self.opened_round = 0

    def __repr__(self) -> str:
        return f"Client({self.party!r}, {self.terms.word})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Client holds secrets and cannot be pickled or copied")

    def among(self, terms: Terms) -> Client:
        """Return this party's end on other terms, under the same keys; rounds go on counting."""
        end = Client(self.party, terms, self._cipher, self._key)
        end.sealed_round, end.opened_round = self.sealed_round, self.opened_round
        return end

    def seal(self, numbers: IntArray, number: int) -> bytes:
        """Return the envelope of an update for round `number`.

        Raises ProtectionError naming the party for a value out of range, and for a round that is not newer than the
        last: two sums of one round over different parties would give away their difference.
        """
        if number <= self.sealed_round:
            raise ProtectionError(f"{self.party!r} has already sealed round {self.sealed_round}", (self.party,))
        chunks = self.terms.layout.spread(numbers, self.party)
        payload = frame([self._cipher.seal(slots) for slots in chunks])
        wire = wrap(self.terms.update(self.party, number), payload, self._key)
        self.sealed_round = number
        return wire

    def open(self, wire: bytes, number: int) -> IntArray:
        """Return the exact sum of all parties' updates of round `number`.

        Raises SenderError blaming the coordinator for what the envelope proves, RoundError for a sum that fails its
        checks, ProtectionError for a round other than the last that was sealed here, and for a second opening: an
        envelope that proves sound is used up by its opening, whatever the ciphertext turns out to hold. Who could try
        ciphertext after ciphertext would learn from each refusal.
        """
        if number != self.sealed_round:
            raise ProtectionError(f"{self.party!r} has sealed round {self.sealed_round}, not {number}", (self.party,))
        if number <= self.opened_round:
            raise ProtectionError(f"{self.party!r} has already opened the sum of round {number}", (self.party,))
        layout = self.terms.layout
        chunks = _chunks(wire, self.terms.total(self.party, number), self._key, layout)
        self.opened_round = number
        try:
            opened = [
                self._cipher.open(chunk, slots) for chunk, slots in zip(chunks, layout.slot_counts(), strict=True)
            ]
        except ValueError as fault:
            raise SenderError(COORDINATOR, str(fault)) from None
        return layout.gather(opened)


class Coordinator:
    """Who carries and sums. Holds state: a channel key per party, the last round it summed; no key to an update."""

    def __init__(self, terms: Terms, adder: Adder, keys: Mapping[str, ChannelKey]) -> None:
        self.terms, self.adder = terms, adder
        self._keys = dict(keys)
        self.summed_round = 0

    def __repr__(self) -> str:
        return f"Coordinator({self.terms.word}, round {self.summed_round})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Coordinator holds secrets and cannot be pickled or copied")

    def among(self, terms: Terms) -> Coordinator:
        """Return the coordinator's end on other terms, under the same keys; rounds go on counting."""
        end = Coordinator(terms, self.adder, {party: self._keys[party] for party in terms.layout.parties})
        end.summed_round = self.summed_round
        return end

    def combine(self, wires: Mapping[str, bytes], number: int) -> dict[str, bytes]:
        """Return the envelope of the sum for each party, given what came by each party's channel.

        Raises SenderError blaming the party whose envelope is wrong, ProtectionError for parties missing or a round
        that is not newer than the last. A refused call changes nothing.
        """
        layout = self.terms.layout
        if number <= self.summed_round:
            raise ProtectionError(f"round {self.summed_round} is already summed, {number} is not newer", layout.parties)
        refuse_other_parties(layout.parties, wires)
        chunks = {
            party: _chunks(wires[party], self.terms.update(party, number), self._keys[party], layout)
            for party in layout.parties
        }
        sums = [
            self.adder.add({party: chunks[party][index] for party in layout.parties}, slots)
            for index, slots in enumerate(layout.slot_counts())
        ]
        payload = frame(sums)
        self.summed_round = number
        return {party: wrap(self.terms.total(party, number), payload, self._keys[party]) for party in layout.parties}


def refuse_other_parties(expected: Sequence[str], given: Mapping[str, object]) -> None:
    """Raise ProtectionError naming every party that is missing or does not belong."""
    if wrong := sorted(set(expected) ^ set(given)):
        named = ", ".join(f"{party!r} {'is missing' if party in expected else 'does not belong'}" for party in wrong)
        raise ProtectionError(f"the round is over {', '.join(expected)}: {named}", wrong)


def _chunks(wire: bytes, expected: Header, key: ChannelKey, layout: Layout) -> list[bytes]:
    return unframe(unwrap(wire, expected, key), expected.sender, len(layout.slot_counts()))


def frame(chunks: Sequence[bytes]) -> bytes:
    """Return chunks as one payload, each behind its length."""
    return b"".join(len(chunk).to_bytes(LENGTH_BYTES, "big") + chunk for chunk in chunks)


def unframe(payload: bytes, sender: str, count: int) -> list[bytes]:
    """Return the chunks of a payload. Raises SenderError naming `sender` unless there are `count` of them."""
    chunks, at = [], 0
    while at < len(payload):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(payload[at:start], "big")
        chunks.append(payload[start:at])
    if at != len(payload):
        raise SenderError(sender, "its ciphertexts are cut short")
    if len(chunks) != count:
        raise SenderError(sender, f"it holds {len(chunks)} ciphertexts, not {count}")
    return chunks
