"""No unit, part, kg or euro is made from nothing or lost, on any path."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.parties.materials import COMPONENTS, MATERIALS, RECOVERIES, ProductPart, check_components, masses, recovered
from sim.parties.physics import Physics
from sim.records import Unit
from sim.streams import Streams
from sim.wear import PARTS
from sim.world import World
from tests.sim.chains import CHAIN, made, ran, table, values, with_party

DAYS = 400.0
ENDS = ("kept", "exported", "delivered", "disposed", "resold", "residue")


@pytest.fixture(scope="module")
def world() -> World:
    """The chain from day 0, counted from the start; nobody changes it."""
    return ran(days=DAYS, warm_up=0.0)


def all_counted() -> World:
    """Return a chain in which everything was counted since its units were made."""
    world = made()
    world.run_until(DAYS)
    return world


# --- parts ---


def test_every_part_that_ever_was_is_in_a_unit_on_the_shelf_in_the_scrap_or_has_left(world: World) -> None:
    moves = Counter((row["part"], row["from"], row["to"]) for row in table(world, "parts"))
    taken = defaultdict(set)
    for row in table(world, "parts"):
        if (row["from"], row["to"]) == ("unit", "shelf"):
            taken[row["unit"]].add(row["part"])
    left = {row["unit"] for row in table(world, "events") if row["event"] == "left"}
    chain = world.chain
    assert chain is not None
    for part in PARTS:
        inside = sum(part not in chain.parts.taken.get(unit.key, ()) for unit in world.residents())
        gone = sum(part not in taken.get(unit, ()) for unit in left)
        came = world.created + moves[part, "supplier", "unit"]
        assert came == inside + gone + len(chain.parts.shelf[part]) + moves[part, "unit", "scrap"]
    assert sum(moves.values()) > 500


def test_a_part_comes_off_the_shelf_as_it_went_there_and_the_oldest_first(world: World) -> None:
    shelves: dict[str, list[float]] = {part: [] for part in PARTS}
    reused = 0
    for row in table(world, "parts"):
        if row["to"] == "shelf":
            shelves[row["part"]].append(row["day"])
        elif row["from"] == "shelf":
            assert shelves[row["part"]].pop(0) <= row["day"]
            reused += 1
    assert reused > 2
    assert {part: len(days) for part, days in shelves.items()} == {
        part: len(shelf)
        for part, shelf in world.chain.parts.shelf.items()  # type: ignore[union-attr]
    }


def test_new_parts_are_bought_only_when_there_is_no_harvested_one(world: World) -> None:
    at_hand = Counter[str]()
    for row in table(world, "parts"):
        if row["from"] == "supplier":
            assert at_hand[row["part"]] == 0
        at_hand[row["part"]] += (row["to"] == "shelf") - (row["from"] == "shelf")


def test_only_parts_that_are_good_as_they_are_are_harvested(world: World) -> None:
    truth = {(row["unit"], row["life"]): row for row in table(world, "truth")}
    last = {unit: max(life for other, life in truth if other == unit) for unit, _ in truth}
    for row in table(world, "parts"):
        if (row["from"], row["to"]) == ("unit", "shelf") and row["part"] == "bearings":
            assert truth[row["unit"], last[row["unit"]]]["true_bearing"] <= 0.6


def test_no_more_parts_are_kept_than_there_is_room_for() -> None:
    world = ran(with_party(CHAIN, "remanco", parts_limit=2), days=DAYS)
    at_hand, most = Counter[str](), 0
    for row in table(world, "parts"):
        at_hand[row["part"]] += (row["to"] == "shelf") - (row["from"] == "shelf")
        most = max(most, at_hand[row["part"]])
    assert most == 2


@given(st.integers(0, 10_000), st.floats(0.0, 1.2))
def test_a_used_part_is_built_in_as_worn_as_it_is_and_stronger_than_it_is_worn(number: int, damage: float) -> None:
    assert CHAIN.product is not None
    physics = Physics(CHAIN.product, Streams(3, 0, {"works": 0}))
    unit = Unit(number, 0.0)
    unit.body = physics.make(unit)
    physics.refit(unit, ("reuse", "replace", "reuse", "reuse"))
    before = physics.strength(unit)
    physics.fit_used(unit, 1, damage)
    after = physics.strength(unit)

    assert list(unit.body.damage) == [0.0, damage, 0.0, 0.0]
    assert after[1] > damage
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    assert (after == before) == (before[1] > damage)


# --- mass ---


def test_every_kg_that_came_in_is_in_use_on_the_shelf_recycled_or_gone() -> None:
    world = all_counted()
    chain = world.chain
    assert chain is not None
    counted = chain.counted
    came = counted["kg_new_unit"] + counted["kg_new_part"]
    inside = math.fsum(math.fsum(chain.parts.mass(unit.key)) for unit in world.residents())
    shelf = math.fsum(chain.parts.kg[part] * len(held) for part, held in chain.parts.shelf.items())
    gone = math.fsum(counted.get(f"kg_{what}", 0.0) for what in ENDS)
    recycled = math.fsum(counted.get(f"kg_recycled_{material}", 0.0) for material in MATERIALS)

    assert counted["kg_new_unit"] == pytest.approx(85.0 * world.created, rel=1e-12)
    assert inside + shelf + gone + recycled == pytest.approx(came, rel=1e-9)
    assert all(counted[f"kg_{what}"] > 0.0 for what in ("residue", "disposed", "resold", "delivered"))


def test_what_recyclers_report_is_what_was_counted(world: World) -> None:
    alone = all_counted()
    assert alone.chain is not None
    rows = table(alone, "material")
    for material in MATERIALS:
        reported = math.fsum(row[f"{material}_kg"] for row in rows)
        assert reported == pytest.approx(alone.chain.counted[f"kg_recycled_{material}"], rel=1e-9)
    residue = math.fsum(row["residue_kg"] for row in rows)
    assert residue == pytest.approx(alone.chain.counted["kg_residue"], rel=1e-9)
    sold = [row["amount"] for row in table(alone, "payments") if row["purpose"] == "material"]
    assert sold == [row["revenue"] for row in rows]


def test_a_unit_of_85_kg_is_made_of_what_its_components_say() -> None:
    """0.95 x 0.36 + 0.05 x 0.12 + 0.1 x 0.07 = 35.5 % aluminium; 3.5 % oil."""
    by_part = masses(85.0, COMPONENTS)
    total = dict(zip(MATERIALS, (sum(one) for one in zip(*by_part.values(), strict=True)), strict=True))

    assert total["aluminium"] == pytest.approx(0.355 * 85.0)
    assert total["steel"] == pytest.approx(0.537 * 85.0)
    assert total["oil"] == pytest.approx(0.035 * 85.0)
    assert sum(total.values()) == pytest.approx(85.0, rel=1e-12)


def test_recycling_by_hand() -> None:
    """100 kg of steel of which a tenth is dirty: 100 x 0.9 x 0.93 = 83.7 kg at 0.25 EUR."""
    found = recovered((100.0, 0.0, 0.0, 0.0, 0.0), RECOVERIES, 0.1)

    assert found.kg[0] == pytest.approx(83.7)
    assert found.residue_kg == pytest.approx(16.3)
    assert found.revenue == pytest.approx(20.925)


@given(st.lists(st.floats(0.0, 1e4), min_size=5, max_size=5), st.floats(0.0, 0.5))
def test_recycling_makes_and_loses_no_mass(mass: list[float], dirt: float) -> None:
    found = recovered(tuple(mass), RECOVERIES, dirt)

    assert sum(found.kg) + found.residue_kg == pytest.approx(sum(mass), rel=1e-9, abs=1e-9)
    assert min(found.kg) >= 0.0
    assert found.residue_kg >= -1e-9
    assert recovered(tuple(mass), {}, dirt).kg == (0.0,) * 5


def test_components_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="components lack clutch, seals, which wear"):
        check_components({name: COMPONENTS[name] for name in ("gearset", "bearings")}, PARTS)
    heavy = {**COMPONENTS, "case": replace(COMPONENTS["case"], mass_share=0.5)}
    with pytest.raises(ValueError, match=r"mass shares of the components must sum to 1, these sum to 1\.14"):
        check_components(heavy, PARTS)
    with pytest.raises(ValueError, match=r"materials must sum to 1, these sum to 0\.4"):
        ProductPart(mass_share=0.1, materials={"steel": 0.4})


# --- money ---


def test_what_a_core_earned_is_its_value_less_what_was_paid_for_it(world: World) -> None:
    """On every path: scrap, rework, harvested parts, energy, a last test that failed."""
    spent: dict[int, list[tuple[float, float]]] = defaultdict(list)
    about = ("core for remanufacturing", "remanufacturing", "parts", "rework", "energy", "harvested part")
    for row in table(world, "payments"):
        if row["payer"] == "remanco" and row["purpose"] in about:
            spent[row["unit"]].append((row["day"], row["amount"]))
    passed = {(row["unit"], row["life"]) for row in table(world, "end_of_line") if row["end_of_line"] == "pass"}
    began: dict[int, float] = defaultdict(float)
    realised = table(world, "realised")

    for row in realised:
        paid = math.fsum(amount for day, amount in spent[row["unit"]] if began[row["unit"]] < day <= row["day"])
        began[row["unit"]] = row["day"]
        assert row["cost"] == pytest.approx(paid, rel=1e-12)
        value = 1450.0 if (row["unit"], row["life"]) in passed else 0.0
        assert row["earned"] == pytest.approx(value - paid, rel=1e-12)
    assert len(realised) > 200


def test_an_outcome_without_noise_is_what_the_core_earned() -> None:
    world = ran(with_party(CHAIN, "remanco", outcome_noise=0.0, first_pass=0.4), days=DAYS)
    earned = {(row["unit"], row["life"]): row["earned"] for row in table(world, "realised")}
    told = {(row["unit"], row["life"]): row["margin"] for row in table(world, "outcome")}

    assert len(told) > 100
    assert all(margin == earned[core] for core, margin in told.items())
    assert any(margin < -800.0 for margin in told.values()), "a core that failed three times costs what was put in"


def test_a_core_without_harvested_parts_and_machining_earns_what_the_truth_says(world: World) -> None:
    truth = {(row["unit"], row["life"]): row["true_margin"] for row in table(world, "truth")}
    passed = {(row["unit"], row["life"]) for row in table(world, "end_of_line") if row["end_of_line"] == "pass"}
    special = {row["unit"] for row in table(world, "energy")}
    special |= {row["unit"] for row in table(world, "parts") if row["from"] == "shelf"}
    compared = 0
    for row in table(world, "realised"):
        core = row["unit"], row["life"]
        if row["unit"] not in special and (core in passed or row["earned"] == truth[core]):
            assert row["earned"] == pytest.approx(truth[core], abs=1e-9)
            compared += 1
    assert compared > 50


def test_the_price_of_a_core_is_that_of_its_grade() -> None:
    policies = replace(CHAIN.policies, acquisition=replace(CHAIN.policies.acquisition, A=200.0, D=30.0))
    world = ran(replace(CHAIN, policies=policies), days=200.0)
    grades = {(row["unit"], row["day"]): row["grade"] for row in table(world, "visual")}
    paid = [row for row in table(world, "payments") if row["purpose"] == "core"]

    assert {grades[row["unit"], row["day"]] for row in paid} == {"A", "B", "C", "D"}
    for row in paid:
        assert row["amount"] == {"A": 200.0, "D": 30.0}.get(grades[row["unit"], row["day"]], 150.0)


def test_a_remanufacturer_pays_nobody_for_parts_that_he_harvested_himself() -> None:
    policies = replace(CHAIN.policies, disposition=replace(CHAIN.policies.disposition, D="recycle"))
    parties = with_party(replace(CHAIN, policies=policies), "remanco", first_pass=0.3)
    world = ran(parties, days=DAYS)
    used = [row for row in table(world, "parts") if row["from"] == "shelf"]

    assert len(used) > 5
    assert not [row for row in table(world, "payments") if row["purpose"] == "harvested part"]
    assert values(world)["profit"] != 0.0
