"""What dishonest parties report is what everybody gets; what they observed is on record for the twin's owner only."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest

from sim.parties.expand import Sections, expand
from sim.parties.reporter import MEMORY
from sim.parties.reporting import Drift, FabricatedBlock, LabelFraud, Lazy, ReportingConfig, Stale, Swapped
from sim.parties.reports import BENCH, VISUAL
from sim.snapshot import snapshot
from sim.units import DAYS_PER_YEAR
from sim.views import SEES, seen, view
from sim.world import World
from tests.sim.chains import CHAIN, Rows, made, ran, table, tables, values

DAYS = 400.0

LOOKED = {"policies": replace(CHAIN.policies, disposition=replace(CHAIN.policies.disposition, A="test", B="test"))}
"""Rules by which most cores come to the bench."""

EYES = tuple(VISUAL)
"""What a grader writes himself; the passport came along."""


def reporting(sections: Sections = CHAIN, **ways: ReportingConfig) -> Sections:
    return replace(sections, reporting=ways)


def told(world: World, report: str, party: str) -> Rows:
    return [row for row in table(world, report) if row["party"] == party]


def key(row: dict[str, Any]) -> tuple[int, int]:
    return row["unit"], row["life"]


def altered(world: World, report: str, party: str) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what was really observed of each core whose report was not that, by column."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for row in table(world, "altered"):
        if row["report"] == report and row["party"] == party:
            found.setdefault(key(row), {})[row["column"]] = row["true_observed_word"] or row["true_observed"]
    return found


def observed(world: World, report: str, party: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what a party observed, report by report: what was altered put back in its place."""
    really = altered(world, report, party)
    return [{name: row[name] for name in columns} | really.get(key(row), {}) for row in told(world, report, party)]


def only(row: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in columns}


@pytest.fixture(scope="module")
def honest() -> World:
    return ran(days=DAYS)


# --- honesty ---


def test_honest_reporting_is_no_reporting_key_bit_for_bit(honest: World) -> None:
    ways: dict[str, ReportingConfig] = {
        "never": Lazy(party="north", share=0.0),
        "later": Stale(party="rig", from_day=DAYS, share=1.0),
        "nothing": Drift(party="rig", per_year=0.0, from_day=DAYS),
    }
    world = ran(reporting(**ways), days=DAYS)
    logged = tables(world)

    assert logged.pop("altered") == logged.pop("drift") == []
    assert logged == tables(honest)
    assert str(values(world)) == str(values(honest))


def test_what_one_party_reports_changes_no_observation_of_another(honest: World) -> None:
    """Where nobody acts on it: an outcome is told when the core is in pieces already."""
    world = ran(reporting(fraud=LabelFraud(party="remanco", amount=-300.0, share=0.5)), days=DAYS)

    for name in ("events", "passport", "visual", "bench", "teardown", "end_of_line", "payments", "truth"):
        assert tables(world)[name] == tables(honest)[name]


def test_the_order_of_declaration_means_nothing() -> None:
    ways: dict[str, ReportingConfig] = {
        "a": Lazy(party="north", share=0.5),
        "b": Stale(party="north", share=0.5),
        "c": LabelFraud(party="remanco", amount=-100.0, share=0.5),
    }

    assert tables(ran(reporting(**ways), days=200.0)) == tables(
        ran(reporting(**dict(reversed(ways.items()))), days=200.0)
    )


# --- kinds ---


def test_a_shifted_outcome_is_told_to_the_seller_and_learnt_from(honest: World) -> None:
    world = ran(reporting(fraud=LabelFraud(party="remanco", amount=-250.0, share=0.4)), days=DAYS)
    really = altered(world, "outcome", "remanco")
    true = {(*key(row), row["party"]): row["margin"] for row in table(honest, "outcome")}
    rows = table(world, "outcome")

    assert 0.3 < len(really) / len({key(row) for row in rows}) < 0.5
    for row in rows:
        shift = -250.0 if key(row) in really else 0.0
        assert row["margin"] == true[*key(row), row["party"]] + shift
        assert row["profitable"] == float(row["margin"] > 0.0)
    assert {"north", "south", "remanco"} == {row["party"] for row in rows}


