"""A key that nobody holds opens sums in an ordinary TenSEAL context; its noise is what the derivation says."""

from __future__ import annotations

import copy
import os
import pickle
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from learning.crypto.threshold import key as key_module
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare, flood, fuse
from learning.crypto.threshold.parameters import (
    DISTANCE_BITS,
    FLOOD_BITS,
    MAXIMUM_PARTIES,
    OPENINGS_PER_KEY,
    PRIME_BITS,
    SCALE_BITS,
    error_bound,
    flood_bits,
    noise_bound,
    room,
    shift,
)
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, PRIMES, Ring, add, multiply
from learning.crypto.threshold.seal import body, framed, saved, seal, split_words
from tests.learning.threshold_by_hand import Keys, coefficients, federation, keys, total

SLOTS = np.random.default_rng(3).integers(-(2**26), 2**26, (5, DEGREE // 2)).astype(float)


@pytest.fixture(scope="module")
def three_of_five() -> Keys:
    """One key for the whole file."""
    return keys(5, 3)


def test_vectors_of_an_ordinary_context_encrypt_and_add_as_always(three_of_five: Keys) -> None:
    import tenseal as ts

    vectors = [ts.ckks_vector(three_of_five.context, slots.tolist()) for slots in SLOTS]
    summed = vectors[0] + vectors[1] + vectors[2]
    c0, c1 = seal().halves(summed.ciphertext()[0])
    parts = [three_of_five.parts[place - 1].partial(c1, place, (2, 3, 5)) for place in (2, 3, 5)]

    assert np.abs(seal().decode(fuse(c0, parts)) - SLOTS[:3].sum(axis=0)).max() < 0.05
    with pytest.raises(ValueError, match="doesn't hold a secret_key"):
        summed.decrypt()


def test_every_quorum_opens_and_one_party_fewer_reads_noise(three_of_five: Keys) -> None:
    c0, c1 = three_of_five.halves(SLOTS[0])
    for places in combinations(range(1, 6), 3):
        parts = [three_of_five.parts[place - 1].partial(c1, place, places) for place in places]

        assert np.abs(seal().decode(fuse(c0, parts)) - SLOTS[0]).max() < 0.05
        assert abs(np.corrcoef(seal().decode(fuse(c0, parts[:-1])), SLOTS[0])[0, 1]) < 0.1


def test_all_of_all_opens_without_any_share_being_dealt() -> None:
    one = federation(("a", "b", "c"), 3)
    handed = {row.bytes for row in one.keys if row.purpose == "key share"}

    assert handed == {32 + 3 * 32}
    assert one.total({party: np.arange(4) for party in "abc"}, number=1, day=0.0).numbers.tolist() == [0, 3, 6, 9]


def test_the_error_of_a_sum_stays_within_the_bound_of_the_derivation(three_of_five: Keys) -> None:
    ciphertexts = [three_of_five.halves(slots) for slots in np.zeros((5, DEGREE // 2))]
    c0, c1 = total([one[0] for one in ciphertexts]), total([one[1] for one in ciphertexts])
    bare = fuse(c0, [three_of_five.alone(place, (1, 2, 3), c1) for place in (1, 2, 3)])
    worst = np.abs(coefficients(bare)).max()

    assert 0 < worst < noise_bound(5, 5) / 50


def test_noughts_for_whole_numbers_keep_within_the_same_bound(three_of_five: Keys) -> None:
    ciphertexts = []
    for _ in range(5):
        zero = three_of_five.sealer.module.Ciphertext()
        three_of_five.sealer.encryptor.encrypt_zero(zero)
        ciphertexts.append([seal().transform(half) for half in split_words(saved(zero), 2, DATA_PRIMES, DEGREE)[1]])
    c0, c1 = (total(list(halves)) for halves in zip(*ciphertexts, strict=True))
    bare = fuse(c0, [three_of_five.alone(place, (1, 2, 3), c1) for place in (1, 2, 3)])

    assert 0 < np.abs(coefficients(bare)).max() < noise_bound(5, 5) / 50


@pytest.mark.parametrize("parties", [2, 5, 50, 500, MAXIMUM_PARTIES])
def test_flooding_covers_the_noise_by_at_least_2_to_the_30_for_every_number_that_opens(parties: int) -> None:
    for needed in {2, parties // 2 + 1, parties}:
        assert 2**30 * noise_bound(parties, needed) <= 2 ** (flood_bits(parties, needed) - 1)
    # as it is where an ordinary vector is opened
    assert 2**30 * noise_bound(parties, parties) <= 2 ** (FLOOD_BITS - 1)


@pytest.mark.parametrize(("parties", "needed"), [(2, 2), (5, 3), (50, 5), (500, 5), (500, 251), (1024, 1024)])
def test_all_openings_of_a_key_together_tell_a_share_from_none_by_less_than_one_in_a_million(
    parties: int, needed: int
) -> None:
    one = Fraction(noise_bound(parties, needed), 2 ** flood_bits(parties, needed))

    assert one * DEGREE * OPENINGS_PER_KEY <= Fraction(1, 2**DISTANCE_BITS) < Fraction(1, 10**6)


def test_floods_are_as_long_as_is_said() -> None:
    said = {(5, 3): 64, (50, 5): 65, (500, 5): 69, (1024, 1024): 78}

    assert {case: flood_bits(*case) for case in said} == said
    assert min(2 ** (flood_bits(*case) - 1) // noise_bound(*case) for case in said) >= 2**44


@pytest.mark.parametrize(("parties", "needed"), [(2, 2), (5, 3), (50, 5), (500, 5), (500, 251), (1024, 1024)])
def test_whatever_is_drawn_an_opened_word_is_nearer_to_its_whole_number_than_a_quarter(
    parties: int, needed: int
) -> None:
    worst = (
        needed * 2 ** (flood_bits(parties, needed) - 1) / PRIMES[0]
        + (needed + parties) / 2
        + noise_bound(parties, needed) / PRIMES[0]
    )

    assert worst <= error_bound(parties, needed) <= 2.0 ** shift(parties, needed) / 4
    assert (room(parties, needed) + 0.25) * 2 ** shift(parties, needed) < PRIMES[1] / 2


def test_an_ordinary_vector_of_the_largest_federation_still_opens_to_a_tenth_and_keys_are_hard() -> None:
    deviation = np.sqrt(MAXIMUM_PARTIES * DEGREE / 2) * 2.0**FLOOD_BITS / np.sqrt(12)

    assert 5 * deviation < 0.25 * 2.0**SCALE_BITS
    assert PRIMES[0] * PRIMES[1] > 2**26 * MAXIMUM_PARTIES * 2**SCALE_BITS * 4
    assert sum(PRIME_BITS) <= 218


@pytest.mark.parametrize("bits", [FLOOD_BITS, FLOOD_BITS + 5, FLOOD_BITS + 16])
def test_a_flood_is_whole_even_to_its_lowest_bit_and_never_the_same(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes] = []

    def recorded(count: int) -> bytes:
        drawn.append(os.urandom(count))
        return drawn[-1]

    monkeypatch.setattr(key_module, "random_bytes", recorded)
    one, other = flood(bits), flood(bits)
    low = [int(word) for word in np.frombuffer(drawn[0], dtype=np.uint64)]
    top = [int(word) % 2 ** (bits - FLOOD_BITS) for word in np.frombuffer(drawn[1], dtype=np.uint16)]
    whole = [(above << FLOOD_BITS) + below - 2 ** (bits - 1) for above, below in zip(top, low, strict=True)]

    assert not (one == other).any()
    assert one.tolist() == [[number % prime for number in whole] for prime in PRIMES[:DATA_PRIMES]]
    assert len(whole) == DEGREE
    assert abs(sum(number % 2 for number in whole) / DEGREE - 0.5) < 0.05
    assert min(whole) < -0.9 * 2 ** (bits - 1)
    assert max(whole) > 0.9 * 2 ** (bits - 1)


def test_a_share_opens_as_often_as_its_key_may_and_not_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 2)
    fresh = keys(2, 2)
    _, c1 = fresh.halves(SLOTS[0])
    assert fresh.parts[0].left() == 2
    for _ in range(2):
        fresh.parts[0].partial(c1, 1, (1, 2))

    with pytest.raises(ValueError, match="has opened 2 ciphertexts and may open no more"):
        fresh.parts[0].partial(c1, 1, (1, 2))
    assert fresh.parts[0].left() == 0


def test_a_public_half_is_seals_own_error_on_the_common_reference(three_of_five: Keys) -> None:
    from learning.crypto.threshold.reference import common_reference

    reference = common_reference(b"a test")
    part = KeyShare(reference)
    assert part.public is not None
    secret_times = add(part.public, multiply(reference, whole(part)))

    assert 0 < np.abs(coefficients(secret_times[:DATA_PRIMES])).max() <= 21


def whole(part: KeyShare) -> Ring:
    """A part of a key, put together from shares of it; good for the data primes."""
    from learning.crypto.threshold.shares import lagrange

    shares = part.deal(2, 2)
    found = add(multiply(shares[0], lagrange(1, (1, 2))), multiply(shares[1], lagrange(2, (1, 2))))
    return np.concatenate([found, np.zeros((1, DEGREE), dtype=np.uint64)])


def test_a_context_takes_no_bytes_that_are_no_public_key() -> None:
    with pytest.raises((ValueError, RuntimeError)):
        context_of(framed(b"rubbish"))


def open_files() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_seal_writes_goes_through_memory_alone_and_leaves_nothing_open() -> None:
    before = open_files()
    seen: list[str] = []

    class Watched:
        def save(self, path: str) -> None:
            seen.append(str(Path(path).readlink()))
            Path(path).write_bytes(framed(b"content"))

    from learning.crypto.threshold.seal import saved

    assert saved(Watched()) == b"content"
    KeyShare(np.zeros((len(PRIMES), DEGREE), dtype=np.uint64))
    assert seen == ["/memfd:looptwin (deleted)"]
    assert open_files() == before


def test_both_compressions_of_seal_are_read() -> None:
    import zlib

    import pyarrow as pa

    content = bytes(range(200))
    head = bytearray(framed(content)[:16])
    for mode, packed in ((1, zlib.compress(content)), (2, pa.compress(content, codec="zstd", asbytes=True))):
        head[5] = mode
        assert body(bytes(head) + packed) == content


def test_a_share_has_no_text_and_no_pickled_form(three_of_five: Keys) -> None:
    part = three_of_five.parts[0]

    assert repr(part) == "KeyShare(secret)"
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            attempt(part)
