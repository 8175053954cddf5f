"""A result under encryption must not say how it was computed, to whoever holds the key and sent what was computed on.

Decryption looks at all parts of a ciphertext together. These attacks look at each alone: a ciphertext multiplied by a
polynomial in clear is multiplied in every part, and who knows a part before and after divides.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey, unwrap
from learning.crypto.memory import read_into, written
from learning.crypto.threshold.seal import body
from learning.ends import unframe
from learning.inference import choosing, linear
from learning.inference.choosing import Chooser, answered
from learning.inference.ends import Asker, Modeller
from learning.inference.scale import Agreement, whole_model
from learning.outsourced import packing, prediction
from learning.outsourced.cloud import Stored, computed
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED
from learning.outsourced.terms import CLOUD, Terms
from learning.outsourced.words import words

Words: TypeAlias = NDArray[Any]
"""Whole numbers modulo each prime: Object[primes, degree]."""
BASE, DOOR = lattice(COVERED), words(COVERED)
PRIMES = np.array(DOOR.primes, dtype=object)[:, None]
AGREEMENT = Agreement("yard", "lab", (8.0,) * 5)
WEIGHTS = np.random.default_rng(1).normal(size=6)
CORE = np.random.default_rng(2).uniform(-8.0, 8.0, (1, 5))


def parts(ciphertext: Any) -> list[Words]:
    """The parts of a ciphertext, at the roots of unity."""
    return [part.astype(object) for part in DOOR._words(ciphertext, ciphertext.size())]  # noqa: SLF001 as it travels


def over(left: Words, right: Words) -> Words:
    inverse = np.frompyfunc(lambda word, prime: pow(int(word), -1, int(prime)), 2, 1)
    found: Words = left * inverse(right, PRIMES) % PRIMES
    return found


def polynomial(values: Words) -> NDArray[np.object_]:
    """The whole coefficients of what takes these values at the roots of unity."""
    both = np.stack([values.astype(np.uint64)] * 2)
    return np.array(DOOR.whole(DOOR.coefficients(both)[0]), dtype=object)


def first_ciphertext(payload: bytes, at: int, of: int, size: int = 2, scale_bits: int = COVERED.scale_bits) -> Any:
    return BASE.read(unframe(payload, "anybody", of)[at], size, scale_bits)


def is_short(found: NDArray[np.object_]) -> bool:
    """Whether a polynomial has coefficients that are far below the modulus, as a secret in clear would."""
    return bool(max(map(abs, found)) < 2**60)


def test_a_bare_product_over_what_was_multiplied_is_the_other_factor() -> None:
    """The control: a flood on the first part alone would leave this as it is."""
    key = RowKey(COVERED)
    (features,) = linear.features_polynomials(AGREEMENT.whole_features(CORE))
    own = linear.weights_polynomial([5, -7, 11, 13, -17])
    sealed = PublicRowKey(COVERED, key.public()).seal(features)
    product = BASE.weighed(sealed, BASE.plain(own, 0))

    assert np.array_equal(polynomial(over(parts(product)[1], parts(sealed)[1])).astype(float), own)


class Sides:
    """An asker and a modeller who keep to the protocol, and look at all they got."""

    def __init__(self) -> None:
        self.channel, self.model = ChannelKey(), whole_model(WEIGHTS, 0.0, AGREEMENT)
        self.asker = Asker(AGREEMENT, self.channel)
        self.modeller = Modeller(AGREEMENT, self.model, self.channel)

    def said(self, wire: bytes, sender: str, purpose: str, number: int) -> bytes:
        return unwrap(wire, AGREEMENT.header(sender, purpose, number), self.channel)


@pytest.mark.parametrize("told", ["masked", "scores"])
def test_an_asker_does_not_divide_the_model_out_of_one_answer(told: str) -> None:
    sides = Sides()
    sent = sides.asker.features(CORE, 1)
    answer = getattr(sides.modeller, told)(sent, 1)
    before = first_ciphertext(sides.said(sent, "yard", "features", 1)[16:], 1, 2)
    after = first_ciphertext(sides.said(answer, "lab", told, 1), 0, 1)
    read = polynomial(over(parts(after)[1], parts(before)[1]))

    assert not is_short(read)
    assert int(read[0]) != int(sides.model.weights[0])


def test_a_modeller_does_not_divide_the_features_out_of_one_answer() -> None:
    sides = Sides()
    model = sides.modeller.model()
    sides.asker.model(model)
    answer = sides.asker.products(CORE, 1)
    before = first_ciphertext(sides.said(model, "lab", "model", 0), 1, 2)
    after = first_ciphertext(sides.said(answer, "yard", "products", 1)[16:], 0, 1)

    assert not is_short(polynomial(over(parts(after)[1], parts(before)[1])))


def test_a_chooser_does_not_divide_the_other_key_out_of_an_answer() -> None:
    """The second part of the answer over that of the choice would be the difference of both keys of each bit."""
    scheme, primes = choosing._scheme(), np.array(choosing._scheme().primes, dtype=object)[:, None]  # noqa: SLF001
    choice = Chooser().ask([0, 1])
    answer, _ = answered(choice, 2, "yard")
    before = scheme.read(unframe(choice, "yard", 2)[1])
    difference = scheme.plain(np.arange(choosing.DEGREE, dtype=np.int64))
    bare = read_into(scheme.module.Ciphertext(), scheme.context, written(before))
    scheme.evaluator.multiply_plain_inplace(bare, difference)

    def second(ciphertext: Any) -> Words:
        at_roots = read_into(scheme.module.Ciphertext(), scheme.context, written(ciphertext))
        scheme.evaluator.transform_to_ntt_inplace(at_roots)
        size = 16 * len(primes) * choosing.DEGREE
        found = np.frombuffer(body(written(at_roots))[-size:], dtype="<u8")
        return found.reshape(2, len(primes), choosing.DEGREE)[1].astype(object)

    def shortness(after: Any) -> float:
        """The share of coefficients of the quotient that are as short as a plaintext's, modulo the first prime."""
        inverse = np.frompyfunc(lambda word, prime: pow(int(word), -1, int(prime)), 2, 1)
        quotient = second(after) * inverse(second(before), primes) % primes
        carrier = bytearray(body(written(before)))
        content = np.stack([quotient, quotient]).astype("<u8").tobytes()
        carrier[-len(content) :] = content
        carrier[32] = 1
        from learning.crypto.threshold.seal import framed

        back = read_into(scheme.module.Ciphertext(), scheme.context, framed(bytes(carrier)))
        scheme.evaluator.transform_from_ntt_inplace(back)
        size = 16 * len(primes) * choosing.DEGREE
        first = np.frombuffer(body(written(back))[-size:], dtype="<u8").reshape(2, -1, choosing.DEGREE)[0, 0]
        return float((np.minimum(first, int(primes[0, 0]) - first) < scheme.prime).mean())

    assert shortness(bare) == 1.0
    assert shortness(scheme.read(unframe(answer, "lab", 1)[0])) < 0.01


