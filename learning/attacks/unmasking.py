"""What an intruder takes off a masked update of the protection `compact`: every mask it knows or can rebuild.

A captured party knows the seeds that it shares with its neighbours, and opens the pieces that they closed for it. With
as many pieces as a secret needs, both secrets of a neighbour and so all its masks are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from learning.attacks.wires import Envelope
from learning.compact.founding import Membership
from learning.compact.member import piece_purpose, vault_purpose
from learning.compact.round_secrets import own_mask, read_piece, with_pair
from learning.crypto import sharing
from learning.crypto.compact.field import SEED_BYTES, Words, derived
from learning.crypto.compact.parameters import DEGREE
from learning.crypto.group import GroupKey
from learning.ends import unframe

DEALT = "mask shares"


class Known(NamedTuple):
    """A mask of a party in a round, as far as the intruder knows it."""

    party: str
    number: int
    mask: Words


def masks(captured: Sequence[Membership], envelopes: Sequence[Envelope]) -> Iterator[Known]:
    """Yield for every party that dealt in some round what is known of its mask."""
    for one in envelopes:
        if one.purpose == DEALT and captured:
            yield Known(one.sender, one.number, _mask(one, captured))


def _mask(dealt: Envelope, captured: Sequence[Membership]) -> Words:
    agreed, party = captured[0].agreed, dealt.sender
    count, modulus = agreed.packing.ciphertexts * DEGREE, agreed.packing.modulus
    neighbours = agreed.rules.graph.neighbours(party)
    own, seeds = _rebuilt(dealt, captured, neighbours)
    for one in captured:
        if party in one.masks:
            seeds[one.party] = derived(one.masks[party], f"pair {dealt.number}")
    total = own_mask(own, count, modulus) if own else np.zeros(count, dtype=np.uint64)
    for other, seed in seeds.items():
        total = with_pair(total, party, other, seed, modulus)
    return total


def _rebuilt(
    dealt: Envelope, captured: Sequence[Membership], neighbours: tuple[str, ...]
) -> tuple[bytes, dict[str, bytes]]:
    """Return a party's own seed and those it shares with neighbours, where enough pieces of them are at hand."""
    party, number, needed = dealt.sender, dealt.number, captured[0].agreed.rules.needed
    _, vault, *closed = unframe(dealt.payload, party, 2 + len(neighbours))
    pieces = {}
    for one in captured:
        if party in one.channels:
            place = neighbours.index(one.party)
            shown = one.channels[party].show(closed[place], piece_purpose(party, one.party, number))
            pieces[place + 1] = read_piece(shown, party)
    if len(pieces) < needed:
        return b"", {}
    own = sharing.join({place: piece.own for place, piece in pieces.items()})
    key = sharing.join({place: piece.vault for place, piece in pieces.items()})
    seeds = GroupKey({"vault": key}).show(vault, vault_purpose(party, number))
    return own, {other: seeds[SEED_BYTES * at : SEED_BYTES * (at + 1)] for at, other in enumerate(neighbours)}
