"""A draw is a word of Philox4x64-10, found by hashing what it belongs to: worked out here a second time, by hand."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import streams
from sim.streams import SEQUENCE_BITS, Stream, Streams, number_names, uniform_block

WORD = 2**64 - 1
Words = tuple[int, int, int, int]


def philox(counter: Words, key: tuple[int, int]) -> Words:
    """Philox4x64-10 with whole numbers of any size (Salmon et al. 2011, section 3.3 and table 2)."""
    a, b, c, d = counter
    first, second = key
    for _ in range(10):
        low, high = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = (high >> 64) ^ b ^ first, high & WORD, (low >> 64) ^ d ^ second, low & WORD
        first, second = (first + 0x9E3779B97F4A7C15) & WORD, (second + 0xBB67AE8584CAA73B) & WORD
    return a, b, c, d


def by_hand(seed: int, replication: int, stream: str, owner: str, entity: int, occurrence: int) -> float:
    """Return a draw from what it belongs to, without the product's code."""
    text = "\0".join((str(seed), str(replication), stream, owner))
    digest = blake2b(text.encode(), digest_size=16).digest()
    key = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    # numpy counts one up before the first four words
    word = philox((entity // 4 + 1, occurrence, 0, 0), key)[entity % 4]
    return ((word >> 12) + 0.5) * 2.0**-52


def test_the_generator_by_hand_gives_the_published_words() -> None:
    """Known answers of the generator's authors for counters and keys of all zeros, of all ones, and of digits of pi."""
    ones = WORD
    pi = (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89)

    assert philox((0, 0, 0, 0), (0, 0)) == (
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    )
    assert philox((ones, ones, ones, ones), (ones, ones)) == (
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    )
    assert philox(pi, (0x452821E638D01377, 0xBE5466CF34E90C6C)) == (
        0xA528F45403E61D95,
        0x38C72DBD566E9788,
        0xA5A1610E72FD18B5,
        0x57BD43B5E52B7FE6,
    )


@given(
    st.integers(0, 2**32),
    st.integers(0, 10_000),
    st.sampled_from(["bench.service", "x", "Werkbank.größe"]),
    st.integers(0, 2**SEQUENCE_BITS - 1),
    st.integers(0, 2**20 - 1),
)
def test_a_draw_is_the_word_that_its_owner_entity_and_occurrence_name(
    seed: int, replication: int, name: str, entity: int, occurrence: int
) -> None:
    numbers = number_names(["fleet", "oem"])
    stream = Streams(seed, replication, numbers).open(name)

    draw = stream.uniform(numbers["oem"] << SEQUENCE_BITS | entity, occurrence)

    assert draw == by_hand(seed, replication, name, "oem", entity, occurrence)


def test_a_stream_can_be_called_like_a_function() -> None:
    numbers = number_names(["oem"])
    stream = Streams(1, 0, numbers).open("x")

    assert stream(numbers["oem"] << SEQUENCE_BITS | 7, 2) == stream.uniform(numbers["oem"] << SEQUENCE_BITS | 7, 2)


def test_a_stream_of_one_name_is_one_stream() -> None:
    opened = Streams(1, 0, {})

    assert opened.open("x") is opened.open("x")
    assert opened.open("x") is not opened.open("y")


def test_a_full_cache_forgets_the_oldest_block_and_draws_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_CACHED_BLOCKS", 2)
    stream = Stream("x", lambda owner: (3, 4))
    first = stream.uniform(5)
    for occurrence in range(1, 5):
        stream.uniform(5, occurrence)

    assert len(stream._blocks) == 2  # noqa: SLF001
    assert stream.uniform(5) == first


def test_blocks_of_one_owner_do_not_overlap() -> None:
    words = [word for block in range(3) for occurrence in range(3) for word in uniform_block((1, 2), block, occurrence)]

    assert len(set(words)) == 9 * 256


@pytest.mark.parametrize("axis", ["entities", "occurrences", "owners"])
def test_draws_are_uniform_along_each_axis(axis: str) -> None:
    names = [f"owner {number}" for number in range(2000)]
    numbers = number_names(names)
    stream = Streams(11, 3, numbers).open("x")
    keys = {
        "entities": [(numbers["owner 0"] << SEQUENCE_BITS | number, 0) for number in range(2000)],
        "occurrences": [(numbers["owner 0"] << SEQUENCE_BITS, number) for number in range(2000)],
        "owners": [(numbers[name] << SEQUENCE_BITS, 0) for name in names],
    }[axis]
    draws = [stream.uniform(*key) for key in keys]

    assert stats.kstest(draws, "uniform").pvalue > 1e-3
    assert abs(stats.pearsonr(draws[:-1], draws[1:]).statistic) < 3.3 / 2000**0.5


@given(st.sets(st.text(max_size=8), max_size=30), st.sets(st.text(max_size=8), max_size=30))
def test_a_name_keeps_its_number_when_others_come(names: set[str], others: set[str]) -> None:
    alone, together = number_names(names), number_names(names | others)

    assert {name: together[name] for name in names} == alone
    assert all(0 <= number < 2**24 for number in together.values())


def test_two_names_that_hash_alike_have_neighbouring_numbers_in_any_order() -> None:
    names = [f"party {number}" for number in range(12_000)]
    numbers = number_names(names)
    hashes = {name: int.from_bytes(blake2b(name.encode(), digest_size=3).digest(), "little") for name in names}
    met = [name for name in names if numbers[name] != hashes[name]]

    assert met
    assert len(set(numbers.values())) == len(names)
    assert number_names(reversed(names)) == numbers
    assert all(numbers[name] - hashes[name] == 1 for name in met)
