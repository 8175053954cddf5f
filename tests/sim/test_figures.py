"""Key figures of a chain: each from its own terms, and again from the rows that the run left behind."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sim.ageing import REASONS
from sim.blocks.stock import StockBlock
from sim.config import Lane, Station
from sim.log import Log
from sim.parties.agreed import GRADES
from sim.parties.chain import ENDS
from sim.parties.figures.measured import Measured
from tests.sim.chains import CHAIN, HORIZON, WARM_UP, made, ran, values
from tests.sim.figures_again import wrong
from tests.sim.measured_chain import DAYS, counted, figures, own_blocks, rows, value, ways, world


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


def test_what_a_figure_counts_some_party_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter that nobody keeps would be a figure that is always nothing."""
    asked: set[str] = set()
    count = Measured.count
    monkeypatch.setattr(Measured, "count", lambda self, name, *unit: asked.add(name) or count(self, name, *unit))
    world().figures()
    folder = Path(__file__).parents[2] / "sim" / "parties"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    words = set(re.findall(r"count\(\s*f?\"(\w+)", source)) | set(re.findall(r"\"(sold_\w+)\"", source))
    ends = {f"kg_{what}" for what, _ in ENDS.values()} | {f"cores_{grade}" for grade in GRADES}

    assert len(asked) > 30
    assert asked - words - ends - set(REASONS) == set()


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
