"""What is hidden stays hidden: it stands in `run.truth`, in columns `true_<quantity>`, and nowhere else.

Two kinds of evidence. Every hidden number of a run is looked for in all that the run shows. And worlds whose hidden
state differs, looked at by eyes that make up for it, must show the very same. Both kinds are shown to fail on a leak.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import looptwin as lt
from looptwin import simulate
from looptwin.replications import kept
from sim.observe import bench_means, lab_means, leak_probability, visual_means
from sim.parties import chain, inspections
from sim.parties.chain import Chain
from sim.parties.inspections import NAMES, Inspections
from sim.parties.reports import HIDDEN
from sim.wear import Damage
from sim.world import World
from tests.contracts.leaks import (
    CRACK,
    Hidden,
    Shown,
    View,
    differences,
    is_unmistakable,
    leaks,
    noted,
    recorder,
    shown,
)
from tests.looptwin.collaboration import joined

QUIET = {"collaboration.mode": "none", "time.horizon_days": 400}

Patch = pytest.MonkeyPatch


def looked_at(scenario: lt.Scenario, folder: Path | None = None) -> tuple[Shown, Hidden, lt.Run]:
    """Run a scenario; return all that it shows, policies' views included, and all that is hidden in it."""
    views: list[View] = []
    with noted() as hidden:
        run = lt.run(scenario, decide=recorder(views))
    assert len(views) > 50
    return shown(run, views, folder), hidden, run


# --- the contract ---


def test_no_hidden_number_is_shown_anywhere(tmp_path: Path) -> None:
    """In no view, feature, report, policy's input, crossing, page or file of a run that learns, judges and decides."""
    found, hidden, run = looked_at(joined.scenario(), tmp_path / "kept")

    assert len(hidden) > 1500
    assert is_unmistakable(hidden)
    assert len(found.numbers) > 300
    assert {"page", "kpis.csv", "scenario.yaml"} <= found.words.keys()
    assert {
        "views/north.parquet/pitting",
        "features/north",
        "crossings/bytes",
        "dataset west/label",
    } <= found.numbers.keys()
    assert "learned" in set(run.table("decisions").by)
    assert leaks(found, hidden) == []


def test_hidden_columns_stand_in_the_truth_only() -> None:
    run = joined.of("none")

    assert [name for name in run.truth if not str(name).startswith("true_")] == ["day", "unit", "life"]
    assert len([*run.truth]) == 9
    for party in run.parties:
        assert not [name for name in run.view(party) if str(name).startswith("true_")]


def test_the_truth_is_what_was_noted() -> None:
    """Otherwise the search above would look for something else."""
    _, hidden, run = looked_at(joined.scenario().override(QUIET))
    truth = run.truth

    assert set(truth.true_gear) | set(truth.true_margin) | set(truth.true_clutch) <= hidden.keys()
    assert set(truth.true_crack) == {0.0, CRACK}


def test_under_the_oracle_alone_decisions_hang_on_the_truth_and_are_named() -> None:
    found, hidden, run = looked_at(joined.scenario().override({"collaboration.mode": "oracle"}))
    decided = run.table("decisions")

    assert leaks(found, hidden) == []
    late = decided[(decided.day >= joined.TRAINING_DAY) & (decided.decision == "dismantler.disposition")]
    assert set(late.by) == {"oracle"}
    for mode in ("none", "federated", "centralised"):
        assert "oracle" not in set(joined.of(mode).table("decisions").by)


def test_what_dishonest_parties_observed_is_shown_nowhere() -> None:
    """Outcomes are numbers of their own: the real margin behind a shifted one must not come to light."""
    lying = {
        "reporting": {
            "label": {"kind": "label_fraud", "party": "remanco", "amount": -300.0137, "share": 0.5},
            "eyes": {"kind": "lazy", "party": "north", "share": 0.3},
            "rig": {"kind": "drift", "party": "tester_north", "per_year": 0.05013},
        }
    }
    found, _, run = looked_at(joined.scenario().override(QUIET | lying))
    altered, drift = run.table("altered"), run.table("drift")
    observed = altered[(altered.report == "outcome") & (altered.column == "margin")].true_observed
    hidden = dict.fromkeys(observed, "margin") | dict.fromkeys(drift.true_offset, "offset")

    assert len(observed) > 30
    assert len(drift) > 5
    assert is_unmistakable(hidden)
    assert leaks(found, hidden) == []
    assert [name for name in altered if name.startswith("true_")] == [
        "true_reporting",
        "true_observed",
        "true_observed_word",
    ]


