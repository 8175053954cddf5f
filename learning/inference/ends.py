"""The two sides of a private score: who holds features and who holds a model. Each object holds its own side alone.

Two ways to the same shared difference. Under `encrypted_features` the asker seals its features, the modeller multiplies
and masks. Under `encrypted_model` the modeller seals its model once, the asker multiplies and masks. Then either the
score is unmasked for the asker, or a garbled comparison tells it the decision and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey, unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import ProtectionError, SenderError
from learning.inference import linear
from learning.inference.choosing import Chooser
from learning.inference.comparison import asked, decided, garbled, share_of_mask, share_of_masked
from learning.inference.scale import Agreement, WholeModel
from learning.outsourced.keys import FAILURES, PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED

_SCALE_BITS = COVERED.scale_bits
_NUMBER_BYTES = 16
_LARGEST = 1 << (linear.MASK_BITS + 1)
ALLOWANCE = 10_000
"""Cores that one `Modeller` scores before it refuses. A bound on work and no protection of the model: some 20 decisions
a weight teach an asker that chooses its cores (`tests/learning/test_inference_taught.py`)."""


class _Side:
    def __init__(self, own: str, agreement: Agreement, channel: ChannelKey) -> None:
        self.own, self.agreement = own, agreement
        self.other = agreement.modeller if own == agreement.asker else agreement.asker
        self._channel = channel
        self._key = RowKey(COVERED)
        self._shares: list[int] = []
        self._holds_masked = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.own!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and cannot be pickled or copied")

    def _send(self, purpose: str, number: int, payload: bytes) -> bytes:
        return wrap(self.agreement.header(self.own, purpose, number), payload, self._channel)

    def _receive(self, wire: bytes, purpose: str, number: int) -> bytes:
        return unwrap(wire, self.agreement.header(self.other, purpose, number), self._channel)

    def _read(self, content: bytes) -> Any:
        return lattice(COVERED).read(content, 2, _SCALE_BITS)

    def _opened(self, products: Sequence[Any], cores: int, width: int) -> list[int]:
        """Return the numbers of all cores in covered products."""
        found: list[int] = []
        for number, product in enumerate(products):
            at = linear.places(number, cores, width)
            found += self._key.exactly(product, at, _SCALE_BITS, _LARGEST)
        return found


class Asker(_Side):
    """Who holds features. Its keys are its own; scores and decisions are told to it alone."""

    def __init__(self, agreement: Agreement, channel: ChannelKey) -> None:
        super().__init__(agreement.asker, agreement, channel)
        self._chooser, self._failed = Chooser(), 0
        self._model: tuple[Any, PublicRowKey] | None = None
        self._cores = 0
        self._masks: list[int] = []

    def features(self, features: FloatArray, number: int) -> bytes:
        """Return its public key and its sealed features. Raises ProtectionError for features that do not fit."""
        whole = self.agreement.whole_features(features)
        self._cores = len(whole)
        sealer = PublicRowKey(COVERED, self._key.public())
        payload = frame([self._key.public(), *(sealer.wire(one) for one in linear.features_polynomials(whole))])
        return self._send("features", number, len(whole).to_bytes(_NUMBER_BYTES, "big") + payload)

    def scores(self, wire: bytes, number: int) -> list[int]:
        """Return the scores of its sealed features, in grid steps of the model."""
        return self._from_features(wire, "scores", number)

    def masked(self, wire: bytes, number: int) -> None:
        """Keep the masked scores of its sealed features."""
        self._shares = [share_of_masked(one) for one in self._from_features(wire, "masked", number)]
        self._holds_masked = True

    def _from_features(self, wire: bytes, purpose: str, number: int) -> list[int]:
        width = len(self.agreement.reach)
        chunks = unframe(self._receive(wire, purpose, number), self.other, linear.polynomials(self._cores, width))
        try:
            return self._opened([self._read(one) for one in chunks], self._cores, width)
        except ValueError as fault:
            raise SenderError(self.other, str(fault)) from None

    def model(self, wire: bytes) -> None:
        """Keep the sealed model, and the key it is under."""
        public, sealed = unframe(self._receive(wire, "model", 0), self.other, 2)
        try:
            self._model = self._read(sealed), PublicRowKey(COVERED, public)
        except ValueError as fault:
            raise SenderError(self.other, str(fault)) from None

    def products(self, features: FloatArray, number: int) -> bytes:
        """Return the masked scores of its features under the sealed model.

        Raises ProtectionError for features that do not fit.
        """
        assert self._model is not None
        model, key = self._model
        whole = self.agreement.whole_features(features)
        whole = np.column_stack([whole, np.ones(len(whole), dtype=np.int64)])
        self._cores, width = len(whole), whole.shape[1]
        self._masks = linear.masks(len(whole))
        self._shares, self._holds_masked = [share_of_mask(mask) for mask in self._masks], False
        per, chunks = linear.cores_per_polynomial(width), []
        for index, own in enumerate(linear.features_polynomials(whole)):
            at = linear.places(index, len(whole), width)
            added = self._masks[index * per : (index + 1) * per]
            chunks.append(linear.covered_product(model, own, at, added, key))
        return self._send("products", number, len(whole).to_bytes(_NUMBER_BYTES, "big") + frame(chunks))

    def unmasked(self, wire: bytes, number: int) -> list[int]:
        """Return the scores in grid steps of the model, out of the masked ones that the modeller opened."""
        payload = self._receive(wire, "opened", number)
        if len(payload) != _NUMBER_BYTES * self._cores:
            raise SenderError(self.other, f"it holds no {self._cores} numbers")
        starts = range(0, len(payload), _NUMBER_BYTES)
        opened = [int.from_bytes(payload[at : at + _NUMBER_BYTES], "big", signed=True) for at in starts]
        return [one - mask for one, mask in zip(opened, self._masks, strict=True)]

    def choice(self, number: int) -> bytes:
        """Return the sealed bits of its shares."""
        return self._send("choice", number, asked(self._shares, self._chooser))

    def decisions(self, wire: bytes, number: int) -> list[bool]:
        """Return whether each core reaches the threshold."""
        payload = self._receive(wire, "circuits", number)
        if self._failed >= FAILURES:
            raise ProtectionError(
                f"{self.own!r}: {FAILURES} answers failed to open, and it opens no more", (self.other,)
            )
        try:
            return decided(payload, self._shares, self._chooser, self.other, masked=self._holds_masked)
        except ValueError as fault:
            self._failed += 1
            raise SenderError(self.other, str(fault)) from None


class Modeller(_Side):
    """Who holds a model. It learns how many cores were asked about, and nothing else."""

    def __init__(
        self, agreement: Agreement, model: WholeModel, channel: ChannelKey, allowance: int = ALLOWANCE
    ) -> None:
        super().__init__(agreement.modeller, agreement, channel)
        self._whole = model
        self.left, self.answered = allowance, 0
        self._masked: list[int] = []

    def scores(self, wire: bytes, number: int) -> bytes:
        """Return the scores of sealed features, sealed for their asker."""
        return self._answer(wire, number, hidden=False)

    def masked(self, wire: bytes, number: int) -> bytes:
        """Return the masked scores of sealed features, and keep the masks."""
        return self._answer(wire, number, hidden=True)

    def _answer(self, wire: bytes, number: int, *, hidden: bool) -> bytes:
        width = len(self.agreement.reach)
        cores, (public, *sealed) = self._question(self._receive(wire, "features", number), width, number, keys=1)
        try:
            key, chunks = PublicRowKey(COVERED, public), [self._read(one) for one in sealed]
        except ValueError as fault:
            raise SenderError(self.other, str(fault)) from None
        self.left, self.answered = self.left - cores, number
        masks = linear.masks(cores) if hidden else [0] * cores
        own, per = linear.weights_polynomial(self._whole.weights.tolist()), linear.cores_per_polynomial(width)
        added = [self._whole.intercept + mask for mask in masks]
        answers = [
            linear.covered_product(chunk, own, linear.places(at, cores, width), added[at * per : (at + 1) * per], key)
            for at, chunk in enumerate(chunks)
        ]
        self._shares, self._holds_masked = [share_of_mask(mask) for mask in masks if hidden], False
        return self._send("masked" if hidden else "scores", number, frame(answers))

    def model(self) -> bytes:
        """Return its public key and its sealed model: a column of ones stands for the intercept."""
        weights = [*self._whole.weights.tolist(), self._whole.intercept]
        sealer = PublicRowKey(COVERED, self._key.public())
        return self._send("model", 0, frame([self._key.public(), sealer.wire(linear.weights_polynomial(weights))]))

    def products(self, wire: bytes, number: int) -> None:
        """Keep the masked scores that the asker computed."""
        width = len(self.agreement.reach) + 1
        cores, sealed = self._question(self._receive(wire, "products", number), width, number)
        try:
            products = [self._read(one) for one in sealed]
            self.left, self.answered = self.left - cores, number
            self._masked = self._opened(products, cores, width)
        except ValueError as fault:
            raise SenderError(self.other, str(fault)) from None
        self._shares, self._holds_masked = [share_of_masked(one) for one in self._masked], True

    def opened(self, number: int) -> bytes:
        """Return the masked scores that it opened: exact whole numbers, which only the asker can unmask."""
        self._spend(number)
        payload = b"".join(one.to_bytes(_NUMBER_BYTES, "big", signed=True) for one in self._masked)
        return self._send("opened", number, payload)

    def circuits(self, wire: bytes, number: int) -> bytes:
        """Return the garbled comparisons of its shares, once: another choice would learn another bit of them."""
        choice = self._receive(wire, "choice", number)
        shares = self._spend(number)
        try:
            payload = garbled(choice, shares, self.other, masked=self._holds_masked)
        except ValueError as fault:
            raise SenderError(self.other, str(fault)) from None
        return self._send("circuits", number, payload)

    def _spend(self, number: int) -> list[int]:
        """Return the shares of a question, which are gone then. Raises ProtectionError where there are none."""
        if number != self.answered or not self._shares:
            raise ProtectionError(f"{self.own!r} holds no shares of question {number}", (self.other,))
        shares, self._shares = self._shares, []
        return shares

    def _question(self, payload: bytes, width: int, number: int, keys: int = 0) -> tuple[int, list[bytes]]:
        """Return how many cores are asked about, and the `keys` and ciphertexts that came for them.

        A refused question costs no allowance.
        """
        if number <= self.answered:
            raise ProtectionError(f"{self.own!r} has already answered question {self.answered}", (self.other,))
        cores = int.from_bytes(payload[:_NUMBER_BYTES], "big")
        if not 0 < cores <= self.left:
            raise ProtectionError(
                f"{self.other!r} asks about {cores} cores; {self.own!r} answers {self.left} more under this model",
                (self.other,),
            )
        count = keys + linear.polynomials(cores, width)
        return cores, unframe(payload[_NUMBER_BYTES:], self.other, count)
