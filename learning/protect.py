"""The protected sum: quantised updates are sealed by each party, summed by the coordinator, opened as one exact sum.

`protection(word, parties, values)` gives the federation's way of summing, by the word that `collaboration.protection`
and `lt.learn(mode=)` take. Whatever the word, the opened sums are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from learning.arrays import IntArray
from learning.crossings import COORDINATOR, Crossing, Form
from learning.crypto.envelope import ChannelKey
from learning.crypto.plain import PlainAdder, PlainCipher
from learning.crypto.slots import Layout
from learning.ends import Cipher, Client, Coordinator, Terms
from learning.faults import ProtectionError
from learning.protected import UNAUDITED, Protection, Total

PLAIN_STATEMENT = "every update is readable by whoever carries it"
SHARED_KEY_STATEMENT = "any one client and the server can read an update"


@dataclass(frozen=True, eq=False, kw_only=True)
class OnePass(Protection):
    """Each party seals, the coordinator sums, each party opens: for ciphers that any party opens by itself."""

    coordinator: Coordinator
    clients: Mapping[str, Client]
    form: Form
    update_readers: tuple[str, ...]
    """Who holds what opens a single party's update."""

    def total(self, updates: Mapping[str, IntArray], *, number: int, day: float, silent: Collection[str] = ()) -> Total:
        """Return the exact sum, see `Protection.total`."""
        self._check(updates)
        present = [party for party in self.parties if party not in silent]
        if not present:
            raise ProtectionError("nobody is left to open the sum", self.parties)
        up = {party: self.clients[party].seal(updates[party], number) for party in self.parties}
        down = self.coordinator.combine(up, number)
        opened = [self.clients[party].open(down[party], number) for party in present]
        rows = [self._crossing(day, party, COORDINATOR, "update", len(wire)) for party, wire in up.items()]
        rows += [self._crossing(day, COORDINATOR, party, "sum", len(down[party])) for party in present]
        return Total(opened[0], tuple(rows))

    def without(self, gone: Collection[str], day: float = 0.0) -> OnePass:
        """Return the federation of those that stay, see `Protection.without`; here the coordinator could decide it."""
        staying = tuple(party for party in self.parties if party not in gone)
        if len(staying) < 2:
            raise ProtectionError(
                f"{self.word}: without {', '.join(sorted(gone))} a sum would be the update of one party", sorted(gone)
            )
        terms = replace(self.coordinator.terms, layout=replace(self.layout, parties=staying))
        return replace(
            self,
            statement=f"{self.statement}; {', '.join(sorted(gone))} went before it sealed",
            layout=terms.layout,
            coordinator=self.coordinator.among(terms),
            clients={party: self.clients[party].among(terms) for party in staying},
            sum_readers=tuple(reader for reader in self.sum_readers if reader not in gone),
            keys=(),
        )

    def _crossing(self, day: float, sender: str, receiver: str, purpose: str, size: int) -> Crossing:
        readers = self.update_readers if purpose == "update" else self.sum_readers
        return Crossing(
            day=day,
            sender=sender,
            receiver=receiver,
            purpose=purpose,
            clear_or_cipher=self.form,
            bytes=size,
            readable_by=tuple(reader for reader in readers if reader != sender),
            content="gradient, Hessian, loss and number of labelled cores"
            + (" of one party" if purpose == "update" else f", summed over {len(self.parties)} parties"),
        )


def protection(
    word: str,
    parties: Iterable[str],
    values: int,
    day: float = 0.0,
    needed: int | None = None,
    bits: int | None = None,
) -> Protection:
    """Return a federation of `parties`, set up on `day` with fresh keys, for updates of `values` numbers.

    needed: how many parties open a sum together (`threshold`), or rebuild a mask (`compact`); default the majority.
    bits: of a number that one party sends, its sign among them; default as many as the range of a sum allows, and
    fewer travel in fewer bytes where the cipher packs them. Raises ProtectionError for an unknown word, for parties
    that cannot be summed, and for too few of them.
    """
    if word not in PROTECTIONS:
        raise ProtectionError(_unknown(word))
    return PROTECTIONS[word](Layout(tuple(sorted(parties)), values, bits=bits), day, needed)


