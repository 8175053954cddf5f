"""Every envelope of every protection carries the whole header, and a signed one that differs anywhere is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest

from learning.crossings import COORDINATOR
from learning.crypto import envelope
from learning.crypto.envelope import NO_NUMBERS, Budget, Header, Tagger
from learning.faults import ProtectionError
from learning.protect import PROTECTIONS
from learning.threshold.board import Board
from tests.learning.by_hand import EXTREME, PARTIES, VALUES

LIAR = "north"
SUM = [3 * int(number) for number in EXTREME[LIAR]]
CHANGES: dict[str, object] = {
    "sender": "south", "receiver": "nobody", "round": 0, "purpose": "other", "parameters": "0", "roster": "0",
    "expires": 0, "uses": 2, "budget": NO_NUMBERS,
}  # fmt: skip


ONLY_OF_THE_SILENT = {"presence"}
"""Looked at where its sender then says nothing more; `test_compact_rounds.py` has it."""


@pytest.fixture(params=sorted(PROTECTIONS))
def federation(request: pytest.FixtureRequest, federation_of: Callable[..., Any]) -> Any:
    """A fresh federation of each protection."""
    return federation_of(request.param, PARTIES, VALUES)


@contextmanager
def headers(changed: Callable[[Header], Header]) -> Iterator[None]:
    """Let every end sign what `changed` makes of its headers."""
    sound = envelope.wrap

    def wrapped(header: Header, payload: bytes, key: Tagger) -> bytes:
        return sound(changed(header), payload, key)

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("learning.") and getattr(module, "wrap", None) is sound:
                patch.setattr(module, "wrap", wrapped)
        yield


def said_in_a_round(federation: Any) -> list[Header]:
    """The headers of all envelopes of a round."""
    said: list[Header] = []

    def noted(header: Header) -> Header:
        said.append(header)
        return header

    with headers(noted):
        assert federation.total(EXTREME).tolist() == SUM
    return said


def test_every_envelope_of_a_round_says_who_takes_part_how_long_it_keeps_how_often_it_opens_and_its_range(
    federation: Any,
) -> None:
    said = said_in_a_round(federation)
    rosters, budgets = {header.roster for header in said}, {header.budget for header in said}

    assert {header.sender for header in said} >= set(PARTIES)
    assert {(header.round, header.last_round, header.uses) for header in said} == {
        (federation.round, federation.round, 1)
    }
    assert len(rosters) == 1
    assert len(rosters.pop()) == 64
    assert all(len(header.parameters) == 64 for header in said)
    (budget,) = budgets
    layout = federation.protection.layout
    assert (budget.bits, budget.count, budget.bound) == (layout.limb_bits, len(PARTIES), layout.limit)
    assert budget.checks > 0
    assert (budget.scale_bits > 0) == (federation.protection.word in ("shared_key", "threshold"))


def test_federations_of_other_parties_or_under_other_keys_have_other_rosters_or_parameters(
    federation: Any, federation_of: Callable[..., Any]
) -> None:
    said = said_in_a_round(federation)[0]
    other = {party if party != LIAR else "west": update for party, update in EXTREME.items()}
    another = federation_of(federation.protection.word, tuple(sorted(other)), VALUES)
    found: list[Header] = []
    with headers(lambda header: found.append(header) or header):  # type: ignore[func-returns-value]
        another.total(other)

    assert found[0].roster != said.roster
    assert found[0].parameters != said.parameters


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_an_envelope_that_its_sender_signed_with_another_header_opens_nothing_and_its_channel_is_named(
    federation: Any, field: str
) -> None:
    purposes = sorted({(header.purpose, header.sender == COORDINATOR) for header in said_in_a_round(federation)})
    for purpose, down in purposes:
        if purpose in ONLY_OF_THE_SILENT:
            continue
        sender = COORDINATOR if down else LIAR

        def changed(header: Header, purpose: str = purpose, sender: str = sender) -> Header:
            lies = header.sender == sender and header.purpose == purpose
            return replace(header, **{field: CHANGES[field]}) if lies else header  # type: ignore[arg-type]

        with headers(changed), pytest.raises(ProtectionError) as refused:
            federation.total(EXTREME)
        assert refused.value.parties == (sender,), purpose
        assert federation.total(EXTREME).tolist() == SUM, "the next round is sound"


@pytest.mark.parametrize("field", [field.name for field in fields(Budget)])
def test_each_number_of_a_budget_is_checked(federation: Any, field: str) -> None:
    def changed(header: Header) -> Header:
        budget = replace(header.budget, **{field: getattr(header.budget, field) + 1})
        return replace(header, budget=budget) if header.sender == LIAR else header

    with headers(changed), pytest.raises(ProtectionError, match="budget is") as refused:
        federation.total(EXTREME)
    assert refused.value.parties == (LIAR,)


@pytest.mark.parametrize("field", sorted(CHANGES))
@pytest.mark.parametrize("purpose", ["commitment", "update", "partial"])
def test_under_threshold_the_parties_check_for_themselves_what_a_board_waves_through(
    federation_of: Callable[..., Any], field: str, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("commitments", "updates", "partials"):
        monkeypatch.setattr(Board, step, lambda board, wires, *rest: dict(wires))

    def changed(header: Header) -> Header:
        lies = header.sender == LIAR and header.purpose == purpose
        return replace(header, **{field: CHANGES[field]}) if lies else header  # type: ignore[arg-type]

    federation = federation_of("threshold", PARTIES, VALUES)
    with headers(changed), pytest.raises(ProtectionError) as refused:
        federation.total(EXTREME)
    assert refused.value.parties == (LIAR, COORDINATOR)
