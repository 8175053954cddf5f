"""Key figures of a chain: each from its own terms, and again from the rows that the run left behind."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from sim.blocks.stock import StockBlock
from sim.circularity import circularity
from sim.config import Lane, Station
from sim.figure import Figure
from sim.log import Log
from sim.parties.figures.cost import ITEMS, OF_SALES, item_of
from sim.parties.materials import MATERIALS
from sim.world import World
from tests.sim.chains import CHAIN, HORIZON, WARM_UP, Rows, made, ran, table, values
from tests.sim.figures_again import wrong

DAYS = HORIZON - WARM_UP


@cache
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


@cache
def figures() -> dict[str, Figure]:
    return world().figures()


@cache
def rows(name: str) -> Rows:
    return table(world(), name)


def value(name: str) -> float:
    return figures()[name].value


def counted(name: str) -> Rows:
    """Return the rows of a table since counting began."""
    return [row for row in rows(name) if row["day"] >= WARM_UP]


def of_units(block: str, event: str) -> Rows:
    return [row for row in counted("events") if row["block"] == block and row["event"] == event]


def quantile(stays: list[float], share: float) -> float:
    """Return the shortest stay that this share of the stays does not exceed."""
    return next(stay for stay in sorted(stays) if sum(other <= stay for other in stays) >= share * len(stays))


# --- every figure ---


def test_every_figure_is_what_its_printed_terms_give() -> None:
    assert wrong({name: (one.value, one.formula, one.terms) for name, one in figures().items()}) == []


def test_figures_of_nothing_are_undefined_and_still_what_their_terms_give() -> None:
    empty = ran(days=1e-6, warm_up=0.0).figures()

    assert wrong({name: (one.value, one.formula, one.terms) for name, one in empty.items()}) == []
    for name in (
        "gamma_service",
        "cycle_service",
        "days_of_supply",
        "core_time_p95_days",
        "cost_per_reman_unit",
        "mci",
    ):
        assert math.isnan(empty[name].value), name


def test_every_term_has_a_unit_and_every_name_in_a_formula_is_a_term() -> None:
    for name, one in figures().items():
        assert all(term.unit for term in one.terms), name
        assert len({term.name for term in one.terms}) == len(one.terms), name


def test_kpis_are_the_values_and_units_of_the_figures() -> None:
    kpis = world().kpis()

    assert list(kpis) == list(figures())
    assert {name: (repr(one.value), one.unit) for name, one in figures().items()} == {
        name: (repr(number), unit) for name, (number, unit) in kpis.items()
    }


def test_counters_alone_give_the_same_figures() -> None:
    bare = made(log=Log(events=False))
    bare.run_until(WARM_UP)
    bare.count_from_now()
    bare.run_until(HORIZON)
    bare.close_books()

    assert repr(bare.figures()) == repr(figures())


# --- service ---


def steps() -> list[tuple[float, int]]:
    """Return what changes the net inventory of the serviceable stock, units at hand less open requests."""
    change = {"stocked": 1, "demanded": -1}
    own = [row for row in rows("events") if row["block"] == "remanco.serviceable"]
    return [(row["day"], change[row["event"]]) for row in own if row["event"] in change]


def test_service_figures_are_those_of_the_net_inventory() -> None:
    """Units come in and requests go out; what lies below zero waits, what lies above is on the shelf."""
    net, before, backorder_days, shelf_days = 0, 0.0, 0.0, 0.0
    at_once, demands, cycles, clean, lowest = 0, 0, 0, 0, 0
    for day, step in [*steps(), (HORIZON, 0)]:
        length = max(0.0, day - max(before, WARM_UP))
        backorder_days += max(-net, 0) * length
        shelf_days += max(net, 0) * length
        before = day
        if step > 0 and day >= WARM_UP:
            cycles += 1
            clean += lowest >= 0
        if step > 0:
            lowest = net + 1
        elif step < 0 and day >= WARM_UP:
            demands += 1
            at_once += net > 0
        net += step
        lowest = min(lowest, net)

    assert value("fill_rate") == at_once / demands
    assert value("cycle_service") == clean / cycles
    assert 0 < clean < cycles
    assert value("backorder_days") == pytest.approx(backorder_days, rel=1e-9)
    assert value("backorders_mean") == pytest.approx(backorder_days / DAYS, rel=1e-9)
    assert value("backorder_wait_mean_days") == pytest.approx(backorder_days / demands, rel=1e-9)
    assert value("gamma_service") == pytest.approx(1.0 - backorder_days / DAYS / (7.0 * demands / DAYS), rel=1e-9)
    assert value("serviceable_mean") == pytest.approx(shelf_days / DAYS, rel=1e-9)
    assert value("days_of_supply") == pytest.approx(shelf_days / demands, rel=1e-9)


def test_a_stock_that_never_runs_out_has_only_clean_cycles_and_one_that_never_has_any_none() -> None:
    plenty = ran(
        replace(CHAIN, policies=replace(CHAIN.policies, serviceable=replace(CHAIN.policies.serviceable, level=500)))
    )
    found = values(plenty)

    assert found["fill_rate"] == found["cycle_service"] == found["gamma_service"] == 1.0
    assert found["backorder_days"] == 0.0


# --- yields ---


def test_the_yield_is_that_of_the_cores_torn_down_in_the_window_whose_fate_is_known() -> None:
    opened = {row["unit"]: row["day"] for row in counted("teardown")}
    passed = {(row["unit"], row["life"]) for row in counted("end_of_line") if row["end_of_line"] == "pass"}
    cohort = [(row["unit"], row["life"]) for row in counted("teardown")]
    gone = {row["unit"]: row["day"] for row in counted("events") if row["event"] == "left"}
    good = [one for one in cohort if one in passed]
    failed = [one for one in cohort if one not in passed and gone.get(one[0], -1.0) >= opened[one[0]]]

    assert len(good) + len(failed) <= len(cohort)
    assert value("reman_yield") == len(good) / (len(good) + len(failed))
    assert 0.5 < value("reman_yield") < 1.0


def test_cores_returned_are_those_graded_of_those_removed_in_the_same_window() -> None:
    removed = [row for row in counted("events") if row["event"] == "removed"]

    assert value("core_return_rate") == len(counted("visual")) / len(removed)
    assert value("cores") == len(counted("visual"))
    assert value("removed") == len(removed)


def test_yields_of_stages_are_those_of_their_reports() -> None:
    grades = Counter(row["grade"] for row in counted("visual"))
    first = [row for row in counted("end_of_line") if row["tries"] == 1.0]
    sound = sum(row["finding"] != "scrap" for row in counted("teardown")) / len(counted("teardown"))
    passed = sum(row["end_of_line"] == "pass" for row in first) / len(first)

    assert value("core_acquisition_yield") == pytest.approx(1.0 - grades["D"] / sum(grades.values()), rel=1e-9)
    assert value("first_pass_yield") == pytest.approx(passed, rel=1e-9)
    assert value("rolled_yield") == pytest.approx(sound * passed, rel=1e-9)
    assert value("oee") == pytest.approx(value("remanco.end_of_line.utilisation") * passed, rel=1e-9)


# --- stocks and flow ---


def own_blocks(*roles: str, kind: Any = object) -> list[str]:
    """Return the blocks of a kind that parties of some roles run."""
    names = tuple(f"{name}." for name, party in CHAIN.parties.items() if party.role in roles)
    return [name for name, block in world().network.items() if name.startswith(names) and isinstance(block, kind)]


def ways() -> list[str]:
    return [name for name, one in world().network.items() if isinstance(one, Lane) and one.from_ is not None]


def test_mean_numbers_add_up_over_the_blocks_of_the_parties() -> None:
    stages = [name for name in own_blocks("remanufacturer") if not isinstance(world().blocks[name], StockBlock)]
    wip = math.fsum(value(f"{name}.number_mean") for name in stages if f"{name}.number_mean" in figures())
    cores = math.fsum(value(f"{name}.number_mean") for name in own_blocks("dismantler", "tester", kind=Station | Lane))

    assert value("wip_mean") == pytest.approx(wip, rel=1e-9)
    assert value("core_stock_mean") == pytest.approx(cores, rel=1e-9)
    assert value("transit_mean") == pytest.approx(math.fsum(value(f"{name}.number_mean") for name in ways()), rel=1e-9)


def test_harvested_parts_on_the_shelf_are_those_that_came_less_those_that_went() -> None:
    change = {("unit", "shelf"): 1, ("shelf", "unit"): -1}
    area = 0.0
    for row in rows("parts"):
        area += change.get((row["from"], row["to"]), 0) * (HORIZON - max(row["day"], WARM_UP))

    assert value("parts_stock_mean") == pytest.approx(area / DAYS, rel=1e-9)
    assert area > 0.0


def test_days_of_cores_in_queues_at_work_and_on_the_way_are_all_their_days() -> None:
    stations = own_blocks("dismantler", "tester", "remanufacturer", kind=Station)
    yards = own_blocks("dismantler", kind=Lane)
    everywhere = math.fsum(value(f"{name}.number_mean") for name in (*stations, *yards, *ways())) * DAYS
    split = value("core_queue_days") + value("core_process_days") + value("core_transport_days")

    assert split * value("cores") == pytest.approx(everywhere, rel=1e-9)
    assert min(value(f"core_{one}_days") for one in ("queue", "process", "transport")) > 0.0


def test_the_time_of_a_core_runs_from_its_receipt_to_its_passed_test() -> None:
    came: dict[int, float] = {}
    times = []
    for row in sorted(rows("events") + rows("end_of_line"), key=lambda row: row["day"]):
        if row.get("event") == "arrived" and row["block"].endswith(".grading"):
            came[row["unit"]] = row["day"]
        elif row.get("end_of_line") == "pass" and row["day"] >= WARM_UP:
            times.append(row["day"] - came[row["unit"]])

    assert len(times) == value("remanufactured")
    assert value("core_time_mean_days") == pytest.approx(math.fsum(times) / len(times), rel=1e-9)
    assert value("core_time_p50_days") == pytest.approx(quantile(times, 0.50), rel=1e-9)
    assert value("core_time_p95_days") == pytest.approx(quantile(times, 0.95), rel=1e-9)


@pytest.mark.parametrize("block", ["north.grading", "rig.bench", "remanco.end_of_line"])
def test_quantiles_of_a_stage_are_those_of_the_stays_in_its_rows(block: str) -> None:
    came: dict[int, float] = {}
    stays = []
    for row in rows("events"):
        if row["block"] == block and row["event"] == "arrived":
            came[row["unit"]] = row["day"]
        elif row["block"] == block and row["event"] == "finished" and row["day"] >= WARM_UP:
            stays.append(row["day"] - came[row["unit"]])

    assert len(stays) > 20
    assert value(f"{block}.time_mean_days") == pytest.approx(math.fsum(stays) / len(stays), rel=1e-9)
    assert value(f"{block}.time_p50_days") == pytest.approx(quantile(stays, 0.50), rel=1e-9)
    assert value(f"{block}.time_p95_days") == pytest.approx(quantile(stays, 0.95), rel=1e-9)


def test_blocks_without_parties_keep_no_stays() -> None:
    assert all(
        one.stays is None for name, one in world().blocks.items() if name.startswith(("cabs.", "works.", "demand."))
    )


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


def test_energy_is_that_of_the_records_of_the_stations() -> None:
    metered = math.fsum(row["energy_kj"] for row in counted("energy")) / 3600.0

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
