"""A party's secrets of one round: what its own mask and the masks with its neighbours are drawn from.

Two secrets are shared among the neighbours. The `own` seed comes to light when the party's update is in the sum; the
`vault` key, which closes a copy of its seeds with every neighbour, when its update never came. Never both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from learning.crypto import sharing
from learning.crypto.compact.field import SEED_BYTES, Words, add, derived, stretched, subtract
from learning.crypto.group import GroupKey
from learning.crypto.secret import Secret, random_bytes
from learning.ends import frame, unframe
from learning.faults import SenderError

COMMITMENT_BYTES = 32


class Piece(Secret):
    """What one neighbour keeps for a party: a share of each of its two secrets."""

    __slots__ = ("own", "vault")

    def __init__(self, own: bytes, vault: bytes) -> None:
        self.own, self.vault = own, vault


class Commitments(NamedTuple):
    """Hashes by which everybody can tell what a party dealt, in the order of its neighbours."""

    own: bytes
    vault: bytes
    own_shares: tuple[bytes, ...]
    vault_shares: tuple[bytes, ...]


class RoundSecrets(Secret):
    """Fresh for every round, from the operating system; the seeds with neighbours come from agreed keys."""

    __slots__ = ("own", "pairs", "party", "vault")

    def __init__(self, party: str, keys: Mapping[str, bytes], number: int) -> None:
        self.party = party
        self.own, self.vault = random_bytes(SEED_BYTES), random_bytes(SEED_BYTES)
        self.pairs = {other: derived(key, f"pair {number}") for other, key in keys.items()}

    def closed_vault(self, purpose: bytes) -> bytes:
        """Return the seeds with all neighbours, in order of their names, closed under the vault key."""
        seeds = b"".join(self.pairs[other] for other in sorted(self.pairs))
        return GroupKey({"vault": self.vault}).hide(seeds, purpose)

    def pieces(self, needed: int) -> dict[str, Piece]:
        """Return what each neighbour keeps."""
        holders = sorted(self.pairs)
        own, vault = (sharing.deal(secret, needed, len(holders)) for secret in (self.own, self.vault))
        return {holder: Piece(one, other) for holder, one, other in zip(holders, own, vault, strict=True)}

    def mask(self, count: int, modulus: int, neighbours: Sequence[str]) -> Words:
        """Return the sum of the own mask and the masks with these neighbours: UInt64[count]."""
        total = own_mask(self.own, count, modulus)
        for other in neighbours:
            total = with_pair(total, self.party, other, self.pairs[other], modulus)
        return total


def own_mask(seed: bytes, count: int, modulus: int) -> Words:
    """Return the mask of a party's own seed."""
    return stretched(seed, "own mask", count, modulus)


def with_pair(total: Words, party: str, other: str, seed: bytes, modulus: int) -> Words:
    """Return `total` and the mask that `party` shares with `other`; the two of them cancel."""
    mask = stretched(seed, "pair mask", len(total), modulus)
    return add(total, mask, modulus) if party < other else subtract(total, mask, modulus)


def commit(drawn: RoundSecrets, pieces: Mapping[str, Piece]) -> bytes:
    """Return the commitments to what a party deals, as they travel."""
    holders = sorted(pieces)
    shown = [drawn.own, drawn.vault, *(pieces[one].own for one in holders), *(pieces[one].vault for one in holders)]
    return b"".join(hashed(one) for one in shown)


def read_commitments(content: bytes, holders: int, party: str) -> Commitments:
    """Return the commitments of a party with that many neighbours. Raises SenderError naming it for another size."""
    count = 2 + 2 * holders
    parts = [content[at : at + COMMITMENT_BYTES] for at in range(0, len(content), COMMITMENT_BYTES)]
    if len(content) != count * COMMITMENT_BYTES:
        raise SenderError(party, "its commitments have another size")
    return Commitments(parts[0], parts[1], tuple(parts[2 : 2 + holders]), tuple(parts[2 + holders :]))


def hashed(secret: bytes) -> bytes:
    """Return the commitment to a secret of 32 random bytes or a share of one."""
    return hashlib.sha256(b"looptwin compact commitment 1\n" + secret).digest()


def piece_payload(piece: Piece) -> bytes:
    """Return a piece as it is closed for its holder."""
    return frame([piece.own, piece.vault])


def read_piece(content: bytes, sender: str) -> Piece:
    """Return the piece in these bytes. Raises SenderError naming `sender` for anything else."""
    return Piece(*unframe(content, sender, 2))
