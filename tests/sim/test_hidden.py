"""Reality gaps: a world that wears otherwise than its product says, and says so."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.parties.body import Body
from sim.parties.hidden import ELECTRONICS, PRESETS, HiddenWorld, gap, real, statement
from sim.parties.physics import Physics
from sim.records import Unit
from sim.streams import SEQUENCE_BITS, Streams
from sim.worth import Terms
from tests.sim.chains import CHAIN, ran, table, values

assert CHAIN.product is not None
PRODUCT = CHAIN.product
TAXI = PRODUCT.duties["taxi"]


def first_life(hidden: HiddenWorld, sequence: int) -> tuple[float, Body, Physics, Unit]:
    """Return the days of a first life to its end, and what it left."""
    model = Physics(PRODUCT, Streams(3, 0, {"cabs.vehicles": 7}), hidden=hidden)
    unit = Unit(7 << SEQUENCE_BITS | sequence, 0.0)
    unit.body = model.make(unit)
    days = model.begin_life(unit, TAXI)
    model.end_life(unit, days, failed=True)
    return days, unit.body, model, unit


def test_a_world_without_a_gap_is_its_product() -> None:
    assert real(PRODUCT, HiddenWorld()) == PRODUCT
    assert statement("none") == ""


@pytest.mark.parametrize("name", ["mild", "medium", "severe"])
def test_a_gap_changes_the_wear_and_nothing_that_people_go_by(name: str) -> None:
    """Limits and prices of refitting are decisions of people: they stay as they are stated."""
    changed = real(PRODUCT, PRESETS[name])

    assert changed.wear.parameters() != PRODUCT.wear.parameters()
    assert changed.wear.refitting() == PRODUCT.wear.refitting()
    assert replace(changed, wear=PRODUCT.wear) == PRODUCT


@given(st.integers(0, 3000))
def test_a_severer_world_never_lets_a_unit_live_longer(sequence: int) -> None:
    """The same unit with the same luck in every world."""
    lives = [first_life(PRESETS[name], sequence)[0] for name in ("none", "mild", "medium", "severe")]

    assert lives == sorted(lives, reverse=True)
    assert lives[0] > lives[-1]


def test_five_percent_of_stress_are_ninety_percent_of_pitting() -> None:
    """1.05^13.22."""
    (_, usual, _, _), (days, stressed, model, unit) = (
        first_life(hidden, 5) for hidden in (HiddenWorld(), HiddenWorld(gear_stress=1.05))
    )

    assert stressed.damage[0] / days == pytest.approx(1.05**13.22 * usual.damage[0] / (usual.age_days), rel=1e-9)
    assert model.strength(unit)[0] >= stressed.damage[0] * (1.0 - 1e-12)


def test_electronics_fail_young_and_no_part_shows_it() -> None:
    """Weibull of shape 0.8: of lives of a year, a share 1 - exp(-0.1^0.8) ends by a tenth of its scale."""
    hidden = HiddenWorld(electronics_years=10.0 * 1.0)
    failed = [first_life(hidden, sequence) for sequence in range(1500)]
    electronic = [(days, body, model, unit) for days, body, model, unit in failed if body.failed == ELECTRONICS]

    assert electronic
    for days, body, model, unit in electronic:
        whole = first_life(HiddenWorld(), unit.sequence)[0]
        assert days < whole
        assert model.refit_cost(body) == 420.0 + replaced(model, body)
    expected = math.fsum(
        1.0 - math.exp(-((first_life(HiddenWorld(), sequence)[0] / 3650.0) ** 0.8)) for sequence in range(1500)
    )
    assert len(electronic) == pytest.approx(expected, abs=4.0 * math.sqrt(expected))


def replaced(model: Physics, body: Body) -> float:
    """Return the cost of refitting the same damage when nothing failed."""
    plain = Body()
    plain.worn = body.worn
    return model.refit_cost(plain)


def test_new_electronics_have_a_life_of_their_own() -> None:
    hidden = HiddenWorld(electronics_years=1.0)
    sequence = next(number for number in range(200) if first_life(hidden, number)[1].failed == ELECTRONICS)
    _, body, model, unit = first_life(hidden, sequence)
    damage = body.damage

    assert model.begin_life(unit, TAXI) == 0.0
    body.failed = ELECTRONICS
    model.refit(unit, ("reuse",) * 4)

    assert body.damage == damage
    assert body.generation == (0, 0, 0, 0, 1)
    assert model.begin_life(unit, TAXI) > 0.0


def test_a_cracked_case_loses_the_same_whatever_failed() -> None:
    _, body, model, _ = first_life(HiddenWorld(), 9)
    body.crack = True

    assert model.margin(body, Terms(surplus=680.0, crack_loss=432.0)) == -432.0


def test_what_a_run_says_names_what_differs() -> None:
    assert statement("mild").startswith("mild: the world differs from what is believed: gear stress x 1.005,")
    assert "electronics fail" in statement("missing_mechanism")
    assert "nobody in it knows" in statement("missing_mechanism")
    assert statement(HiddenWorld(cracks=2.0)) == ("by factors: the world differs from what is believed: cracks x 2")
    assert gap("severe") is PRESETS["severe"]


def test_a_chain_in_a_severe_world_wears_out_faster() -> None:
    severe = ran(replace(CHAIN, hidden_world="severe"), days=200.0)

    assert len(table(severe, "truth")) > 1.2 * len(table(ran(days=200.0), "truth"))
    assert values(severe)["profit"] != values(ran(days=200.0))["profit"]
