"""How a key comes about that nobody holds: every party commits to its public half before it sees another's.

The last to speak could otherwise choose its half so that the sum is a key of its own making. Shares of the secret and
contributions to the group key go from party to party on a way that the coordinator does not carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from learning.crypto.envelope import Tagger, wrap
from learning.crypto.group import CONTRIBUTION_BYTES, GroupKey
from learning.crypto.pairs import PAIR_BYTES, PairKeys
from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.ring import DEGREE, PRIMES, Ring, add
from learning.crypto.threshold.seal import seal
from learning.ends import refuse_other_parties
from learning.faults import ProtectionError, SenderError
from learning.threshold.roster import Roster, digest, posted

_NONCE_BYTES = 32


class Dealt(Secret):
    """What one party hands to another at the founding, for the other's eyes alone."""

    __slots__ = ("contribution", "pair", "share")

    def __init__(self, share: Ring | None, part: bytes, pair: bytes) -> None:
        self.share = share
        self.contribution = part
        self.pair = pair

    @property
    def size(self) -> int:
        """Bytes on the way."""
        return CONTRIBUTION_BYTES + PAIR_BYTES + (0 if self.share is None else self.share.nbytes)


@dataclass(frozen=True, eq=False, repr=False)
class Membership:
    """What a party holds once the key is founded."""

    party: str
    roster: Roster
    identity: Tagger
    share: KeyShare
    group: GroupKey
    pairs: PairKeys
    context: Any
    """Ordinary TenSEAL context with the collective public key."""
    key: str
    """Digest of the collective public key and of everything that was said about it."""

    def __repr__(self) -> str:
        return f"Membership({self.party!r}, key {self.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Membership holds secrets and cannot be pickled or copied")


class Founder:
    """One party's end of the founding: `commit`, `reveal`, `deal` and `join`, once each and in this order."""

    def __init__(self, party: str, roster: Roster, identity: Tagger) -> None:
        self.party, self.roster = party, roster
        self._identity = identity
        self._reference = common_reference(roster.digest().encode())
        self._share = KeyShare(self._reference)
        self._opening = random_bytes(_NONCE_BYTES) + self._share.public.tobytes()
        self._contribution = random_bytes(CONTRIBUTION_BYTES)
        self._pairs = {party: random_bytes(PAIR_BYTES) for party in roster.parties if party != self.party}
        self._commitments: dict[str, bytes] = {}
        self._context = self._key = ""
        self._public_key = b""

    def __repr__(self) -> str:
        return f"Founder({self.party!r}, key {self.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Founder holds secrets and cannot be pickled or copied")

    def commit(self) -> bytes:
        """Return the signed commitment to this party's public half."""
        return self._signed("key commitment", self.roster.digest(), _commitment(self.party, self._opening).encode())

    def reveal(self, commitments: Mapping[str, bytes]) -> bytes:
        """Return the signed public half, now that all have committed. A second set of commitments is refused."""
        if self._commitments:
            raise ProtectionError(f"{self.party!r} has already shown its public half", (self.party,))
        self._commitments = self._posted(commitments, "key commitment", self.roster.digest())
        self._context = digest(self.roster.digest(), *(self._commitments[party] for party in self.roster.parties))
        return self._signed("public key share", self._context, self._opening)

    def deal(self, reveals: Mapping[str, bytes]) -> dict[str, Dealt]:
        """Return what each party gets from this one, now that every public half is as it was committed to.

        Raises SenderError naming a party whose half is another, or is not one at all. A second call is refused.
        """
        if self._public_key:
            raise ProtectionError(f"{self.party!r} has already dealt", (self.party,))
        openings = self._posted(reveals, "public key share", self._context)
        halves = [self._half(party, openings[party]) for party in self.roster.parties]
        public = halves[0]
        for half in halves[1:]:
            public = add(public, half)
        self._public_key = seal().public_key(public, self._reference)
        self._key = digest(self._context, self._public_key)
        holders = self.roster.parties
        if self.roster.threshold == len(holders):
            return {party: self._dealt(party, None) for party in holders}
        shares = self._share.deal(self.roster.threshold, len(holders))
        return {party: self._dealt(party, share) for party, share in zip(holders, shares, strict=True)}

    def join(self, dealt: Mapping[str, Dealt]) -> Membership:
        """Return the membership, given what every party dealt to this one."""
        refuse_other_parties(self.roster.parties, dealt)
        shares = [one.share for one in dealt.values() if one.share is not None]
        if shares:
            self._share.receive(shares)
        else:
            self._share.keep()
        group = GroupKey({party: one.contribution for party, one in dealt.items()})
        pairs = PairKeys(self.party, self._pairs, {party: one.pair for party, one in dealt.items()})
        context = context_of(self._public_key)
        return Membership(self.party, self.roster, self._identity, self._share, group, pairs, context, self._key)

    def _dealt(self, party: str, share: Ring | None) -> Dealt:
        return Dealt(share, self._contribution, self._pairs.get(party, b""))

    def _half(self, party: str, opening: bytes) -> Ring:
        if _commitment(party, opening).encode() != self._commitments[party]:
            raise SenderError(party, "its public half is not the one it committed to")
        words = np.frombuffer(opening[_NONCE_BYTES:], dtype="<u8")
        moduli = np.repeat(np.array(PRIMES, dtype=np.uint64), DEGREE)
        if words.shape != moduli.shape or not (words < moduli).all():
            raise SenderError(party, "its public half is no polynomial")
        return words.reshape(len(PRIMES), DEGREE)

    def _signed(self, purpose: str, context: str, payload: bytes) -> bytes:
        return wrap(self.roster.header(self.party, purpose, self.roster.epoch, context), payload, self._identity)

    def _posted(self, wires: Mapping[str, bytes], purpose: str, context: str) -> dict[str, bytes]:
        roster = self.roster
        return posted(wires, roster, roster.parties, lambda party: roster.header(party, purpose, roster.epoch, context))


def _commitment(party: str, opening: bytes) -> str:
    return digest("key commitment", party, opening)