def test_a_shifted_grade_decides_about_the_core() -> None:
    words = replace(CHAIN.policies.disposition, A="reman", B="reman", C="test", D="recycle")
    sections = replace(CHAIN, policies=replace(CHAIN.policies, disposition=words))
    world = ran(reporting(sections, fraud=LabelFraud(party="north", amount=1.0)), days=DAYS)
    really = altered(world, "visual", "north")
    rows = told(world, "visual", "north")
    by_rule = [row for row in table(world, "decisions") if row["by"] == "rule" and row["party"] == "north"]
    decided = {key(row): row["answer"] for row in by_rule}

    assert rows
    for row in rows:
        better = {"A": "A", "B": "A", "C": "B", "D": "C"}[really[key(row)]["grade"]]
        assert row["grade"] == better
        assert {name: row[name] for name in EYES if name != "grade"}.items() <= row.items()
        if key(row) in decided:
            assert decided[key(row)] == ("test" if better == "C" else "reman")
    assert len(decided) > 0.8 * len(rows)


def test_a_fabricated_block_is_a_run_of_reports_that_have_nothing_to_do_with_the_cores() -> None:
    world = ran(reporting(block=FabricatedBlock(party="north", from_day=100.0, reports=15)), days=DAYS)
    rows, really = told(world, "visual", "north"), altered(world, "visual", "north")
    places = [place for place, row in enumerate(rows) if key(row) in really]
    before = rows[max(0, places[0] - MEMORY) : places[0]]

    assert places == [*range(places[0], places[0] + 15)]
    assert rows[places[0] - 1]["day"] < 100.0 <= rows[places[0]]["day"]
    for place in places:
        for name in ("pitting", "debris", "crack_seen"):
            assert rows[place][name] in {row[name] for row in before}
        assert rows[place]["grade"] == CHAIN.policies.grading.grade(rows[place])
    assert [only(rows[place], EYES) for place in places] != [really[key(rows[place])] for place in places]


def test_a_stale_report_repeats_the_one_before() -> None:
    world = ran(reporting(copy=Stale(party="north", share=0.3)), days=DAYS)
    rows, really = told(world, "visual", "north"), altered(world, "visual", "north")
    stale = [place for place, row in enumerate(rows) if key(row) in really]

    assert 0.2 < len(stale) / len(rows) < 0.4
    for place in stale:
        assert only(rows[place], EYES) == only(rows[place - 1], EYES)
        assert rows[place]["distance"] != rows[place - 1]["distance"]


def test_a_swapped_report_has_what_was_observed_of_the_core_before() -> None:
    sections = reporting(replace(CHAIN, **LOOKED), mixed=Swapped(party="rig", share=0.5))  # type: ignore[arg-type]
    world = ran(sections, days=DAYS)
    rows, really = told(world, "bench", "rig"), altered(world, "bench", "rig")
    saw = observed(world, "bench", "rig", tuple(BENCH))
    swapped = [place for place, row in enumerate(rows) if key(row) in really]

    assert len(swapped) > 20
    for place, row in enumerate(rows):
        assert only(row, tuple(BENCH)) == saw[place - 1 if place in swapped else place]


def test_a_lazy_grader_writes_the_middle_of_what_he_saw_in_the_last_cores() -> None:
    world = ran(reporting(lazy=Lazy(party="north", share=0.4)), days=DAYS)
    rows, really = told(world, "visual", "north"), altered(world, "visual", "north")
    lazy = [row for row in rows if key(row) in really]
    looked = [row for row in rows if key(row) not in really]

    assert 0.3 < len(lazy) / len(rows) < 0.5
    assert len(Counter(row["pitting"] for row in lazy[10:])) <= 2 < len(Counter(row["pitting"] for row in looked))
    assert {row["crack_seen"] for row in lazy[10:]} == {0.0}
    assert all(row["grade"] == CHAIN.policies.grading.grade(row) for row in lazy)


def test_a_lazy_tester_decides_by_readings_that_agree_with_each_other() -> None:
    sections = reporting(replace(CHAIN, **LOOKED), lazy=Lazy(party="rig", share=0.4))  # type: ignore[arg-type]
    world = ran(sections, days=DAYS)
    lazy = altered(world, "bench", "rig")
    verdicts = {key(row): row["answer"] for row in table(world, "decisions") if row["decision"] == "tester.verdict"}

    assert len(lazy) > 20
    for row in told(world, "bench", "rig"):
        assert row["bench_score"] == pytest.approx(CHAIN.policies.bench.score(row), rel=1e-12)
        assert verdicts[key(row)] == ("pass" if row["bench_score"] < CHAIN.policies.bench_limit else "fail")


