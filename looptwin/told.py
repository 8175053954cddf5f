"""A run in words and tables: what `looptwin run` and `make demo` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from looptwin import told_regression
from looptwin.figure_names import HEADLINES
from looptwin.simplified import SIMPLIFIED
from looptwin.table import Cell, interval, number, size_of, table
from looptwin.wording import disruption, standing

if TYPE_CHECKING:
    from looptwin.results import Run


def told(run: Run, *, blocks: bool = False) -> str:
    """Return a run as text: figures with intervals, assumptions, learning, verdicts, crossings, protection, digest.

    blocks: show all figures, of the chain and of its blocks; without parties there are no others, and they are shown
    anyway.
    """
    summary = run.summary()
    everything = blocks or not (run.parties or "regression" in summary)
    found = [_heading(summary), _figures(summary, everything, run.parties), _regression(summary)]
    found += [_assumptions(summary), _disruptions(summary), _standing(summary), _learning(summary)]
    found += [_judged(summary), _simplified(run), f"digest {summary['digest']}"]
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


def _regression(summary: Mapping[str, Any]) -> str:
    found = summary.get("regression")
    return "" if found is None else f"Regression{_first(summary)}: {told_regression.told(found)}"


def _disruptions(summary: Mapping[str, Any]) -> str:
    return "\n".join(f"disruption: {disruption(one)}" for one in summary.get("disruptions", ()))


def _standing(summary: Mapping[str, Any]) -> str:
    told = [f"  {standing(one)}" for one in summary.get("standing", ())]
    head = f"At the end{_first(summary)}; means of what waits depend on the horizon:"
    return "\n".join([head, *told]) if told else ""


def _learning(summary: Mapping[str, Any]) -> str:
    learning = summary.get("learning")
    if learning is None:
        return ""
    rows: list[tuple[Cell, ...]] = [(f"{party} alone", score, "") for party, score in learning["alone"].items()]
    rows += [
        ("federated", learning["federated"], ""),
        ("pooled", learning["pooled"], "a yardstick: all rows in one place"),
    ]
    return f"Learning, {learning['metric']} on cores that came back later{_first(summary)}\n{table(rows)}"


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
    if "statement" in summary:
        yield f"protection: {summary['statement']}"


def _simplified(run: Run) -> str:
    if not run.parties:
        return ""
    return "\n".join(["Simplified in this version:", *(f"  {sentence}" for sentence in SIMPLIFIED)])


def _first(summary: Mapping[str, Any]) -> str:
    return " (first replication)" if summary["replications"] > 1 else ""