# --- worlds that differ in what is hidden ---

TWICE = {
    "product.wear.gear.cycles_per_km": 950.0,
    "product.wear.gear.strength.scale": 2.0,
    "product.wear.gear.rework_above": 0.6,
    "product.wear.gear.replace_above": 1.3,
    "product.wear.bearing.revolutions_per_km": 6400.0,
    "product.wear.bearing.strength.scale": 2.0,
    "product.wear.bearing.replace_above": 1.2,
    "product.wear.clutch.slip_energy_j": 18000.0,
    "product.wear.clutch.strength.scale": 2.0,
    "product.wear.clutch.rework_above": 0.7,
    "product.wear.clutch.replace_above": 1.2,
    "product.wear.seal.years": 7.0,
    "product.wear.seal.strength.scale": 2.0,
    "product.wear.seal.replace_above": 0.7,
}
"""Everything wears twice as fast and stands twice as much: damage is double, to the last bit, and no life changes."""

OPEN = {
    "collaboration.mode": "federated",
    "collaboration.protection": "plain",
    "verification.enabled": False,
    "product.wear.crack_per_gear_damage": 0.0,
}


def doubled(patch: Patch) -> tuple[Shown, Shown, lt.Run, lt.Run]:
    """Run a world, and the same with twice the damage before eyes and rigs that see half of it."""

    def half(means: Callable[..., Any]) -> Callable[..., Any]:
        return lambda m, damage, *more: means(m, Damage(*(0.5 * spent for spent in damage)), *more)

    scenario = joined.scenario().override(OPEN)
    first, _, one = looked_at(scenario)
    patch.setattr(inspections, "visual_means", half(visual_means))
    patch.setattr(inspections, "bench_means", half(bench_means))
    patch.setattr(inspections, "lab_means", half(lab_means))
    patch.setattr(inspections, "leak_probability", lambda m, seal: leak_probability(m, 0.5 * seal))
    second, _, other = looked_at(scenario.override(TWICE))
    return first, second, one, other


def test_twice_the_damage_before_half_the_eyes_shows_the_same(monkeypatch: Patch) -> None:
    first, second, one, other = doubled(monkeypatch)

    assert (other.truth.true_gear == 2.0 * one.truth.true_gear).all()
    assert (other.truth.true_clutch == 2.0 * one.truth.true_clutch).all()
    assert "learned" in set(one.table("decisions").by)
    assert differences(first, second) == []
    assert one.digest == other.digest


UNOPENED = {"collaboration.mode": "none", "time.horizon_days": 400, "product.wear.crack_per_gear_damage": 0.0}


def unopened(patch: Patch) -> tuple[Shown, Shown, lt.Run, lt.Run]:
    """Run a world of sound cores and one of cracked ones that are worth less; none is opened, no eye sees a crack."""
    patch.setattr(inspections, "CRACK_SEEN", (0.3, 0.3))
    found = []
    for crack, value in ((0.0, 1450.0613), (1.0, 99.0137)):
        change = {**UNOPENED, "product.wear.crack_probability": crack, "parties.remanco.value_reman": value}
        views: list[View] = []
        run = lt.run(joined.scenario().override(change), decide=recorder(views, "recycle"))
        (replication,) = run.replications
        one = Shown({}, {})
        for name in sorted(replication.digests):
            if name not in HIDDEN:
                for column in replication.table(name).column_names:
                    one.words[f"{name}/{column}"] = str(replication.table(name)[column].to_pylist())
        one.words.update({f"decision {number}": str(view) for number, view in enumerate(views)})
        found.append((one, run))
    (first, one_run), (second, other_run) = found
    return first, second, one_run, other_run


def test_cracks_and_margins_that_nobody_has_opened_show_nowhere(monkeypatch: Patch) -> None:
    first, second, one, other = unopened(monkeypatch)

    assert set(one.truth.true_crack) == {0.0}
    assert set(other.truth.true_crack) == {1.0}
    assert (one.truth.true_margin != other.truth.true_margin).all()
    assert differences(first, second) == []
    assert one.digest == other.digest


# --- that these tests can fail ---


