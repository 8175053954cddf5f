"""Numbers, rounds and ends for the tests of protected sums, with the secrets at hand as only a test has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from learning.crypto.envelope import ChannelKey, wrap
from learning.crypto.plain import PlainAdder, PlainCipher
from learning.crypto.shared_key import PARAMETERS, SCALE_BITS, CiphertextAdder, SharedKey
from learning.crypto.slots import Layout
from learning.ends import Client, Coordinator, Terms
from learning.quantise import budget_steps

PARTIES = ("east", "north", "south")
VALUES = 6
LAYOUT = Layout(PARTIES, VALUES)
BUDGET = budget_steps(len(PARTIES))
EXTREME = {party: np.array([BUDGET, -BUDGET, 0, 1, -1, 2**30]) for party in PARTIES}


def sealed(federation: Any) -> tuple[dict[str, bytes], int]:
    """Every party's envelope of a new round."""
    number = federation.next_round()
    return {party: federation.protection.clients[party].seal(EXTREME[party], number) for party in PARTIES}, number


@dataclass
class Ends:
    """The ends of a federation with their secrets at hand, as only a test has them."""

    key: Any
    """Every party's cipher."""
    keys: dict[str, ChannelKey]
    terms: Terms
    clients: dict[str, Client]
    coordinator: Coordinator

    def sent(self, party: str, ciphertext: bytes, number: int) -> bytes:
        """A sound envelope of `party` around any bytes."""
        return wrap(self.terms.update(party, number), framed(ciphertext), self.keys[party])


def by_hand() -> Ends:
    """A federation under one shared key."""
    key, keys = SharedKey.generate(), {party: ChannelKey() for party in PARTIES}
    terms = Terms("shared_key", LAYOUT, PARAMETERS, SCALE_BITS)
    clients = {party: Client(party, terms, key, keys[party]) for party in PARTIES}
    return Ends(key, keys, terms, clients, Coordinator(terms, CiphertextAdder(key.parameters()), keys))


def in_clear() -> Ends:
    """A federation without a cipher."""
    key, keys = PlainCipher(), {party: ChannelKey() for party in PARTIES}
    terms = Terms("plain", LAYOUT, "no cipher")
    clients = {party: Client(party, terms, key, keys[party]) for party in PARTIES}
    return Ends(key, keys, terms, clients, Coordinator(terms, PlainAdder(), keys))


def framed(ciphertext: bytes) -> bytes:
    """A payload of one ciphertext."""
    return len(ciphertext).to_bytes(4, "big") + ciphertext


def wires_of_round(ends: Ends, number: int) -> dict[str, bytes]:
    """Every party's sound envelope."""
    return {party: ends.clients[party].seal(EXTREME[party], number) for party in PARTIES}
