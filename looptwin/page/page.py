"""The page: one self-contained HTML file that tells what a run shows. No script, no network, no hidden state."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looptwin.errors import folder_error
from looptwin.graph import bottleneck_told, graph_of
from looptwin.kpis import kpis_of
from looptwin.page import findings, pictures, regression, tables
from looptwin.page.flow import flows
from looptwin.page.layout import template
from looptwin.simulate import SERIES_STEPS
from looptwin.warm_up import warm_up_days
from looptwin.words.figure_names import CHAIN
from looptwin.words.simplified import simplified
from looptwin.words.wording import counted, days, shown, standing, unit_of, whole
from scenarios.schedule import sentence, unreached
from sim.parties.config import Dismantler, Fleet, has_loop

if TYPE_CHECKING:
    from looptwin.results import Run

LAYOUT = Path(__file__).with_name("page.html.jinja")

TELLS = {
    "AUC": "It tells profitable cores from others with an AUC",
    "R2": "It predicts what a core earns with an R2",
}
"""What a figure of a model says of it."""

TILES = ("profit", "fill_rate", "reman_yield", "core_return_rate", "co2e_saved_kg", "mci")
"""Figures that stand large at the top, where the run has them."""


def write_page(run: Run, path: str | Path) -> Path:
    """Write the page of a run and return its path; whoever reads it meanwhile sees the old page or the new one.

    Raises FolderError where it cannot be written.
    """
    path = Path(path)
    text = page(run)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise folder_error(error, path) from error
    return path


def page(run: Run) -> str:
    """Return the page of a run as HTML; the same run gives the same text."""
    return template(LAYOUT).render(_content(run))


def _content(run: Run) -> dict[str, Any]:
    has_events = findings.has(run, "events")
    flow = flows(run) if has_events else None
    graph = graph_of(run.scenario)
    judged, rate = findings.verdicts(run)
    learned = findings.learners(run)
    return {
        "run": run,
        "key": run.replications[0].key,
        "warm_up": warm_up_days(run.scenario, run.seed),
        "step": run.scenario.time.horizon_days / SERIES_STEPS,
        "story": story(run),
        "tiles": tiles(run),
        "figures": tables.figures(run),
        "details": tables.details(run),
        "profits": tables.profits(run),
        "factories": tables.factories(run),
        "assumptions": run.assumptions,
        "disruptions": tables.disruptions(run),
        "stocks": list(pictures.stocks(run)),
        "stations": pictures.stations(run),
        "flow": flow,
        "flow_picture": None if flow is None else pictures.flow(run, flow),
        "links": None if flow is None else tables.links(run, flow),
        "network": pictures.network(run, graph),
        "single_points": tables.single_points(run, graph),
        "bottleneck": " ".join(bottleneck_told(graph)),
        "spread": tables.spread,
        "scores": pictures.scores(run),
        "regression": regression.told(run),
        "learners": tables.learners(run) if learned else None,
        "left_out": run.facts["learning"]["left_out"] if learned else [],
        "training_day": findings.training_day(run),
        "verdicts": tables.verdicts(run) if judged else None,
        "false_alarm_rate": rate,
        "flagged": [one["actor"] for one in run.facts.get("verdicts", {}).get("flagged", [])],
        "dispositions": list(tables.dispositions(run)) if has_events and findings.has(run, "decisions") else [],
        "crossings": tables.crossings(run) if run.facts.get("crossings", {}).get("rows") else None,
        "statement": run.facts.get("statement"),
        "simplified": simplified(has_loop=has_loop(run.scenario.parties)),
        "blocks": tables.blocks(run),
        "versions": tables.versions(run),
    }


def tiles(run: Run) -> list[tuple[str, str, str]]:
    """Return label, value and unit of the figures that stand large at the top."""
    rows = kpis_of(run.replications)
    found = [(name, rows[name]["value"], rows[name]["unit"]) for name in TILES if name in rows]
    chain = [(CHAIN[name].label, shown(name, value, unit), unit_of(name, unit)) for name, value, unit in found]
    return [*regression.tiles(run), *chain]


def story(run: Run) -> list[str]:
    """Return what the run shows, in a few sentences."""
    warm_up = warm_up_days(run.scenario, run.seed)
    horizon = days(run.scenario.time.horizon_days)
    span = f"{horizon}, of which the first {warm_up:,.0f} do not count" if warm_up else horizon
    if len(run.replications) > 1:
        span += f", {len(run.replications)} times; figures are means"
    if not (run.scenario.parties or run.scenario.blocks):
        return [_study(run)]
    if not run.scenario.parties:
        network = f"A network of {counted(len(run.scenario.blocks), 'block')} was simulated for {span}."
        return [network, *_disruptions(run), *_standing(run)]
    variant = run.replications[0].key.variant
    asked_first = [f"Callables were given to the run and asked first: {variant}."] if "=" in variant else []
    if not has_loop(run.scenario.parties):
        studied = [_study(run), *_of_fixture(run)] if run.scenario.regression is not None else []
        return [_factories(run, span), *studied, *_disruptions(run), *_standing(run)]
    return [_chain(run, span), *_disruptions(run), *_standing(run), *_takeover(run), *asked_first]


def _study(run: Run) -> str:
    found = run.facts["regression"]
    parties = counted(len(found["factories"]), "party", "parties")
    return (
        f"{parties} predict {found['target']} from {len(found['features'])} features by {len(found['models'])} models. "
        "None shows a row: each adds up its own, and only the sum over all of them is opened."
    )


def _of_fixture(run: Run) -> Iterator[str]:
    if run.scenario.regression is not None and run.scenario.regression.data == "fixture":
        yield (
            "The rows of the study are a fixture that comes along, not what these factories made: that is taken with "
            "regression.data: stations."
        )


def _chain(run: Run, span: str) -> str:
    value = {name: row["value"] for name, row in kpis_of(run.replications).items()}
    fleets = [party for party in run.scenario.parties.values() if isinstance(party, Fleet)]
    vehicles = sum(fleet.vehicles for fleet in fleets)
    cores, made, recycled = (whole(value[name]) for name in ("cores", "remanufactured", "recycled"))
    fill_rate, profit = (shown(name, value[name], unit) for name, unit in (("fill_rate", "1"), ("profit", "EUR")))
    return (
        f"{counted(vehicles, 'vehicle')} in {counted(len(fleets), 'fleet')} were simulated for {span}. They gave back "
        f"{cores} cores; {made} units were remanufactured and {recycled} cores recycled. {fill_rate} % of the requests "
        f"for a serviceable unit were met at once, and the chain earned EUR {profit}."
    )


def _factories(run: Run, span: str) -> str:
    value = {name: row["value"] for name, row in kpis_of(run.replications).items()}
    parts = math.fsum(value[f"{name}.parts"] for name in run.scenario.parties)
    number = f"{len(run.scenario.parties)} factories" if len(run.scenario.parties) > 1 else "One factory"
    return (
        f"{number} worked for {span}: {whole(parts)} parts were turned, which took "
        f"{shown('energy_kwh', value['energy_kwh'], 'kWh')} kWh, and EUR {whole(value['profit'])} was earned."
    )


def _disruptions(run: Run) -> Iterator[str]:
    told = run.facts.get("disruptions", ())
    found = [one for one in told if one["happened"] != "no"]
    if found:
        first, last = min(one["from_day"] for one in found), max(one["to_day"] for one in found)
        yield (
            f"{counted(len(found), 'disruption')} came between day {first:,.0f} and day {last:,.0f}; the table of "
            "disruptions lists them."
        )
    elif told:
        yield f"None of {counted(len(told), 'disruption')} came; the table of disruptions lists them."
    late = [one for one in unreached(run.scenario) if not one.is_disruption]
    yield from (f"{sentence(one, run.scenario.time.horizon_days)}." for one in late)


def _standing(run: Run) -> Iterator[str]:
    told = [standing(one) for one in run.facts.get("standing", ())]
    if told:
        yield f"At the end, means of what waits depend on the horizon: {'; '.join(told)}."


def _takeover(run: Run) -> Iterator[str]:
    mode, day = run.scenario.collaboration.mode, findings.training_day(run)
    if day is None:
        yield "Nobody learned: the scenario's own rule said where cores go."
    elif mode == "oracle":
        yield (
            f"From day {day:,.0f} on the oracle decided where cores go: a control that looks at the hidden truth. Its "
            "figures say what the truth would earn, and nobody could have them."
        )
    else:
        yield from _learned(run, day)


def _learned(run: Run, day: float) -> Iterator[str]:
    scores = {one.name: one.score for one in findings.learners(run) if one.score is not None}
    federated, pooled = scores.pop("federated", None), scores.pop("pooled", None)
    common, word = (pooled, "their rows in one place") if federated is None else (federated, "sums of their updates")
    if common is None or not scores:
        return
    sites = sum(isinstance(party, Dismantler) for party in run.scenario.parties.values())
    metric = run.facts["learning"]["metric"]
    if run.scenario.collaboration.mode == "alone":
        yield (
            f"From day {day:,.0f} on {counted(sites, 'dismantler')} decided, each with a model of its own outcomes. "
            f"They reach an {metric} of {min(scores.values()):.3f} to {max(scores.values()):.3f}; a model of all rows "
            f"in one place would reach {common:.3f}."
        )
        return
    yield (
        f"From day {day:,.0f} on {counted(sites, 'dismantler')} decided with a model trained on {word}. "
        f"{TELLS[metric]} of {common:.3f}, where a model of one site alone reaches "
        f"{min(scores.values()):.3f} to {max(scores.values()):.3f}."
    )
