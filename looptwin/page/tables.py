"""The tables of the page: figures, learners, verdicts, decisions, crossings, blocks. Texts only, no layout."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from looptwin.graph import Graph
from looptwin.kpis import kpis_of
from looptwin.page import findings
from looptwin.page.flow import Flows, kinds
from looptwin.words.figure_names import DETAILS, HEADLINES, Figure
from looptwin.words.wording import FORMS, head, shown, three_digits, unit_of, whole
from sim.parties.config import Factory, Fleet

if TYPE_CHECKING:
    from looptwin.results import Run
    from scenarios.scenario import Scenario


class Cell(NamedTuple):
    """A cell. kpi, unit: the name and unit of the figure in it, as `run.kpis` has them. note: small print."""

    text: str
    kpi: str = ""
    unit: str = ""
    note: str = ""


class Column(NamedTuple):
    """A column: its head, and whether its cells are numbers."""

    label: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its head."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def figures(run: Run) -> Table:
    """Return the figures of the chain that are shown first."""
    return _chain("Of the chain", run, HEADLINES)


def details(run: Run) -> Table:
    """Return all other figures of the chain."""
    return _chain("All other figures of the chain", run, DETAILS)


def _chain(caption: str, run: Run, named: Mapping[str, Figure]) -> Table:
    rows = kpis_of(run.replications)
    heads = {name: Cell(one.label, note=one.meaning) for name, one in named.items() if name in rows}
    return _figures(caption, run, heads)


def profits(run: Run) -> Table:
    """Return what each party earned."""
    names = {f"{party}.profit": party for party in run.scenario.parties}
    heads = {name: _party(run.scenario, names[name]) for name in kpis_of(run.replications) if name in names}
    return _figures("Profit by party", run, heads)


def factories(run: Run) -> Table | None:
    """Return what each factory made and the energy it took; None where there is no factory."""
    of = {name: label(run.scenario, name) for name, one in run.scenario.parties.items() if isinstance(one, Factory)}
    rows = kpis_of(run.replications)
    heads = {"parts": "Parts, units", "energy_kwh": "Energy, kWh", "energy_per_part_kj": "Energy, kJ/unit"}
    replicated = len(run.replications) > 1
    columns = [Column("Factory"), *(Column(head, numeric=True) for head in heads.values())]
    table = [
        [Cell(text), *(_of_block(f"{name}.{figure}", rows, replicated=replicated) for figure in heads)]
        for name, text in of.items()
    ]
    return Table("Parts and energy by factory", columns, table) if of else None


def _party(scenario: Scenario, name: str) -> Cell:
    config = scenario.parties[name]
    role = "fleet, a customer" if isinstance(config, Fleet) else config.role.replace("oem", "OEM")
    return Cell(label(scenario, name), note=role)


def label(scenario: Scenario, name: str) -> str:
    """Return the name of a party or block for display."""
    config = scenario.parties.get(name)
    return name.removeprefix("demand.") if config is None or config.label is None else config.label


def _figures(caption: str, run: Run, heads: Mapping[str, Cell]) -> Table:
    rows, replicated = kpis_of(run.replications), len(run.replications) > 1
    columns = [Column("Figure"), Column("Mean" if replicated else "Value", numeric=True), Column("Unit")]
    columns += [Column("95 % interval", numeric=True)] if replicated else []
    return Table(
        caption, columns, [[head, *_value(name, rows[name], replicated=replicated)] for name, head in heads.items()]
    )


def _value(name: str, row: Mapping[str, Any], *, replicated: bool) -> list[Cell]:
    unit = row["unit"]
    cells = [Cell(shown(name, row["value"], unit), name, unit), Cell(unit_of(name, unit))]
    if not replicated:
        return cells
    return [*cells, Cell(f"{shown(name, row['ci_low'], unit)} to {shown(name, row['ci_high'], unit)}")]


def blocks(run: Run) -> list[Table]:
    """Return the figures of all blocks, a table for each kind."""
    kind_of, rows = kinds(run.scenario), kpis_of(run.replications)
    figures: dict[str, dict[str, str]] = {}
    for name, row in rows.items():
        block, _, figure = name.rpartition(".")
        if block in kind_of:
            figures.setdefault(kind_of[block], {})[figure] = row["unit"]
    replicated = len(run.replications) > 1
    return [
        Table(
            f"{kind.capitalize()} blocks",
            [Column("Block"), *(Column(f"{head(kind, one)}, {unit_of(one, of[one])}", numeric=True) for one in of)],
            [
                [Cell(block), *(_of_block(f"{block}.{one}", rows, replicated=replicated) for one in of)]
                for block in sorted(kind_of)
                if kind_of[block] == kind
            ],
        )
        for kind, of in sorted(figures.items())
    ]


def _of_block(name: str, rows: Mapping[str, Mapping[str, Any]], *, replicated: bool) -> Cell:
    if name not in rows:
        return Cell("")
    row, unit = rows[name], rows[name]["unit"]
    half = (row["ci_high"] - row["ci_low"]) / 2.0
    note = f"± {shown(name, half, unit)}" if replicated and math.isfinite(half) else ""
    return Cell(shown(name, row["value"], unit), name, unit, note)


def disruptions(run: Run) -> Table | None:
    """Return what was disrupted and when; None where nothing was."""
    found = run.facts.get("disruptions", ())
    if not found:
        return None
    happened = {"yes": "", "begun": "not over at the end", "no": "never came"}
    columns = [Column("Disruption"), Column("Kind"), Column("Of"), Column("From day", True), Column("To day", True)]
    rows = [
        [
            Cell(one["name"]),
            Cell(one["kind"].replace("_", " ")),
            Cell(one["target"], note=happened[one["happened"]]),
            Cell(f"{one['from_day']:,.0f}"),
            Cell(f"{one['to_day']:,.0f}"),
        ]
        for one in found
    ]
    return Table("What was disrupted", columns, rows)


def single_points(run: Run, graph: Graph) -> Table | None:
    """Return what the chain loses without one place; None where nothing hangs on one."""
    if not graph.single_points:
        return None

    def named(places: Sequence[str]) -> Cell:
        return Cell(", ".join(label(run.scenario, one) for one in places))

    return Table(
        "What hangs on one place",
        [Column("Without"), Column("No new unit reaches"), Column("No core is recovered of")],
        [
            [Cell(label(run.scenario, one.place)), named(one.without_supply), named(one.without_recovery)]
            for one in graph.single_points
        ],
    )


def links(run: Run, flow: Flows) -> Table:
    """Return who handed how many units to whom: senders down, receivers across."""
    units = {(link.sender, link.receiver): whole(link.units) for link in flow.links}
    senders = list(dict.fromkeys(sender for sender, _ in units))
    receivers = sorted({receiver for _, receiver in units}, key=lambda one: label(run.scenario, one))
    columns = [Column("From / to"), *(Column(label(run.scenario, one), numeric=True) for one in receivers)]
    rows = [
        [Cell(label(run.scenario, sender)), *(Cell(units.get((sender, one), "")) for one in receivers)]
        for sender in senders
    ]
    return Table("Units handed over", columns, rows)


def learners(run: Run) -> Table:
    """Return the score of each model on later cores."""
    yardstick = "" if run.scenario.collaboration.mode == "centralised" else ", a yardstick"
    names = {"federated": "together (federated)", "pooled": f"all rows in one place (pooled){yardstick}"}
    rows = [
        [
            Cell(names.get(one.name, f"{label(run.scenario, one.name)} alone")),
            Cell("\N{EN DASH}" if one.labels is None else whole(one.labels)),
            Cell("\N{EN DASH}" if one.score is None else f"{one.score:.3f}"),
        ]
        for one in findings.learners(run)
    ]
    metric = run.facts["learning"]["metric"]
    columns = [Column("Model"), Column("Labels it learnt from", numeric=True), Column(metric, numeric=True)]
    return Table(f"{metric} of each model on the later cores of all sites", columns, rows)


def verdicts(run: Run) -> Table:
    """Return how many predictions were verified, by party."""
    heads = ("Verified", "Unverified", "Refused, %")
    columns = [Column("Predictions at"), *(Column(one, numeric=True) for one in heads)]
    rows = [
        [
            Cell(label(run.scenario, one.party)),
            Cell(whole(one.verified)),
            Cell(whole(one.unverified)),
            Cell(_per_cent(one.unverified, one.verified + one.unverified)),
        ]
        for one in findings.verdicts(run)[0]
    ]
    return Table("Verdicts on predictions", columns, rows)


def _per_cent(part: float, whole_of_it: float) -> str:
    return f"{100.0 * part / whole_of_it:.1f}" if whole_of_it else "\N{EN DASH}"


def dispositions(run: Run) -> Iterator[Table]:
    """Give who decided about cores and how it turned out: before the takeover, and from then on."""
    answers = {
        "reman": "remanufacturing",
        "test": "bench test",
        "destroy": "destructive test",
        "harvest": "parts harvest",
        "recycle": "recycling",
        "dispose": "landfill",
        "hold": "the yard",
        "resell": "resale",
    }
    heads = ("Cores", "Outcomes known", "Profitable, %", "Mean margin, EUR")
    columns = [Column("Decided by"), Column("Sent to"), *(Column(head, numeric=True) for head in heads)]
    day, found = findings.training_day(run), findings.dispositions(run)
    for later in (False, True):
        rows = [
            [
                Cell(one.by),
                Cell(answers.get(one.answer, one.answer)),
                Cell(whole(one.cores)),
                Cell(whole(one.known)),
                Cell("\N{EN DASH}" if one.profitable is None else f"{100.0 * one.profitable:.1f}"),
                Cell("\N{EN DASH}" if one.margin is None else whole(one.margin)),
            ]
            for one in found
            if one.later == later
        ]
        if rows:
            when = "in the whole run" if day is None else f"{'from' if later else 'before'} day {day:,.0f}"
            yield Table(f"Dispositions {when}", columns, rows)


def crossings(run: Run) -> Table:
    """Return what crossed borders."""
    heads, numbers = ("From", "To", "What for", "How"), ("Rows", "Bytes")
    columns = [*map(Column, heads), *(Column(one, numeric=True) for one in numbers), Column("Who could read it")]
    rows = [
        [
            Cell(label(run.scenario, one.sender)),
            Cell(label(run.scenario, one.receiver)),
            Cell(one.purpose, note=one.content),
            Cell(FORMS.get(one.form, one.form)),
            Cell(whole(one.rows)),
            Cell(whole(one.bytes)),
            Cell(one.readable_by or "nobody else"),
        ]
        for one in findings.crossings(run)
    ]
    return Table("What crossed a party's border", columns, rows)


def versions(run: Run) -> str:
    """Return the versions that the figures depend on, in one line."""
    return ", ".join(f"{name} {version}" for name, version in run.replications[0].key.versions.items())


def spread(value: float) -> str:
    """Return a difference that should be none."""
    return "0" if abs(value) < 1e-6 else three_digits(value)
