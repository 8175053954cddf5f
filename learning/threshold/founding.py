"""How a key comes about that nobody holds: every dealer commits to its public half before it sees another's.

The last to speak could otherwise choose its half so that the sum is a key of its own making. As many parties deal as
open a sum: whoever controls fewer than that leaves one dealer honest, whose part nobody knows without as many shares.
So a key costs each party the same whether five or five hundred hold it. Shares of the secret and contributions to the
group key go from dealer to party on a way that the coordinator does not carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from learning.crypto.envelope import Tagger, wrap
from learning.crypto.group import CONTRIBUTION_BYTES, GroupKey
from learning.crypto.pairs import ROW_BYTES, PairKeys, rows
from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring, moduli, summed
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import Sealer, sealer
from learning.ends import refuse_other_parties
from learning.faults import ProtectionError, SenderError
from learning.threshold.roster import Roster, digest, posted

_NONCE_BYTES = 32
_HALF_BYTES = 8 * len(PRIMES) * DEGREE


class Dealt(Secret):
    """What a dealer hands to a party at the founding, for that party's eyes alone."""

    __slots__ = ("contribution", "pair", "share")

    def __init__(self, share: Ring | None, contribution: bytes, pair: bytes) -> None:
        self.share = share
        """Of the dealer's part of the key; none where all parties open together, each with its own part."""
        self.contribution = contribution
        """To the key of all parties, the same for each."""
        self.pair = pair
        """The party's row of what gives any two parties a key of their own."""

    @property
    def size(self) -> int:
        """Bytes on the way."""
        return len(self.contribution) + len(self.pair) + (0 if self.share is None else self.share.nbytes)


@dataclass(frozen=True, eq=False, repr=False)
class Membership:
    """What a party holds once the key is founded."""

    party: str
    roster: Roster
    identity: Tagger
    share: KeyShare
    group: GroupKey
    pairs: PairKeys
    sealer: Sealer
    key: str
    """Digest of the collective public key and of everything that was said about it."""

    def __repr__(self) -> str:
        return f"Membership({self.party!r}, key {self.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Membership holds secrets and cannot be pickled or copied")

    def context(self) -> Any:
        """Return an ordinary TenSEAL context with the collective public key; it opens nothing."""
        return context_of(seal().public_key(self.sealer.public, self.sealer.mask))