def plain(layout: Layout, day: float, needed: int | None = None) -> Protection:
    """Return a federation without secrecy; envelopes and checks are the same."""
    terms, channels = Terms("plain", layout, "no cipher"), {party: ChannelKey() for party in layout.parties}
    return OnePass(
        word="plain",
        statement=PLAIN_STATEMENT,
        label=UNAUDITED,
        layout=layout,
        coordinator=Coordinator(terms, PlainAdder(), channels),
        clients=_clients(terms, {party: PlainCipher() for party in layout.parties}, channels),
        form="clear",
        update_readers=(*layout.parties, COORDINATOR),
        sum_readers=(*layout.parties, COORDINATOR),
        keys=_channel_rows(layout, day),
    )


def shared_key(layout: Layout, day: float, needed: int | None = None) -> Protection:
    """Return a federation whose parties share one CKKS secret key that the coordinator does not have.

    Raises ProtectionError for a single party: the opened sum would be its update.
    """
    from learning.crypto.shared_key import PARAMETERS, SCALE_BITS, CiphertextAdder, SharedKey

    if len(layout.parties) < 2:
        raise ProtectionError(
            f"a sum over {layout.parties[0]!r} alone is its update; shared_key needs two parties or more",
            layout.parties,
        )
    first, *others = layout.parties
    key = SharedKey.generate()
    handed, parameters = key.hand_over(), key.parameters()
    ciphers = {first: key} | {party: SharedKey.receive(handed) for party in others}
    terms = Terms("shared_key", layout, PARAMETERS, SCALE_BITS)
    channels = {party: ChannelKey() for party in layout.parties}
    return OnePass(
        word="shared_key",
        statement=SHARED_KEY_STATEMENT,
        label=UNAUDITED,
        layout=layout,
        coordinator=Coordinator(terms, CiphertextAdder(parameters), channels),
        clients=_clients(terms, ciphers, channels),
        form="cipher",
        update_readers=layout.parties,
        sum_readers=layout.parties,
        keys=_channel_rows(layout, day) + _shared_key_rows(layout, day, len(handed), len(parameters)),
    )


def _threshold(layout: Layout, day: float, needed: int | None) -> Protection:
    from learning.threshold.federation import threshold

    return threshold(layout, day, needed)


def _compact(layout: Layout, day: float, needed: int | None) -> Protection:
    from learning.compact.federation import compact
    from learning.crypto.compact.packing import dense

    return compact(dense(layout), day, needed)


PROTECTIONS: Mapping[str, Callable[[Layout, float, int | None], Protection]] = MappingProxyType(
    {"plain": plain, "shared_key": shared_key, "threshold": _threshold, "compact": _compact}
)
"""Every protection by its word."""


def _clients(terms: Terms, ciphers: Mapping[str, Cipher], channels: Mapping[str, ChannelKey]) -> Mapping[str, Client]:
    parties = terms.layout.parties
    return MappingProxyType({party: Client(party, terms, ciphers[party], channels[party]) for party in parties})


def _channel_rows(layout: Layout, day: float) -> tuple[Crossing, ...]:
    return tuple(
        Crossing(
            day=day,
            sender=party,
            receiver=COORDINATOR,
            purpose="channel key",
            clear_or_cipher="out_of_band",
            bytes=ChannelKey.size,
            readable_by=(COORDINATOR,),
            content="key that authenticates envelopes between the two; opens nothing",
        )
        for party in layout.parties
    )


def _shared_key_rows(layout: Layout, day: float, key_bytes: int, parameter_bytes: int) -> tuple[Crossing, ...]:
    first, *others = layout.parties
    keys = [
        Crossing(
            day=day,
            sender=first,
            receiver=party,
            purpose="shared secret key",
            clear_or_cipher="out_of_band",
            bytes=key_bytes,
            readable_by=tuple(others),
            content="the CKKS secret key that opens every party's update",
        )
        for party in others
    ]
    parameters = Crossing(
        day=day,
        sender=first,
        receiver=COORDINATOR,
        purpose="cipher parameters",
        clear_or_cipher="clear",
        bytes=parameter_bytes,
        readable_by=(*others, COORDINATOR),
        content="public CKKS parameters, no key",
    )
    return (*keys, parameters)


def _unknown(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, PROTECTIONS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"protection: {word!r} is not one of {', '.join(PROTECTIONS)}{hint}"
