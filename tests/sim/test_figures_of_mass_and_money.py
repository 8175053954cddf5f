"""Money, CO2e, energy, mass and circularity of a chain, again from the rows that the run left behind."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from sim.circularity import circularity
from sim.parties.figures.cost import ITEMS, OF_SALES, item_of
from sim.parties.materials import MATERIALS
from tests.sim.chains import CHAIN, WARM_UP, ran, values
from tests.sim.measured_chain import DAYS, counted, figures, of_units, rows, value, ways, world

# --- money ---


def test_each_term_of_a_profit_is_what_was_paid_for_a_purpose_between_two_roles() -> None:
    roles = {name: party.role for name, party in CHAIN.parties.items()}
    inside = {name for name, party in CHAIN.parties.items() if party.role != "fleet"}
    expected: defaultdict[str, float] = defaultdict(float)
    for row in counted("payments"):
        gained = (row["payee"] in inside) - (row["payer"] in inside)
        if gained:
            payer, payee = (roles.get(row[end], "outside") for end in ("payer", "payee"))
            expected[f"{row['purpose']}: {payer} to {payee}"] += gained * row["amount"]
    terms = {term.name: term.value for term in figures()["profit"].terms}

    assert terms.keys() == expected.keys()
    for name, amount in expected.items():
        assert terms[name] == pytest.approx(amount, rel=1e-9)


MAKERS = ("dismantler", "tester", "remanufacturer", "recycler")


def test_what_a_unit_costs_is_what_left_the_parties_that_make_it_item_by_item() -> None:
    inside = {name for name, party in CHAIN.parties.items() if party.role in MAKERS}
    spent: defaultdict[str, float] = defaultdict(float)
    for row in counted("payments"):
        if row["purpose"] not in OF_SALES:
            left = (row["payer"] in inside) - (row["payee"] in inside)
            spent[item_of(row["purpose"])] += left * row["amount"]
    good = value("remanufactured")

    for item in (*ITEMS, "other"):
        assert value(f"cost_per_reman_unit_{item}") == pytest.approx(spent[item] / good, rel=1e-9, abs=1e-9)
    assert value("cost_per_reman_unit") == pytest.approx(math.fsum(spent.values()) / good, rel=1e-9)
    assert value("cost_per_reman_unit_acquisition") > 0.0 > value("cost_per_reman_unit_credits")


def test_every_purpose_that_is_paid_has_an_item_of_its_own() -> None:
    """Of the purposes for which the makers of a unit pay others, or are paid: what they pay one another cancels out."""
    inside = {name for name, party in CHAIN.parties.items() if party.role in MAKERS}
    theirs = {row["purpose"] for row in rows("payments") if (row["payer"] in inside) != (row["payee"] in inside)}

    assert {purpose for purpose in theirs - OF_SALES if item_of(purpose) == "other"} == set()
    assert len(theirs) > 5


# --- CO2e and mass ---


def new_parts_kg() -> float:
    """Return the mass of the parts that suppliers gave into units in the window."""
    assert CHAIN.product is not None
    shares = {name: component.mass_share for name, component in CHAIN.product.components.items()}
    bought = [row["part"] for row in counted("parts") if (row["from"], row["to"]) == ("supplier", "unit")]
    return math.fsum(85.0 * shares[part] for part in bought)


def test_masses_are_those_of_the_rows_of_units_parts_and_materials() -> None:
    events = counted("events")
    made_units = sum(row["event"] == "created" for row in events)
    ended = Counter(row["block"].rpartition(".")[2] for row in events if row["event"] == "left")
    material = counted("material")

    assert value("made_kg") == pytest.approx(85.0 * made_units + new_parts_kg(), rel=1e-9)
    assert value("reused_kg") == pytest.approx(85.0 * value("remanufactured") - new_parts_kg(), rel=1e-9)
    assert value("resold_kg") == pytest.approx(85.0 * ended["resale"], rel=1e-9)
    assert value("disposed_kg") == pytest.approx(85.0 * ended["landfill"], rel=1e-9)
    assert value("residue_kg") == pytest.approx(math.fsum(row["residue_kg"] for row in material), rel=1e-9)
    for one in MATERIALS:
        found = value(f"recovered_{one}_kg")
        assert found == pytest.approx(math.fsum(row[f"{one}_kg"] for row in material), rel=1e-9)
        assert found > 0.0
    assert value("recovered_kg") == pytest.approx(math.fsum(value(f"recovered_{one}_kg") for one in MATERIALS))


KWH = {
    "remanco.teardown": 0.5,
    "remanco.wash": 6.0,
    "remanco.inspect": 0.5,
    "remanco.assembly": 1.0,
    "remanco.end_of_line": 4.0,
    "rig.bench": 3.0,
    "rig.lab": 5.0,
}
"""Electricity of a service at each station, kWh."""


def test_energy_is_that_of_services_at_stations_and_of_the_records_of_machining() -> None:
    machined = math.fsum(row["energy_kj"] for row in counted("energy")) / 3600.0
    metered = machined + math.fsum(kwh * len(of_units(name, "finished")) for name, kwh in KWH.items())

    assert 0.0 < machined < 0.1 * metered
    assert value("energy_kwh") == pytest.approx(metered, rel=1e-9)
    assert value("energy_per_reman_unit_kwh") == pytest.approx(metered / value("remanufactured"), rel=1e-9)
    assert value("co2e_energy_kg") == pytest.approx(metered * 0.6 * 0.3, rel=1e-9)
    assert metered > 0.0


def test_what_is_saved_is_what_new_units_would_have_cost_less_what_cores_did() -> None:
    sold = value("reman_share") * len(of_units("remanco.serviceable", "issued"))
    transport = math.fsum(value(f"{name}.throughput_per_day") for name in ways()) * DAYS * 0.085 * 250.0 * 0.085
    expected = sold * (432.5 + 85.0 * 0.05 - 284.5) - transport - new_parts_kg() * 0.05

    assert value("co2e_transport_kg") == pytest.approx(transport, rel=1e-9)
    assert value("co2e_saved_kg") == pytest.approx(expected, rel=1e-9)
    assert value("co2e_saved_displaced_kg") == value("co2e_saved_kg")
    assert value("co2e_rebound_kg") == 0.0


@pytest.mark.parametrize("displacement", [0.0, 0.6, 1.0])
def test_what_is_not_displaced_is_rebound(displacement: float) -> None:
    assert CHAIN.product is not None
    found = values(ran(replace(CHAIN, product=replace(CHAIN.product, displacement=displacement)), days=200.0))
    whole = values(ran(days=200.0))

    assert found["co2e_saved_kg"] == whole["co2e_saved_kg"]
    assert found["co2e_saved_displaced_kg"] + found["co2e_rebound_kg"] == pytest.approx(
        found["co2e_saved_kg"], rel=1e-9
    )
    assert (found["co2e_rebound_kg"] > 0.0) == (displacement < 1.0)


def test_the_indicator_is_that_of_the_masses_and_lives_of_the_window() -> None:
    into, out = value("made_kg") + value("reused_kg"), sum(value(f"{one}_kg") for one in OUT)
    collected = value("recovered_kg") + value("residue_kg")
    reused_in = value("reused_kg") / into
    found = circularity(
        into,
        recycled_in=0.25 * (1.0 - reused_in),
        reused_in=reused_in,
        recycled_out=collected / out,
        reused_out=(value("reused_kg") + value("resold_kg")) / out,
        efficiency_out=value("recovered_kg") / collected,
        life=value("flow_lifetime_ratio"),
    )

    assert value("mci") == pytest.approx(found.mci, abs=1e-12)
    assert 0.1 < value("mci") < 1.0
    assert value("flow_reused_content") == pytest.approx(reused_in, rel=1e-9)
    assert value("disposal_kg") == pytest.approx(value("residue_kg") + value("disposed_kg"), rel=1e-9)


OUT = ("reused", "resold", "recovered", "residue", "disposed", "away")


def test_lives_are_those_between_installing_and_removing() -> None:
    """The units of the start are left out of the recount: they had lived before the first day."""
    installed: dict[int, float] = {}
    lives: list[tuple[int, float]] = []
    ended: Counter[int] = Counter()
    for row in rows("events"):
        if row["event"] == "installed":
            installed[row["unit"]] = row["day"]
        elif row["event"] == "removed":
            ended[row["unit"]] += 1
            if row["day"] >= WARM_UP and installed[row["unit"]] > 0.0:
                lives.append((ended[row["unit"]], row["day"] - installed[row["unit"]]))
    passage = world().chain.passage  # type: ignore[union-attr]
    later = math.fsum(days for life, days in lives if life > 1)

    assert passage.life_days - passage.first_life_days == pytest.approx(later, rel=1e-9)
    assert passage.lives - passage.first_lives == sum(life > 1 for life, _ in lives)