def shows_damage_to_policies(patch: Patch) -> None:
    view = Chain.view
    patch.setattr(Chain, "view", lambda self, *of: view(self, *of) | {"wear": of[-1].body.damage[0]})


def reports_more(patch: Patch, more: Callable[[Inspections, str, Any, dict[str, Any]], dict[str, Any]]) -> None:
    """Let every report say what `more` makes of it: of its table, the unit and the values by column."""
    report = vars(Inspections)["_report"]

    def told(self: Inspections, table: str, day: float, unit: Any, party: str, row: Any, travelled: int = 0) -> None:
        values = dict(zip(NAMES[table], row, strict=True))
        values |= more(self, table, unit, values)
        report(self, table, day, unit, party, tuple(values.values()), travelled)

    patch.setattr(Inspections, "_report", told)


def logs_the_torque_without_noise(patch: Patch) -> None:
    def exact(self: Inspections, table: str, unit: Any, values: dict[str, Any]) -> dict[str, Any]:
        torque = self._physics.use(unit).usage.torque_ratio
        return {"torque_ratio": torque} if table == "passport" else {}

    reports_more(patch, exact)


def tells_outcomes_without_noise(patch: Patch) -> None:
    patch.setattr(chain, "_normal", lambda uniform: 0.0)


def pays_by_the_margin(patch: Patch) -> None:
    graded = chain.SERVED["visual"]

    def graded_and_paid(whole: Chain, unit: Any, party: str) -> None:
        graded(whole, unit, party)
        whole.pay(party, "outside", unit.body.margin, "core", unit)

    patch.setattr(chain, "SERVED", {**chain.SERVED, "visual": graded_and_paid})


def reports_the_crack(patch: Patch) -> None:
    def crack(self: Inspections, table: str, unit: Any, values: dict[str, Any]) -> dict[str, Any]:
        return {"crack_seen": float(unit.body.crack)} if table == "visual" else {}

    reports_more(patch, crack)


def keeps_truth_by_another_name(patch: Patch) -> None:
    reports = kept.reports

    def reports_and_health(world: World, workspace: Path | None) -> dict[str, Any]:
        return reports(world, workspace) | {"health": world.log.tables["truth"].read()}

    patch.setattr(kept, "reports", reports_and_health)


def tells_it_in_words(patch: Patch) -> None:
    def facts(simulated: Any) -> dict[str, Any]:
        world: World = simulated.world
        unit = next(unit for unit in world.inside(world.blocks["hire.vehicles"]) if unit.lives)
        assert world.chain is not None
        return {"statement": f"a hardness of {world.chain.physics.build(unit).hardness_hrc!r} HRC"}

    patch.setattr(simulate, "_facts", facts)


@pytest.mark.parametrize(
    ("leak", "quantity"),
    [
        (shows_damage_to_policies, "gear damage"),
        (logs_the_torque_without_noise, "torque_ratio"),
        (tells_outcomes_without_noise, "margin"),
        (pays_by_the_margin, "margin"),
        (reports_the_crack, "crack"),
        (keeps_truth_by_another_name, "hidden column"),
        (tells_it_in_words, "hardness_hrc"),
    ],
)
def test_a_planted_leak_is_found(leak: Callable[[Patch], None], quantity: str, monkeypatch: Patch) -> None:
    leak(monkeypatch)
    found, hidden, _ = looked_at(joined.scenario().override(QUIET))

    assert any(line.endswith(quantity) for line in leaks(found, hidden))


def test_a_coarse_leak_of_damage_is_found(monkeypatch: Patch) -> None:
    """One bit of it, that no search for numbers would find."""
    view = Chain.view
    monkeypatch.setattr(Chain, "view", lambda self, *of: view(self, *of) | {"worn": float(of[-1].body.damage[0] > 0.5)})
    first, second, _, _ = doubled(monkeypatch)

    assert any(place.endswith("/worn") for place in differences(first, second))


def test_a_coarse_leak_of_cracks_is_found(monkeypatch: Patch) -> None:
    def debris(self: Inspections, table: str, unit: Any, values: dict[str, Any]) -> dict[str, Any]:
        return {"debris": values["debris"] + bool(unit.body.crack)} if table == "visual" else {}

    reports_more(monkeypatch, debris)
    first, second, _, _ = unopened(monkeypatch)

    assert "visual/debris" in differences(first, second)
