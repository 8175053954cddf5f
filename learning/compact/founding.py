"""How a compact federation gets its keys: pairs agree on theirs, the first party hands the common ones to the others.

What is handed over passes the coordinator, closed under a key that two parties agreed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from learning.compact.terms import Agreed
from learning.crossings import COORDINATOR
from learning.crypto.agreement import AgreementKey
from learning.crypto.compact.bfv import SealingKey
from learning.crypto.compact.check import CheckKey
from learning.crypto.compact.field import derived
from learning.crypto.envelope import Header, wrap
from learning.crypto.group import GroupKey
from learning.crypto.identity import Identity, PublicIdentity
from learning.crypto.memory import UNREADABLE
from learning.crypto.secret import random_bytes
from learning.ends import frame, unframe
from learning.faults import RoundError, SenderError
from learning.threshold.roster import digest, posted

CHECK_BYTES = 32


@dataclass(frozen=True, eq=False, repr=False)
class Membership:
    """What a party holds once the keys are there."""

    party: str
    agreed: Agreed
    identity: Identity
    coordinator: PublicIdentity
    """Checks what the coordinator signs."""
    masks: Mapping[str, bytes]
    """The key of the masks with each neighbour."""
    channels: Mapping[str, GroupKey]
    """The key of what passes between two neighbours."""
    sealing: SealingKey
    checks: CheckKey

    def __repr__(self) -> str:
        return f"Membership({self.party!r}, key {self.agreed.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Membership holds secrets and cannot be pickled or copied")


class Founder:
    """One party's end of the founding: `offer` once, `hand_over` at the first party, `join` once."""

    def __init__(self, party: str, agreed: Agreed, identity: Identity, coordinator: PublicIdentity) -> None:
        self.party, self.agreed = party, agreed
        self._identity, self._coordinator = identity, coordinator
        self._agreement = AgreementKey()
        self._own: tuple[SealingKey, bytes] | None = None
        if party == self.first:
            self._own = SealingKey.generate(agreed.packing.modulus), random_bytes(CHECK_BYTES)

    def __repr__(self) -> str:
        return f"Founder({self.party!r}, key {self.agreed.roster.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Founder holds secrets and cannot be pickled or copied")

    @property
    def first(self) -> str:
        """Who makes the keys that all parties hold."""
        return self.agreed.roster.parties[0]

    def offer(self) -> bytes:
        """Return the signed public half of this party's agreement key."""
        return self._signed("agreement key", self._agreement.public())

    def hand_over(self, offers: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the common keys for each other party, closed for it alone. Raises the faults of `posted`."""
        assert self._own is not None
        sealing, check = self._own
        content = frame([sealing.hand_over(), check])
        publics = self._publics(offers, [party for party in self.agreed.roster.parties if party != self.party])
        return {
            party: self._signed(
                "common keys",
                _channel(self._agree(party, public)).hide(content, _purpose(self.first, party)),
            )
            for party, public in publics.items()
        }

    def join(self, offers: Mapping[str, bytes], handed: bytes = b"") -> Membership:
        """Return the membership, given everybody's offer and what the first party handed to this one.

        Only the neighbours' offers and the first party's are looked at. Raises SenderError or RoundError for what is
        not signed by its party or does not open here.
        """
        neighbours = self.agreed.rules.graph.neighbours(self.party)
        wanted = sorted({*neighbours, self.first} - {self.party})
        keys = {party: self._agree(party, public) for party, public in self._publics(offers, wanted).items()}
        sealing, check = self._own or self._common(handed, keys[self.first])
        return Membership(
            party=self.party,
            agreed=self.agreed,
            identity=self._identity,
            coordinator=self._coordinator,
            masks={party: derived(keys[party], "masks") for party in neighbours},
            channels={party: _channel(keys[party]) for party in neighbours},
            sealing=sealing,
            checks=CheckKey(check, self.agreed.packing.modulus),
        )

    def _common(self, handed: bytes, key: bytes) -> tuple[SealingKey, bytes]:
        content = posted(
            {self.first: handed}, self.agreed.roster, [self.first], lambda party: self._header(party, "common keys")
        )
        try:
            shown = _channel(key).show(content[self.first], _purpose(self.first, self.party))
            sealing, check = unframe(shown, self.first, 2)
            return SealingKey.receive(self.agreed.packing.modulus, sealing), check
        except UNREADABLE:
            raise RoundError("the common keys do not open", (self.first, COORDINATOR)) from None

    def _publics(self, offers: Mapping[str, bytes], wanted: list[str]) -> dict[str, bytes]:
        given = {party: offers[party] for party in wanted if party in offers}
        return posted(given, self.agreed.roster, wanted, lambda party: self._header(party, "agreement key"))

    def _agree(self, other: str, public: bytes) -> bytes:
        names = digest("agreement", self.agreed.digest(), *sorted((self.party, other)))
        try:
            return self._agreement.agree(public, names)
        except ValueError:
            raise SenderError(other, "it offers no key to agree with") from None

    def _header(self, party: str, purpose: str) -> Header:
        return self.agreed.header(party, purpose, self.agreed.roster.epoch, self.agreed.digest())

    def _signed(self, purpose: str, payload: bytes) -> bytes:
        return wrap(self._header(self.party, purpose), payload, self._identity)


def _channel(key: bytes) -> GroupKey:
    return GroupKey({"channel": derived(key, "channel")})


def _purpose(sender: str, receiver: str) -> bytes:
    return digest("common keys", sender, receiver).encode()
