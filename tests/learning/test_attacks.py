"""Attacks read what they should on their controls, and nothing where a cipher holds."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from learning.attacks import brute_force, chosen_ciphertext, known_plaintext, lattice, negacyclic
from learning.attacks.chosen_plaintext import EQUAL, READINGS, band, wins
from learning.attacks.dictionary import matched, measured, read_right, repeated
from learning.attacks.known_plaintext import Sample
from learning.attacks.targets import TARGETS, Encrypt
from learning.attacks.wires import envelopes
from learning.crossings import COORDINATOR
from learning.crypto.compact.bfv import SealingKey
from learning.crypto.compact.parameters import DEGREE, ERROR, PRIME, plain_modulus
from learning.crypto.envelope import wrap
from learning.crypto.secret import random_bytes
from learning.ends import frame
from learning.faults import RoundError
from tests.learning.compact_by_hand import federation, round_of, started

CANDIDATES, SEEN = 8, 200
MODULUS = plain_modulus(5)
CIPHERS = ["CKKS", "BFV"]


def column() -> list[int]:
    """Values of few kinds."""
    return [int(value) for value in np.random.default_rng(4).integers(0, CANDIDATES, SEEN)]


@pytest.fixture(scope="module", params=CIPHERS)
def cipher(request: pytest.FixtureRequest) -> Encrypt:
    """One of the ciphers that sums travel under."""
    return TARGETS[request.param]()


def test_a_dictionary_reads_every_value_that_is_encrypted_deterministically() -> None:
    encrypt, truth = TARGETS["deterministic"](), column()
    seen = [encrypt(value) for value in truth]

    assert matched(seen, encrypt, range(CANDIDATES)) == truth
    assert repeated(seen) == SEEN


def test_a_dictionary_reads_no_value_under_a_cipher_that_draws_fresh_noise(cipher: Encrypt) -> None:
    truth = column()
    seen = [cipher(value) for value in truth]

    assert matched(seen, cipher, range(CANDIDATES)) == [None] * SEEN
    assert repeated(seen) == 0
    by_length = read_right(measured(seen, cipher, list(range(CANDIDATES))), truth)
    assert by_length <= 1 / CANDIDATES + 6 * sqrt((CANDIDATES - 1) / SEEN) / CANDIDATES


def test_lengths_read_what_is_compressed_before_it_is_encrypted() -> None:
    # the control: what takes more room for a larger number
    def encrypt(number: int) -> bytes:
        return bytes(10 + number)

    truth = column()

    assert measured([encrypt(value) for value in truth], encrypt, list(range(CANDIDATES))) == truth


def test_of_two_chosen_numbers_one_is_told_every_time_under_deterministic_encryption() -> None:
    won = wins(TARGETS["deterministic"](), 0, 1 << 20, trials=100, lessons=5)

    assert won[EQUAL] == 100
    assert set(won) == {EQUAL, *READINGS}


def test_of_two_chosen_numbers_neither_is_told_under_a_cipher_that_draws_fresh_noise(cipher: Encrypt) -> None:
    trials = 100
    won = wins(cipher, 0, 1 << 20, trials=trials, lessons=15)

    assert max(abs(count - trials / 2) for count in won.values()) <= band(trials)


def leaks_a_bit(number: int) -> bytes:
    """A control whose bytes lean a little to one side."""
    noise = np.frombuffer(random_bytes(2000), dtype=np.uint8)
    return bytes(noise | (noise > 200)) if number else bytes(noise)


def test_a_statistic_that_shifts_a_little_is_noticed() -> None:
    assert wins(leaks_a_bit, 0, 1, trials=200)["low bits"] - 100 > band(200)


@pytest.fixture(scope="module")
def key() -> SealingKey:
    """A fresh key of the compact cipher."""
    return SealingKey.generate(MODULUS)


def plaintext(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """One row of coefficients."""
    return np.random.default_rng(seed).integers(0, MODULUS, (1, DEGREE), dtype=np.uint64)


@pytest.fixture(scope="module")
def secret(key: SealingKey) -> list[int]:
    """Its secret, as nobody should get it: by one answer of a party that decrypts whatever comes."""
    (sealed,) = key.seal(plaintext(1))
    return chosen_ciphertext.key_of(sealed, MODULUS, lambda wire: key.open([wire])[0])


def test_whoever_decrypts_whatever_comes_gives_its_key_away_in_one_answer(key: SealingKey, secret: list[int]) -> None:
    other = plaintext(2)
    sample = known_plaintext.sample_of(key.seal(other)[0], other[0].tolist(), MODULUS)

    assert known_plaintext.is_key(secret)
    assert 1000 < sum(map(abs, secret)) < DEGREE
    assert known_plaintext.read(secret, sample.c0, sample.a, PRIME, MODULUS) == other[0].tolist()


def test_a_party_of_a_compact_round_answers_no_crafted_ciphertext() -> None:
    one = federation()
    stand = started(one).seal().agree().reveal()
    stand.total()
    (chunk,) = envelopes([stand.sealed["east"].update])[0].parts()
    wire = wrap(
        stand.board.agreed.header(COORDINATOR, "sum", 1, round_of(stand.board).context),
        frame([chosen_ciphertext.crafted(chunk, stand.board.agreed.packing.modulus)]),
        one.carrier,
    )

    with pytest.raises(RoundError, match="the checksum of the sum is wrong"):
        one.clients["north"].open(wire, 1)


def test_a_known_plaintext_gives_the_key_where_there_is_no_error_and_nothing_where_there_is(
    key: SealingKey, secret: list[int]
) -> None:
    known = plaintext(3)
    sample = known_plaintext.sample_of(key.seal(known)[0], known[0].tolist(), MODULUS)
    bare = known_plaintext.without_error(sample, secret, PRIME, MODULUS)
    found = known_plaintext.key_of(sample, PRIME, MODULUS)

    assert known_plaintext.key_of(bare, PRIME, MODULUS) == secret
    assert not known_plaintext.is_key(found)
    assert sum(abs(value) <= 1 for value in found) <= 1
    assert known_plaintext.read(found, sample.c0, sample.a, PRIME, MODULUS) == known[0].tolist()
    other = known_plaintext.sample_of(key.seal(plaintext(4))[0], plaintext(4)[0].tolist(), MODULUS)
    wrong = known_plaintext.read(found, other.c0, other.a, PRIME, MODULUS)
    assert sum(one == value for one, value in zip(wrong, other.plaintext, strict=True)) <= 1


def test_the_error_between_a_ciphertext_and_its_equation_is_the_one_that_seal_draws(
    key: SealingKey, secret: list[int]
) -> None:
    known = plaintext(5)
    sample = known_plaintext.sample_of(key.seal(known)[0], known[0].tolist(), MODULUS)
    bare = known_plaintext.without_error(sample, secret, PRIME, MODULUS)
    errors = [negacyclic.centred(one - other, PRIME) for one, other in zip(sample.c0, bare.c0, strict=True)]

    assert 0 < max(map(abs, errors)) <= ERROR + 1
    assert 2.5 < float(np.std(errors)) < 4.0


def by_definition(left: list[int], right: list[int], prime: int) -> list[int]:
    """The product modulo x**n + 1."""
    count = len(left)
    found = [0] * count
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            found[(i + j) % count] += one * other * (1 if i + j < count else -1)
    return [value % prime for value in found]


def test_products_and_quotients_of_polynomials_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(6)
    left, right = (generator.integers(1, PRIME, 16).tolist() for _ in range(2))
    product = negacyclic.product(left, right, PRIME)

    assert product == by_definition(left, right, PRIME)
    assert negacyclic.quotient(product, right, PRIME) == left
    with pytest.raises(ZeroDivisionError):
        negacyclic.quotient(left, [0] * 16, PRIME)


@pytest.mark.parametrize("degree", [4, 8, 10])
def test_trying_all_finds_a_shortened_key(degree: int) -> None:
    public, secret = brute_force.toy(degree)
    found, count = brute_force.tried(public)

    assert found is not None
    assert len(public.fits(found[None])) == 1
    assert 1 <= count <= 3**degree
    assert len(public.fits(secret[None])) == 1


def test_nothing_fits_a_public_key_that_is_none() -> None:
    public, _ = brute_force.toy(8)
    noise = brute_force.Toy(public.a, np.arange(8) * 991 % brute_force.PRIME)

    assert brute_force.tried(noise) == (None, 3**8)


def test_lattice_reduction_finds_a_key_that_trying_all_would_take_hours_for() -> None:
    public, secret = brute_force.toy(16)
    found = lattice.secret_of(public)

    assert found is not None
    assert found.tolist() == secret.tolist()


def test_a_reduced_basis_is_of_the_same_lattice_and_shorter() -> None:
    basis = lattice.embedded(brute_force.toy(6)[0])
    found = lattice.reduced(basis)
    exact = np.linalg.solve(basis.T.astype(float), found.T.astype(float))

    assert np.allclose(exact, np.rint(exact), atol=1e-6)
    assert abs(abs(np.linalg.det(exact)) - 1) < 1e-6
    assert np.linalg.norm(found[0]) < np.linalg.norm(basis[6])


def test_lattice_reduction_shows_no_key_of_noise() -> None:
    public, _ = brute_force.toy(10)
    generator = np.random.default_rng(7)
    noise = brute_force.Toy(public.a, generator.integers(0, brute_force.PRIME, 10))

    assert lattice.secret_of(noise) is None


def test_every_target_encrypts_and_only_the_control_repeats_itself() -> None:
    makers: dict[str, Callable[[], Encrypt]] = dict(TARGETS)
    same = {name: (encrypt := maker())(5) == encrypt(5) for name, maker in makers.items()}

    assert same == {"deterministic": True, "CKKS": False, "BFV": False}
    assert Sample([1], [2], [3]).plaintext == [3]
