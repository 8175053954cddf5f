"""A run in words and tables: what `looptwin run` and `make demo` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from looptwin.words import regression as told_regression
from looptwin.words.figure_names import HEADLINES
from looptwin.words.simplified import simplified
from looptwin.words.table import Cell, interval, number, size_of, table
from looptwin.words.wording import disruption, standing
from scenarios.schedule import sentence, unreached
from sim.parties.config import has_loop

if TYPE_CHECKING:
    from looptwin.results import Run

OF_FIXTURE = (
    "These rows are a fixture that comes along. What follows was made in this world;\n"
    "--set regression.data=stations takes the study to its records."
)
"""Said between a study of the fixture and the figures of a world."""


def told(run: Run, *, blocks: bool = False) -> str:
    """Return a run as text: figures with intervals, assumptions, learning, verdicts, crossings, protection, digest.

    blocks: show all figures, of the chain and of its blocks; without parties there are no others, and they are shown
    anyway.
    """
    summary = run.summary()
    everything = blocks or not (run.parties or "regression" in summary)
    found = [_heading(summary), _regression(run, summary), _figures(summary, everything, run.parties)]
    found += [_assumptions(summary), _disruptions(summary), _unreached(run), _standing(summary)]
    found += [_learning(summary), _judged(summary), _simplified(run), f"digest {summary['digest']}"]
    return "\n\n".join(section for section in found if section)


def is_shown_first(kpi: str, parties: tuple[str, ...]) -> bool:
    """Whether a figure is one of the chain's headlines, a party's profit, or what a factory made."""
    prefix, _, name = kpi.partition(".")
    return kpi in HEADLINES or (prefix in parties and name in ("profit", "parts", "energy_per_part_kj"))


def _heading(summary: Mapping[str, Any]) -> str:
    count = summary["replications"]
    what = "one replication" if count == 1 else f"{count} replications; means with 95 % intervals"
    hidden = f"\nhidden world: {summary['hidden_world']}" if "hidden_world" in summary else ""
    return f"{summary['scenario']}, seed {summary['seed']}, {what}{hidden}"


def _figures(summary: Mapping[str, Any], blocks: bool, parties: tuple[str, ...]) -> str:
    rows: list[tuple[Cell, ...]] = [
        (name, figure["value"], _unit(figure["unit"]), interval(figure["ci_low"], figure["ci_high"]))
        for name, figure in summary["kpis"].items()
        if blocks or is_shown_first(name, parties)
    ]
    return table(rows)


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _assumptions(summary: Mapping[str, Any]) -> str:
    found = summary["assumptions"]
    if not found["of"]:
        return ""
    return f"{found['count']} of the {found['of']} numbers behind these figures are assumptions: they have no source"


def _regression(run: Run, summary: Mapping[str, Any]) -> str:
    found = summary.get("regression")
    if found is None or run.scenario.regression is None:
        return ""
    told = f"Regression{_first(summary)}: {told_regression.told(found)}"
    if summary["replications"] > 1:
        told += f"\n\n{told_regression.over_replications(found, summary['kpis'])}"
    # the figures that follow are of a world that the rows do not come from
    apart = run.scenario.regression.data == "fixture" and run.parties
    return f"{told}\n\n{OF_FIXTURE}" if apart else told


def _disruptions(summary: Mapping[str, Any]) -> str:
    return "\n".join(f"disruption: {disruption(one)}" for one in summary.get("disruptions", ()))


def _unreached(run: Run) -> str:
    """Say which days never come; a disruption says it in its own line."""
    horizon = run.scenario.time.horizon_days
    return "\n".join(sentence(one, horizon) for one in unreached(run.scenario) if not one.is_disruption)


def _standing(summary: Mapping[str, Any]) -> str:
    told = [f"  {standing(one)}" for one in summary.get("standing", ())]
    head = f"At the end{_first(summary)}; means of what waits depend on the horizon:"
    return "\n".join([head, *told]) if told else ""


def _learning(summary: Mapping[str, Any]) -> str:
    learning = summary.get("learning")
    if learning is None:
        return ""
    several = "intervals" in learning
    rows = [[name, *cells[: 1 + several], note] for name, *cells, note in _scores(learning)]
    what = ", means with 95 % intervals" if several else _first(summary)
    return f"Learning, {learning['metric']} on cores that came back later{what}\n{table(rows)}"


def _scores(learning: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """Give each model: name, score, interval, note."""
    bounds = learning.get("intervals", {"alone": {}})
    for party, score in learning["alone"].items():
        yield [f"{party} alone", score, _bounds(bounds["alone"].get(party)), ""]
    yield ["federated", learning["federated"], _bounds(bounds.get("federated")), ""]
    yield ["pooled", learning["pooled"], _bounds(bounds.get("pooled")), "a yardstick: all rows in one place"]


def _bounds(found: list[float] | None) -> str:
    return "" if found is None else interval(*found)


def _judged(summary: Mapping[str, Any]) -> str:
    lines = [*_verdicts(summary.get("verdicts")), *_crossings(summary)]
    if summary.get("collaboration") == "oracle":
        lines.append("control: an oracle decides where cores go by the hidden truth, which no party could")
    return "\n".join(lines)


def _verdicts(verdicts: Mapping[str, Any] | None) -> Iterator[str]:
    if verdicts is None:
        return
    rate = verdicts.get("false_alarm_rate")
    if rate is None:
        yield "verdicts: none, every prediction decided as it came"
    else:
        for party, counts in verdicts.get("predictions", {}).items():
            yield f"verdicts: {party}, {counts['verified']} predictions verified, {counts['unverified']} not"
        yield f"verdicts: honest predictions are refused at a rate of {number(rate)}"
    for flagged in verdicts.get("flagged", ()):
        yield f"verdicts: {flagged['actor']} flagged since day {number(flagged['since_day'])}: {flagged['hypothesis']}"


def _crossings(summary: Mapping[str, Any]) -> Iterator[str]:
    crossings = summary.get("crossings")
    if crossings is not None:
        yield f"crossings: {crossings['rows']} over a party's border, {size_of(crossings['bytes'])}"
    released = summary.get("releases")
    if released is not None and released["sums"]:
        yield f"releases: {released['sums']}, together {released['numbers']:,} numbers that others came to know"
    if "statement" in summary:
        yield f"protection: {summary['statement']}"


def _simplified(run: Run) -> str:
    if not run.parties:
        return ""
    told = simplified(has_loop=has_loop(run.scenario.parties))
    return "\n".join(["Simplified in this version:", *(f"  {sentence}" for sentence in told)])


def _first(summary: Mapping[str, Any]) -> str:
    return " (first replication)" if summary["replications"] > 1 else ""