class Founder:
    """One party's end of the founding, each step once.

    Dealers `commit` and `reveal`, the others `follow`; all `deal`, `take` what they are dealt and `join`.
    """

    def __init__(self, party: str, roster: Roster, identity: Tagger) -> None:
        self.party, self.roster = party, roster
        self._identity = identity
        self._reference = common_reference(roster.digest().encode())
        self._share = KeyShare(self._reference if self.deals else None)
        half = b"" if self._share.public is None else self._share.public.tobytes()
        self._opening = random_bytes(_NONCE_BYTES) + half
        self._commitments: dict[str, bytes] = {}
        self._contributions: dict[str, bytes] = {}
        self._rows: dict[str, bytes] = {}
        self._context = self._key = ""
        self._sealer: Sealer | None = None

    def __repr__(self) -> str:
        return f"Founder({self.party!r}, key {self.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Founder holds secrets and cannot be pickled or copied")

    @property
    def deals(self) -> bool:
        """Whether this party makes a part of the key."""
        return self.party in self.roster.dealers

    def commit(self) -> bytes:
        """Return a dealer's signed commitment to its public half."""
        return self._signed("key commitment", self.roster.digest(), _commitment(self.party, self._opening).encode())

    def follow(self, commitments: Mapping[str, bytes]) -> None:
        """Take note of the dealers' commitments. A second set is refused."""
        if self._commitments:
            raise ProtectionError(f"{self.party!r} has already shown its public half", (self.party,))
        self._commitments = self._posted(commitments, "key commitment", self.roster.digest())
        self._context = digest(self.roster.digest(), *(self._commitments[party] for party in self.roster.dealers))

    def reveal(self, commitments: Mapping[str, bytes]) -> bytes:
        """Return a dealer's signed public half, now that all dealers have committed."""
        self.follow(commitments)
        return self._signed("public key share", self._context, self._opening)

    def deal(self, reveals: Mapping[str, bytes]) -> dict[str, Dealt]:
        """Return what each party gets from this one, now that every public half is as it was committed to.

        A party that is no dealer hands out nothing. Raises SenderError naming a party whose half is another, or is not
        one at all. A second call is refused.
        """
        if self._sealer is not None:
            raise ProtectionError(f"{self.party!r} has already dealt", (self.party,))
        openings = self._posted(reveals, "public key share", self._context)
        public = summed(self._half(party, openings[party]) for party in self.roster.dealers)
        self._key = digest(self._context, public.tobytes())
        self._sealer = sealer(public, self._reference)
        holders, needed = self.roster.parties, self.roster.threshold
        if not self.deals:
            return {}
        shares = [None] * len(holders) if needed == len(holders) else self._share.deal(needed, len(holders))
        pairs, contribution = rows(needed, len(holders)), random_bytes(CONTRIBUTION_BYTES)
        return {
            party: Dealt(share, contribution, pair) for party, share, pair in zip(holders, shares, pairs, strict=True)
        }

    def take(self, dealer: str, dealt: Dealt) -> None:
        """Add what one dealer handed to this party, once each.

        Raises SenderError naming a dealer that handed over something else than a share, ProtectionError for who is no
        dealer or was heard before. A refused call changes nothing.
        """
        if dealer in self._contributions or dealer not in self.roster.dealers:
            raise ProtectionError(f"{self.party!r} takes nothing from {dealer!r}, or nothing more", (dealer,))
        self._check(dealer, dealt)
        self._contributions[dealer], self._rows[dealer] = dealt.contribution, dealt.pair
        if dealt.share is not None:
            self._share.take(dealt.share)

    def join(self, dealt: Mapping[str, Dealt] | None = None) -> Membership:
        """Return the membership, given what was not taken yet of what every dealer dealt to this party.

        Raises SenderError naming a dealer that handed over something else than a share, ProtectionError for a dealer
        that was not heard.
        """
        for dealer, one in (dealt or {}).items():
            self.take(dealer, one)
        refuse_other_parties(self.roster.dealers, self._contributions)
        if self._sealer is None:
            raise ProtectionError(f"{self.party!r} has not seen the public halves", (self.party,))
        if self.roster.threshold == len(self.roster.parties):
            self._share.keep()
        pairs = PairKeys(self.party, self.roster.places(), list(self._rows.values()))
        group = GroupKey(self._contributions)
        return Membership(self.party, self.roster, self._identity, self._share, group, pairs, self._sealer, self._key)

    def _check(self, dealer: str, dealt: Dealt) -> None:
        share, everybody = dealt.share, self.roster.threshold == len(self.roster.parties)
        sizes = len(dealt.contribution), len(dealt.pair)
        fits = sizes == (CONTRIBUTION_BYTES, ROW_BYTES * self.roster.threshold)
        if not fits or not (share is None if everybody else _is_share(share)):
            raise SenderError(dealer, "what it dealt is no share of a key")

    def _half(self, party: str, opening: bytes) -> Ring:
        if _commitment(party, opening).encode() != self._commitments[party]:
            raise SenderError(party, "its public half is not the one it committed to")
        found = opening[_NONCE_BYTES:]
        half = np.frombuffer(found, dtype="<u8").reshape(-1, DEGREE) if len(found) == _HALF_BYTES else None
        if half is None or not (half < moduli(half)).all():
            raise SenderError(party, "its public half is no polynomial")
        return half

    def _signed(self, purpose: str, context: str, payload: bytes) -> bytes:
        return wrap(self.roster.header(self.party, purpose, self.roster.epoch, context), payload, self._identity)

    def _posted(self, wires: Mapping[str, bytes], purpose: str, context: str) -> dict[str, bytes]:
        roster = self.roster
        return posted(wires, roster, roster.dealers, lambda party: roster.header(party, purpose, roster.epoch, context))


def _commitment(party: str, opening: bytes) -> str:
    return digest("key commitment", party, opening)


def _is_share(share: Ring | None) -> bool:
    return share is not None and share.shape == (DATA_PRIMES, DEGREE) and bool((share < moduli(share)).all())
