"""What encryption adds to the protected sum, and what its check slots notice that no envelope shows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.crossings import COORDINATOR
from learning.crypto.envelope import wrap
from learning.crypto.shared_key import CiphertextAdder, SharedKey
from learning.ends import Client
from learning.faults import ProtectionError, RoundError, SenderError
from learning.protect import protection
from tests.learning.by_hand import EXTREME, LAYOUT, PARTIES, VALUES, by_hand, framed, sealed, wires_of_round


@pytest.fixture(scope="module")
def encrypted(federation_of: Callable[..., Any]) -> Any:
    """A federation with a shared key."""
    return federation_of("shared_key", PARTIES, VALUES)


@pytest.fixture(scope="module")
def key() -> SharedKey:
    """A key for the whole file."""
    return SharedKey.generate()


def test_the_coordinator_cannot_open_an_update_or_a_sum(encrypted: Any) -> None:
    import tenseal as ts

    adder = encrypted.protection.coordinator.adder
    ciphertext = SharedKey.generate().seal(np.arange(5))

    assert not adder.context.is_private()
    with pytest.raises(ValueError, match="doesn't hold a secret_key"):
        ts.ckks_vector_from(adder.context, ciphertext).decrypt()
    with pytest.raises(ValueError, match="doesn't hold a Secret key"):
        adder.context.secret_key()


def test_an_adder_refuses_to_be_given_the_secret_key() -> None:
    with pytest.raises(ValueError, match="must not hold a secret key"):
        CiphertextAdder(SharedKey.generate().hand_over())


def test_the_numbers_of_an_update_are_not_in_its_envelope(encrypted: Any) -> None:
    wires, _ = sealed(encrypted)
    slots = encrypted.protection.coordinator.terms.layout.spread(EXTREME["north"], "north")[0]

    assert slots.astype("<i8").tobytes()[:40] not in wires["north"]
    assert slots.astype("<f8").tobytes()[:40] not in wires["north"]


def test_the_same_update_is_never_sealed_to_the_same_bytes() -> None:
    key = SharedKey.generate()

    assert key.seal(np.arange(9)) != key.seal(np.arange(9))


@pytest.mark.parametrize("strangers", [("south",), ("north", "south"), PARTIES[:1]])
def test_a_wrong_key_is_noticed_and_all_who_had_a_hand_in_it_are_listed(strangers: tuple[str, ...]) -> None:
    ends, other = by_hand(), SharedKey.generate()
    for party in strangers:
        ends.clients[party] = Client(party, ends.terms, other, ends.keys[party])
    down = ends.coordinator.combine({party: ends.clients[party].seal(EXTREME[party], 1) for party in PARTIES}, 1)

    for party in PARTIES:
        with pytest.raises(RoundError) as refused:
            ends.clients[party].open(down[party], 1)
        assert refused.value.parties == (*PARTIES, COORDINATOR)


@pytest.mark.parametrize("size", [2.0**25, 2.0**25.9, 2.0**26])
@pytest.mark.parametrize("place", [slice(8), slice(0, None, 2), slice(3, 4)])
def test_an_overflow_of_the_modulus_is_noticed(size: float, place: slice) -> None:
    ends, wires = by_hand(), {}
    for party in PARTIES:
        slots = LAYOUT.spread(EXTREME[party], party)[0]
        slots[place] = int(size)
        ends.clients[party].seal(EXTREME[party], 1)
        wires[party] = ends.sent(party, ends.key.seal(slots), 1)
    down = ends.coordinator.combine(wires, 1)

    with pytest.raises(RoundError):
        ends.clients["east"].open(down["east"], 1)


@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True) | st.floats(0, 0.002) | st.floats(0.998, 0.99999), bit=st.integers(0, 7))
def test_a_flipped_bit_that_no_envelope_shows_gives_no_wrong_sum(key: SharedKey, place: float, bit: int) -> None:
    slots = np.sum([LAYOUT.spread(EXTREME[party], party)[0] for party in PARTIES], axis=0)
    ciphertext = bytearray(key.seal(slots))
    ciphertext[int(place * len(ciphertext))] ^= 1 << bit

    try:
        total = LAYOUT.gather([key.open(bytes(ciphertext), len(slots))])
    except (ValueError, RoundError):
        return
    assert total.tolist() == [3 * number for number in EXTREME["north"]]


def test_most_flipped_bits_are_refused_by_the_checks_alone() -> None:
    ends = by_hand()
    slots = np.sum([LAYOUT.spread(EXTREME[party], party)[0] for party in PARTIES], axis=0)
    sound = ends.key.seal(slots)
    refused = 0
    for position in range(1000, 60000, 2000):
        ciphertext = bytearray(sound)
        ciphertext[position] ^= 1
        try:
            opened = ends.key.open(bytes(ciphertext), len(slots))
        except ValueError:
            continue
        with pytest.raises(RoundError):
            LAYOUT.gather([opened])
        refused += 1

    assert refused > 10


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", bytes(1000)])
def test_a_sound_envelope_with_an_unreadable_ciphertext_is_blamed_on_its_sender(rubbish: bytes) -> None:
    ends = by_hand()
    wires = {party: ends.clients[party].seal(EXTREME[party], 1) for party in PARTIES}
    down = ends.coordinator.combine(wires, 1)

    with pytest.raises(SenderError, match="no ciphertext of") as refused:
        ends.coordinator.combine(wires_of_round(ends, 2) | {"north": ends.sent("north", rubbish, 2)}, 2)
    assert refused.value.parties == ("north",)
    assert ends.coordinator.summed_round == 1

    forged = wrap(ends.terms.total("north", 2), framed(rubbish), ends.keys["north"])
    with pytest.raises(SenderError, match="no ciphertext of") as refused:
        ends.clients["north"].open(forged, 2)
    assert refused.value.parties == (COORDINATOR,)
    with pytest.raises(ProtectionError, match="'north' has sealed round 2, not 1"):
        ends.clients["north"].open(down["north"], 1)


def test_a_ciphertext_of_another_length_or_scale_is_blamed_on_its_sender() -> None:
    import tenseal as ts

    ends, right = by_hand(), LAYOUT.slot_counts()[0]
    context = ts.context_from(ends.key.hand_over(), n_threads=1)
    context.global_scale = 2.0**20
    wires = wires_of_round(ends, 1)

    for ciphertext in (ends.key.seal(np.arange(right - 1)), SharedKey(context).seal(np.arange(right))):
        with pytest.raises(SenderError, match="no ciphertext of") as refused:
            ends.coordinator.combine(wires | {"north": ends.sent("north", ciphertext, 1)}, 1)
        assert refused.value.parties == ("north",)


@pytest.mark.parametrize("payload", [b"", b"\0\0", b"\0\0\0\5abc", 2 * (b"\0\0\0\1a")])
def test_a_payload_that_does_not_hold_one_ciphertext_is_blamed_on_its_sender(payload: bytes) -> None:
    ends = by_hand()
    wrong = wrap(ends.terms.update("north", 1), payload, ends.keys["north"])

    with pytest.raises(SenderError, match=r"cut short|it holds [02] ciphertexts, not 1") as refused:
        ends.coordinator.combine(wires_of_round(ends, 1) | {"north": wrong}, 1)
    assert refused.value.parties == ("north",)


def test_the_key_is_handed_over_out_of_band_and_the_row_says_who_can_read(encrypted: Any) -> None:
    rows = encrypted.protection.keys
    secret = [row for row in rows if row.purpose == "shared secret key"]
    clear = [row for row in rows if row.clear_or_cipher == "clear"]

    assert [(row.sender, row.receiver) for row in secret] == [("east", "north"), ("east", "south")]
    assert all(row.clear_or_cipher == "out_of_band" and COORDINATOR not in row.readable_by for row in secret)
    assert [row.content for row in clear] == ["public CKKS parameters, no key"]
    assert all(row.bytes > 0 for row in rows)


def test_updates_are_readable_by_the_other_key_holders_and_sums_never_by_the_coordinator(encrypted: Any) -> None:
    rows = encrypted.protection.total(EXTREME, number=encrypted.next_round(), day=0.0).crossings

    assert {row.clear_or_cipher for row in rows} == {"cipher"}
    assert all(row.readable_by == tuple(p for p in PARTIES if p != row.sender) for row in rows)


def test_the_shared_key_itself_has_no_text_and_no_pickled_form() -> None:
    key = SharedKey.generate()

    assert repr(key) == "SharedKey(secret)"
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            attempt(key)


def test_a_single_party_is_refused_by_name() -> None:
    with pytest.raises(ProtectionError, match="a sum over 'north' alone is its update") as refused:
        protection("shared_key", ["north"], VALUES)
    assert refused.value.parties == ("north",)