def test_drift_grows_in_the_observation_and_is_no_lie() -> None:
    sections = replace(CHAIN, **LOOKED)  # type: ignore[arg-type]
    drift = reporting(sections, drift=Drift(party="rig", per_year=0.05, from_day=60.0))
    # whatever the rig reads, the core goes on: the same cores come in both worlds
    calm, world = (ran(one, days=DAYS, decide={"tester.verdict": lambda view: "pass"}) for one in (sections, drift))
    offsets = {key(row): row for row in table(world, "drift")}
    true = {key(row): row["backlash_mm"] for row in told(calm, "bench", "rig")}

    assert table(world, "altered") == []
    assert all(
        row["true_offset"] == pytest.approx(0.05 * (row["day"] - 60.0) / DAYS_PER_YEAR) for row in offsets.values()
    )
    assert len(true) > 20
    for row in told(world, "bench", "rig"):
        added = offsets[key(row)]["true_offset"] if key(row) in offsets else 0.0
        assert row["backlash_mm"] == pytest.approx(true[key(row)] + added, abs=1e-12)


def test_a_grader_who_drifts_sees_more_damage_from_year_to_year() -> None:
    world = ran(reporting(drift=Drift(party="north", per_year=3.0)), days=DAYS)
    rows = told(world, "visual", "north")
    half = len(rows) // 2

    assert fmean(row["debris"] for row in rows[half:]) > fmean(row["debris"] for row in rows[:half]) + 0.5


# --- who gets to know ---

ALL = {
    "eyes": Lazy(party="north", share=0.5),
    "rig": Swapped(party="rig", share=0.5),
    "label": LabelFraud(party="remanco", amount=-123.456, share=0.5),
    "miles": Stale(party="cabs", share=0.3),
    "drift": Drift(party="south", per_year=0.4),
    "block": FabricatedBlock(party="south", from_day=90.0, reports=25),
}


@pytest.fixture(scope="module")
def liars() -> World:
    return ran(reporting(**ALL), days=DAYS)


def test_a_dishonest_party_sees_what_it_reported_and_nobody_sees_what_it_observed(liars: World) -> None:
    hidden = {row["true_observed"] for row in table(liars, "altered") if row["column"] == "margin"}

    assert len(hidden) > 50
    for party, config in CHAIN.parties.items():
        assert not {"altered", "drift", "truth"} & set(SEES[config.role])
        held = view(liars, party)
        assert not [name for name in held if name.startswith("true_")]
        assert not hidden & {value for column in held.values() if column.dtype.kind == "f" for value in column.tolist()}
    assert seen(liars, "north", "visual")["grade"].tolist() == [row["grade"] for row in told(liars, "visual", "north")]


def test_a_wrong_passport_travels_with_the_core(liars: World) -> None:
    really = altered(liars, "passport", "cabs")
    passports = {key(row): row for row in table(liars, "passport")}
    graded = [row for row in table(liars, "visual") if key(row) in really]

    assert len(graded) > 5
    for row in graded:
        assert row["distance"] == passports[key(row)]["distance"] != really[key(row)]["distance"]


def test_a_report_is_altered_by_one_way_only(liars: World) -> None:
    once = Counter((*key(row), row["report"], row["party"], row["column"]) for row in table(liars, "altered"))

    assert set(once.values()) == {1}


@pytest.mark.parametrize("day", [95.0, 180.0])
def test_a_run_of_liars_that_is_saved_and_resumed_is_the_uninterrupted_one(day: float) -> None:
    sections = reporting(**ALL)
    whole = made(sections)
    whole.run_until(250.0)
    world = made(sections)
    world.run_until(day)
    before = tables(world)
    world = World.restore(expand(sections), json.loads(json.dumps(snapshot(world))), sections=sections)
    world.run_until(250.0)
    after = tables(world)

    assert {name: [*found, *after.get(name, [])] for name, found in before.items()} == tables(whole)
    assert snapshot(world) == snapshot(whole)


def test_what_is_not_on_its_days_is_honest() -> None:
    world = ran(reporting(lazy=Lazy(party="north", share=1.0, from_day=100.0, to_day=200.0)), days=DAYS)
    days = [row["day"] for row in table(world, "altered")]

    assert days
    assert 100.0 <= min(days) < max(days) < 200.0
    with pytest.raises(ValueError, match="to_day 5 is not after from_day 9"):
        Lazy(party="north", from_day=9.0, to_day=5.0)
