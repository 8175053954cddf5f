"""Prices and policies that are others for a time: on their days, in their order, and looked at by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from sim.disruptions import DisruptionConfig, PolicyShock, PriceShock
from sim.parties.expand import Sections
from sim.parties.today import changed as with_change
from sim.parties.today import immovable
from sim.section import Section, key_of
from sim.world import World
from tests.sim.chains import CHAIN, HORIZON, changed, in_euros, made, ran, same, table

SHORT = 120.0

LASTING = {"from_day": 0.0, "days": HORIZON}


def disrupted(sections: Sections = CHAIN, **disruptions: DisruptionConfig) -> Sections:
    return replace(sections, disruptions=disruptions)


def standing(key: str) -> Any:
    """Return what stands at a dotted key of the chain."""
    section: Any = CHAIN
    for word in key.split("."):
        section = (
            section[word] if isinstance(section, dict) else getattr(section, f"{word}_", getattr(section, word, None))
        )
    return section


def is_lost(block: str) -> bool:
    return block.endswith((".kept", ".exported"))


def numbers(section: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every number in a section, those inside laws and machines left out."""
    if isinstance(section, dict):
        for key, below in section.items():
            yield from numbers(below, (*path, key))
    elif isinstance(section, Section) and "law" not in {one.name for one in fields(section)}:
        for one in fields(section):
            if one.name != "machining":
                yield from numbers(getattr(section, one.name), (*path, key_of(one.name)))
    elif isinstance(section, int | float) and not isinstance(section, bool):
        yield path


NUMBERS = sorted(
    {
        ".".join(path)
        for room in ("parties", "costs", "returns", "policies")
        for path in numbers(getattr(CHAIN, room), (room,))
    }
)
"""Every number in the chain's sections, by dotted key."""

PRICES = sorted(
    {".".join(path) for room in ("parties", "costs", "returns") for path in in_euros(getattr(CHAIN, room), (room,))}
)


@pytest.mark.parametrize("key", sorted(set(NUMBERS) - set(PRICES)))
def test_any_other_number_is_the_written_one_all_the_time_or_is_refused_at_the_door(key: str) -> None:
    """No number may be taken and then not be looked at, because it was read when the world was made."""
    was = standing(key)
    change = PriceShock(set=key, to=was + 1 if isinstance(was, int) else 0.5 * was + 0.1, **LASTING)
    try:
        today = with_change(CHAIN, change)
    except ValueError:
        # probabilities that no longer sum to 1
        return
    if not [*immovable(CHAIN, today)]:
        same(ran(disrupted(shock=change), days=SHORT), ran(today, days=SHORT))


def priced(key: str, to: float) -> Sections:
    """Return the chain as it would have been written with another price."""
    room, *path = key.split(".")
    return replace(CHAIN, **{room: changed(getattr(CHAIN, room), tuple(path), to)})


def test_prices_of_all_kinds_are_looked_at() -> None:
    assert {"parties.remanco.core_payment", "parties.rig.cost_per_test", "costs.holding_per_day"} <= set(PRICES)


@pytest.mark.parametrize("key", PRICES)
def test_a_price_that_is_another_all_the_time_is_the_scenario_with_that_price(key: str) -> None:
    to = standing(key) * 1.5 + 1.0
    shock = disrupted(shock=PriceShock(set=key, to=to, **LASTING))

    same(ran(shock, days=SHORT), ran(priced(key, to), days=SHORT))


@pytest.mark.parametrize(
    ("key", "to", "otherwise"),
    [
        ("policies.disposition.C", "recycle", {"disposition": replace(CHAIN.policies.disposition, C="recycle")}),
        ("policies.bench_limit", 0.8, {"bench_limit": 0.8}),
        ("policies.serviceable.level", 3, {"serviceable": replace(CHAIN.policies.serviceable, level=3)}),
    ],
)
def test_a_policy_that_is_another_all_the_time_is_the_scenario_with_that_policy(
    key: str, to: Any, otherwise: dict[str, Any]
) -> None:
    shock = disrupted(shock=PolicyShock(set=key, to=to, **LASTING))
    written = replace(CHAIN, policies=replace(CHAIN.policies, **otherwise))

    same(ran(shock, days=SHORT), ran(written, days=SHORT))


def test_more_returns_for_a_time_are_more_returns_for_that_time_only() -> None:
    fewer = replace(CHAIN, returns=replace(CHAIN.returns, probability=0.5))
    shock = disrupted(fewer, boom=PriceShock(set="returns.probability", to=0.95, from_day=200.0, days=200.0))
    lost = [
        [
            row["day"]
            for row in table(world, "events")
            if row["event"] == "left" and row["block"].endswith((".kept", ".exported"))
        ]
        for world in (ran(fewer), ran(shock))
    ]

    def within(days: list[float], low: float, high: float) -> list[float]:
        return [day for day in days if low <= day < high]

    assert within(lost[0], 0.0, 200.0) == within(lost[1], 0.0, 200.0)
    assert len(within(lost[1], 200.0, 400.0)) < 0.4 * len(within(lost[0], 200.0, 400.0))
    assert len(within(lost[1], 400.0, HORIZON)) > 0.7 * len(within(lost[0], 400.0, HORIZON))


def test_the_shock_that_began_last_holds_and_then_the_one_before_again() -> None:
    world = ran(
        disrupted(
            low=PriceShock(set="remanco.core_payment", to=100.0, from_day=100.0, days=300.0),
            high=PriceShock(set="remanco.core_payment", to=400.0, from_day=200.0, days=100.0),
        )
    )
    paid = {
        row["day"]: row["amount"]
        for row in table(world, "payments")
        if row["purpose"].endswith("remanufacturing") and row["payee"] in ("north", "south", "rig")
    }

    def prices(low: float, high: float) -> set[float]:
        return {amount for day, amount in paid.items() if low < day < high}

    assert prices(0, 100) == prices(400, HORIZON) == {250.0}
    assert prices(100, 200) == prices(300, 400) == {100.0}
    assert prices(200, 300) == {400.0}


def test_a_factor_multiplies_what_holds_without_it() -> None:
    world = made(
        disrupted(
            set=PriceShock(set="remanco.core_payment", to=100.0, from_day=10.0, days=90.0),
            twice=PriceShock(set="parties.remanco.core_payment", factor=2.0, from_day=20.0, days=10.0),
        )
    )
    assert world.chain is not None
    told = []
    for day in (5.0, 15.0, 25.0, 35.0, 105.0):
        world.run_until(day)
        told.append(world.chain.reman.core_payment)

    assert told == [250.0, 100.0, 200.0, 100.0, 250.0]


def test_holding_is_paid_at_the_price_of_its_day() -> None:
    plain = ran(CHAIN, days=200.0, warm_up=0.0)
    shock = disrupted(dear=PriceShock(set="costs.holding_per_day", factor=10.0, from_day=50.0, days=50.0))

    def held(world: World) -> float:
        return sum(row["amount"] for row in table(world, "payments") if row["purpose"] == "holding")

    area = [plain_area(day) for day in (50.0, 100.0, 200.0)]
    dearer = 0.35 * (area[2] + 9.0 * (area[1] - area[0]))
    assert held(plain) == pytest.approx(0.35 * area[2])
    assert held(ran(shock, days=200.0, warm_up=0.0)) == pytest.approx(dearer)


def plain_area(day: float) -> float:
    world = made()
    world.run_until(day)
    area: float = world.blocks["remanco.serviceable"].area_until(day)
    return area
