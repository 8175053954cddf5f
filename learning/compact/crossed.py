"""What crosses borders in a compact federation, and who could read it."""

from __future__ import annotations

from collections.abc import Mapping

from learning.crossings import COORDINATOR, Crossing, Form
from learning.crypto.identity import PublicIdentity

CONTENT = "gradient, Hessian, loss and number of labelled cores"
_CONTENTS: Mapping[str, tuple[Form, str]] = {
    "agreement key": ("clear", "public half of the key that it agrees on others with; opens nothing"),
    "common keys": ("cipher", "the BFV key and the checksum key of all parties, closed for each other party"),
    "mask shares": ("cipher", "shares of the secrets of a round, closed for the neighbours that keep them"),
    "update": ("cipher", f"{CONTENT} of one party, masked and encrypted, and for whom"),
    "agreement": ("clear", "signature under the list of those whose updates came"),
    "mask opening": ("clear", "what takes masks off the sum over that list; opens no update"),
    "sum": ("cipher", f"{CONTENT}, summed and encrypted"),
}


class Crossed:
    """The crossings of a founding or a round, as they come about."""

    def __init__(self, parties: tuple[str, ...], day: float) -> None:
        self.parties, self.day = parties, day
        self.rows: list[Crossing] = []

    def sent(self, purpose: str, wires: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Write down what each party sends to the coordinator; return it."""
        for party, wire in wires.items():
            self._add(party, COORDINATOR, purpose, len(wire))
        return wires

    def passed_on(self, purpose: str, sizes: Mapping[str, int]) -> None:
        """Write down what the coordinator sends to each party."""
        for party, size in sizes.items():
            self._add(COORDINATOR, party, purpose, size)

    def identities(self) -> list[Crossing]:
        """Return the crossings of the signing keys."""
        content = "public half of its signing key; the parties compare it on a way of their own"
        everybody = (*self.parties, COORDINATOR)
        return [
            self._row(sender, receiver, "signing key", "out_of_band", PublicIdentity.size, content, everybody)
            for sender, receiver in [*((party, COORDINATOR) for party in self.parties), (COORDINATOR, self.parties[0])]
        ]

    def _add(self, sender: str, receiver: str, purpose: str, size: int) -> None:
        form, content = _CONTENTS[purpose]
        everybody = (*self.parties, COORDINATOR)
        readers = {"update": (), "mask shares": (), "sum": self.parties, "common keys": self.parties}
        self.rows.append(self._row(sender, receiver, purpose, form, size, content, readers.get(purpose, everybody)))

    def _row(
        self, sender: str, receiver: str, purpose: str, form: Form, size: int, content: str, readers: tuple[str, ...]
    ) -> Crossing:
        return Crossing(
            day=self.day,
            sender=sender,
            receiver=receiver,
            purpose=purpose,
            clear_or_cipher=form,
            bytes=size,
            readable_by=tuple(reader for reader in readers if reader != sender),
            content=content,
        )