class Predicting:
    """A party's rows with a cloud that predicts on one of them."""

    def __init__(self) -> None:
        self.channels = {"a": ChannelKey(), "lab": ChannelKey()}
        self.terms, self.key = Terms(COVERED, (("a", 1),), (8.0,) * 3, "a"), RowKey(COVERED)
        self.public = PublicRowKey(COVERED, self.key.public())
        self.weights = prediction._weights(WEIGHTS[:4], self.terms, "lab")  # noqa: SLF001 what the model's owner has
        whole = self.terms.whole(CORE[:, :3] / 5.0, "a")
        self.stored = Stored([[self.public.seal(packing.forward(whole, COVERED)[0, 0])]], [])

    def result(self, *, encrypted: bool) -> Any:
        """What the party gets for one row."""
        if encrypted:
            args = (self.weights, self.terms, "lab", self.key.public(), self.channels["lab"])
            model = prediction._received(prediction._send(*args), self.terms, "lab", self.channels["lab"])  # noqa: SLF001
        else:
            model = prediction._plain(self.weights, self.terms)  # noqa: SLF001
        wire = prediction._computed(self.stored, model, self.terms, self.public, self.channels["a"])  # noqa: SLF001
        payload = unwrap(wire, self.terms.header(CLOUD, "a", "predictions", 1), self.channels["a"])
        size = 3 if encrypted else 2
        return first_ciphertext(payload, 1, 2, size, (size - 1) * COVERED.scale_bits)


def test_one_prediction_does_not_give_a_plain_model_away() -> None:
    one = Predicting()
    before, after = parts(one.stored.forward[0][0]), parts(one.result(encrypted=False))

    assert not is_short(polynomial(over(after[1], before[1])))


def sealed_factor(before: list[Words], after: list[Words]) -> list[Words]:
    """The ciphertext that a known one was multiplied with, out of the second and third part of the product."""
    second = over(after[2], before[1])
    return [over((after[1] - before[0] * second) % PRIMES, before[1]), second]


def opened(one: Predicting, factor: list[Words]) -> FloatArray:
    """What the party's key makes of a ciphertext, in steps of its scale."""
    content = np.stack(factor).astype(np.uint64)
    ciphertext = DOOR._carrier(content, transformed=True)  # noqa: SLF001 as if it had travelled
    plaintext = BASE.module.Plaintext()
    one.key._decryptor.decrypt(ciphertext, plaintext)  # noqa: SLF001 the party has its own key
    words = DOOR.of(plaintext)
    whole = np.array(DOOR.whole(DOOR.coefficients(np.stack([words, words]))[0]), dtype=object)
    found: FloatArray = (whole / 2**COVERED.scale_bits).astype(float)
    return found


def test_one_prediction_does_not_give_an_encrypted_model_away() -> None:
    """The party knows its own ciphertext and divides it out of the product: what is left is under its own key."""
    one = Predicting()
    model = packing.weighing(one.weights.whole, 0, COVERED)
    sealed = one.public.seal(model)
    before = parts(one.stored.forward[0][0])
    bare = sealed_factor(before, parts(BASE.product(one.stored.forward[0][0], sealed)))
    covered = sealed_factor(before, parts(one.result(encrypted=True)))

    assert np.abs(opened(one, bare) - model).max() < 0.25
    assert np.abs(opened(one, covered)).max() > 2.0**80


def test_no_part_of_a_covered_sum_follows_from_what_was_multiplied() -> None:
    """Two results of the same stored rows differ in every part by as much as there is room for."""
    rows, terms = CORE[:, :3] / 5.0, Terms(COVERED, (("a", 1),), (8.0,) * 3, "analyst")
    public = PublicRowKey(COVERED, RowKey(COVERED).public())
    whole = terms.whole(rows, "a")
    ahead, behind = packing.forward(whole, COVERED), packing.backward(whole, COVERED)
    stored = Stored(*([[public.seal(one) for one in line] for line in each] for each in (ahead, behind)))
    bare = BASE.product(stored.forward[0][0], stored.backward[0][0])
    results = [parts(computed([stored], terms, (0, 1, 2), public)[0]) for _ in range(2)]
    modulus = int(np.prod(PRIMES))

    for at in (1, 2):
        for one, other in ((results[0][at], results[1][at]), (results[0][at], parts(bare)[at])):
            away = np.abs(polynomial((one - other) % PRIMES))
            assert abs(float((away < modulus // 4).mean()) - 0.5) <= 4.5 * 0.5 / COVERED.degree**0.5
