"""The protected sum. Every protection keeps the same contract; the encrypted one also keeps secrets."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import IntArray
from learning.crossings import COORDINATOR
from learning.crypto.envelope import ChannelKey, wrap
from learning.crypto.plain import PlainAdder, PlainCipher
from learning.crypto.slots import SLOTS, Layout
from learning.ends import Client, Coordinator, Terms
from learning.faults import ProtectionError, SenderError
from learning.protect import PROTECTIONS, protection
from tests.learning.by_hand import BUDGET, EXTREME, LAYOUT, PARTIES, VALUES, framed, sealed

UPDATES = st.fixed_dictionaries(
    {party: st.lists(st.integers(-BUDGET, BUDGET), min_size=VALUES, max_size=VALUES) for party in PARTIES}
)


@pytest.fixture(scope="module", params=sorted(PROTECTIONS))
def any_federation(request: pytest.FixtureRequest, federation_of: Callable[..., Any]) -> Any:
    """One federation of each protection, for the whole file."""
    return federation_of(request.param, PARTIES, VALUES)


@pytest.fixture(scope="module", params=["plain", "shared_key"])
def federation(request: pytest.FixtureRequest, federation_of: Callable[..., Any]) -> Any:
    """One federation of each protection whose coordinator sums, for the whole file."""
    return federation_of(request.param, PARTIES, VALUES)


@settings(max_examples=25, deadline=None)
@given(updates=UPDATES)
def test_a_protected_sum_equals_the_plain_sum(any_federation: Any, updates: dict[str, list[int]]) -> None:
    total = any_federation.total({party: np.array(numbers) for party, numbers in updates.items()})

    assert total.tolist() == [sum(column) for column in zip(*updates.values(), strict=True)]


def test_the_order_in_which_updates_are_given_changes_nothing(any_federation: Any) -> None:
    turned = dict(reversed(EXTREME.items()))

    assert np.array_equal(any_federation.total(turned), any_federation.total(EXTREME))


def test_an_update_longer_than_one_ciphertext_is_summed_whole(
    any_federation: Any, federation_of: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    values = 2 * SLOTS
    longer = federation_of(any_federation.protection.word, PARTIES, values)
    total = longer.total({party: np.arange(values) for party in PARTIES})

    assert np.array_equal(total, 3 * np.arange(values))
    assert capfd.readouterr().err == ""


def test_crossings_hold_the_true_length_of_every_envelope(federation: Any, monkeypatch: Any) -> None:
    lengths: list[int] = []
    combine = federation.protection.coordinator.combine

    def measured(wires: dict[str, bytes], number: int) -> dict[str, bytes]:
        down: dict[str, bytes] = combine(wires, number)
        lengths.extend(len(wire) for wire in (*wires.values(), *down.values()))
        return down

    monkeypatch.setattr(federation.protection.coordinator, "combine", measured)
    total = federation.protection.total(EXTREME, number=federation.next_round(), day=7.0)

    assert [row.bytes for row in total.crossings] == lengths
    assert {row.day for row in total.crossings} == {7.0}
    assert [(row.sender, row.receiver) for row in total.crossings] == [
        *((party, COORDINATOR) for party in PARTIES),
        *((COORDINATOR, party) for party in PARTIES),
    ]


def test_a_changed_envelope_is_blamed_on_its_sender_and_changes_nothing(federation: Any) -> None:
    wires, number = sealed(federation)
    coordinator = federation.protection.coordinator
    before = coordinator.summed_round
    size = len(wires["north"])
    for position in (0, 25, 60, 150, 300, size // 2, size - 40, size - 1):
        changed = bytearray(wires["north"])
        changed[position] ^= 4
        with pytest.raises(SenderError) as refused:
            coordinator.combine(wires | {"north": bytes(changed)}, number)
        assert refused.value.parties == ("north",)
    assert coordinator.summed_round == before

    down = coordinator.combine(wires, number)

    assert federation.protection.clients["east"].open(down["east"], number)[0] == 3 * BUDGET


def test_an_envelope_of_an_older_round_is_refused(federation: Any) -> None:
    older, _ = sealed(federation)
    wires, number = sealed(federation)

    with pytest.raises(SenderError, match=f"round is {number - 1}, not {number}") as refused:
        federation.protection.coordinator.combine(wires | {"south": older["south"]}, number)
    assert refused.value.parties == ("south",)


def test_another_partys_envelope_in_ones_own_channel_is_refused(federation: Any) -> None:
    wires, number = sealed(federation)

    with pytest.raises(SenderError) as refused:
        federation.protection.coordinator.combine(wires | {"south": wires["north"]}, number)
    assert refused.value.parties == ("south",)


def test_a_round_is_summed_once(federation: Any) -> None:
    wires, number = sealed(federation)
    federation.protection.coordinator.combine(wires, number)

    with pytest.raises(ProtectionError, match="already summed"):
        federation.protection.coordinator.combine(wires, number)


def test_a_party_seals_a_round_once(federation: Any) -> None:
    _, number = sealed(federation)

    with pytest.raises(ProtectionError, match=f"'north' has already sealed round {number}"):
        federation.protection.clients["north"].seal(EXTREME["north"], number)


def test_an_older_or_changed_sum_or_ones_own_envelope_sent_back_is_blamed_on_the_coordinator(federation: Any) -> None:
    older_wires, older = sealed(federation)
    older_down = federation.protection.coordinator.combine(older_wires, older)
    wires, number = sealed(federation)
    down = federation.protection.coordinator.combine(wires, number)
    changed = down["north"][:-1] + bytes([down["north"][-1] ^ 1])

    for wrong in (older_down["north"], changed, wires["north"], down["south"]):
        with pytest.raises(SenderError) as refused:
            federation.protection.clients["north"].open(wrong, number)
        assert refused.value.parties == (COORDINATOR,)


def test_a_missing_and_a_foreign_party_are_named(any_federation: Any) -> None:
    foreign = {"east": EXTREME["east"], "north": EXTREME["north"], "west": EXTREME["east"]}

    with pytest.raises(ProtectionError, match="'south' is missing, 'west' does not belong") as refused:
        any_federation.total(foreign)
    assert refused.value.parties == ("south", "west")


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([BUDGET + 1, 0, 0, 0, 0, 0]),
        np.array([0, 0, 0, 0, 0, -BUDGET - 1]),
        np.array([0]),
        np.zeros(VALUES),
        np.full(VALUES, np.iinfo(np.int64).min),
    ],
)
def test_a_refused_update_names_its_party_and_changes_nothing(any_federation: Any, wrong: IntArray) -> None:
    ends = any_federation.protection
    before = ends.coordinator.summed_round, [client.sealed_round for client in ends.clients.values()]
    number = any_federation.next_round()

    with pytest.raises(ProtectionError, match="'south'") as refused:
        ends.total(EXTREME | {"south": wrong}, number=number, day=0.0)
    assert refused.value.parties == ("south",)
    assert (ends.coordinator.summed_round, [client.sealed_round for client in ends.clients.values()]) == before

    assert ends.total(EXTREME, number=number, day=0.0).numbers[0] == 3 * BUDGET


def test_no_end_has_a_text_or_pickled_form_that_holds_a_key(federation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = b"SECRET--" * 4
    monkeypatch.setattr("secrets.token_bytes", lambda size: secret[:size])
    ends = protection(federation.protection.word, PARTIES, VALUES)
    text = repr(ends) + repr(ends.coordinator) + repr(dict(ends.clients)) + str(ends)

    assert "SECRET" not in text
    assert secret.hex() not in text
    for holder in (ends, ends.coordinator, ends.clients["north"]):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(holder)


def test_what_it_promises_is_said(any_federation: Any) -> None:
    expected = {
        "plain": "every update is readable by whoever carries it",
        "shared_key": "any one client and the server can read an update",
        "threshold": "any 2 of the 3 parties together can read an update that the coordinator hands them; "
        "while all encrypt as agreed, the coordinator with 1 of them cannot",
        "compact": "the coordinator with 2 of the 2 parties that a party masks with can read its update; "
        "with any 1 party of the 3 it cannot, though each has the key",
    }
    said = expected[any_federation.protection.word]

    assert any_federation.protection.statement == said
    assert any_federation.protection.trust == f"{said} (experimental and unaudited); custody simulated in one process"


def test_a_plain_ciphertext_of_another_size_is_blamed_on_its_sender() -> None:
    keys = {party: ChannelKey() for party in PARTIES}
    terms = Terms("plain", LAYOUT, "no cipher")
    clients = {party: Client(party, terms, PlainCipher(), keys[party]) for party in PARTIES}
    wires = {party: clients[party].seal(EXTREME[party], 1) for party in PARTIES}
    short = wrap(terms.update("north", 1), framed(bytes(8)), keys["north"])
    forged = wrap(terms.total("east", 1), framed(bytes(8)), keys["east"])

    with pytest.raises(SenderError, match="no 30 slots") as refused:
        Coordinator(terms, PlainAdder(), keys).combine(wires | {"north": short}, 1)
    assert refused.value.parties == ("north",)
    with pytest.raises(SenderError, match="no 30 slots") as refused:
        clients["east"].open(forged, 1)
    assert refused.value.parties == (COORDINATOR,)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("shard_key", "'shard_key' is not one of plain, shared_key, threshold, compact; did you mean 'shared_key'"),
        ("Plain", "did you mean 'plain'"),
        ("", "'' is not one of plain, shared_key, threshold, compact$"),
    ],
)
def test_an_unknown_protection_is_refused_with_what_is_allowed_and_the_nearest(word: str, message: str) -> None:
    with pytest.raises(ProtectionError, match=message):
        protection(word, PARTIES, VALUES)


def test_the_scenario_file_and_the_code_know_the_same_words() -> None:
    from typing import get_args, get_type_hints

    from learning.config import Collaboration

    assert set(get_args(get_type_hints(Collaboration)["protection"])) == set(PROTECTIONS)


def test_different_terms_have_different_digests() -> None:
    layouts = [Layout(PARTIES, 6), Layout(PARTIES, 7), Layout(("east", "north"), 6)]
    terms = [Terms(word, layout, cipher) for word in PROTECTIONS for layout in layouts for cipher in ("one", "other")]

    assert len({each.digest() for each in terms}) == len(terms)


def test_keys_of_two_federations_do_not_open_each_others_envelopes() -> None:
    one, other = protection("plain", PARTIES, VALUES), protection("plain", PARTIES, VALUES)
    wires = {party: one.clients[party].seal(EXTREME[party], 1) for party in PARTIES}

    with pytest.raises(SenderError):
        other.coordinator.combine(wires, 1)


@pytest.mark.parametrize("bits", [2, 8, 13, 16, 25, 26, 28, None])
@pytest.mark.parametrize("word", PROTECTIONS)
def test_the_largest_numbers_that_may_be_sent_are_summed_exactly(word: str, bits: int | None) -> None:
    """Every limb has a sign of its own, so a limb more or a bit more decides whether the ends of a range survive."""
    federation = protection(word, "abc", 6, needed=2, bits=bits)
    limit = federation.layout.limit
    update = np.array([limit, -limit, limit - 1, 1 - limit, 1, 0])

    total = federation.total(dict.fromkeys("abc", update), number=1, day=0.0)

    np.testing.assert_array_equal(total.numbers, 3 * update)
    assert bits is None or limit == (1 << (bits - 1)) - 1
