"""`looptwin explain KPI RUN`: the terms behind a figure, and how they make it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from looptwin.errors import UserError
from looptwin.explain import TABLE, explain
from looptwin.results import Run
from looptwin.run import run
from sim.figure import SUM, Term
from tests.looptwin.short_runs import chain, queue, short
from tests.sim.figures_again import differ, wrong


@pytest.fixture(scope="module")
def twice() -> Run:
    """The small chain, two replications."""
    return run(short({"collaboration.mode": "none"}), replications=2, events=False)


@pytest.mark.parametrize("of", [chain, queue])
def test_every_figure_of_a_run_is_what_its_terms_give(of: Any) -> None:
    kept = of()
    rows = kept.table(TABLE)
    terms: dict[str, list[Term]] = {name: [] for name in kept.replications[0].kpis}
    for kpi, term, value, unit in rows[["kpi", "term", "value", "unit"]].itertuples(index=False):
        terms[kpi].append(Term(term, value, unit))
    formulas = dict(zip(rows["kpi"], rows["formula"], strict=True))
    figures = {
        name: (one.value, formulas.get(name, SUM), terms[name]) for name, one in kept.replications[0].kpis.items()
    }

    assert wrong(figures) == []
    assert rows[rows["unit"] == ""].empty


def test_a_figure_of_several_replications_has_terms_with_intervals_and_holds_in_each(twice: Run) -> None:
    for kpi in ("profit", "fill_rate", "mci", "remanco.profit", "remanco.end_of_line.utilisation"):
        found = explain(twice, kpi)
        assert found.mean.mean == twice.kpis.loc[kpi, "mean"]
        for number, value in enumerate(found.values):
            terms = [Term(part.name, part.values[number], part.unit) for part in found.parts]
            assert wrong({kpi: (value, found.formula, terms)}) == []
        assert all(part.mean.low <= part.mean.mean <= part.mean.high for part in found.parts)


def test_the_profit_of_a_run_is_listed_by_purpose_and_by_who_pays_whom() -> None:
    found = explain(chain(), "profit")
    names = [part.name for part in found.parts]

    assert found.formula == SUM
    assert {"core: dismantler to fleet", "serviceable unit: fleet to remanufacturer"} <= set(names)
    assert not differ(math.fsum(part.values[0] for part in found.parts), found.values[0], 1e6)


def test_what_was_paid_in_one_replication_only_counts_as_nothing_in_the_other(twice: Run) -> None:
    first, second = twice.replications
    table = second.table(TABLE)
    mask = [row["term"] != "core: dismantler to fleet" for row in table.to_pylist()]
    less = Run(
        twice.scenario,
        twice.seed,
        (
            first,
            type(second)(second.key, second.kpis, second.facts, second.digests, tables={TABLE: table.filter(mask)}),
        ),
    )
    part = next(one for one in explain(less, "profit").parts if one.name == "core: dismantler to fleet")

    assert part.values[0] < 0.0 == part.values[1]


def test_a_figure_that_is_not_there_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UserError, match="no figure 'proffit'; did you mean profit"):
        explain(chain(), "proffit")


def test_a_run_that_keeps_no_terms_says_so() -> None:
    first = queue().replications[0]
    digests = {name: digest for name, digest in first.digests.items() if name != TABLE}
    older = Run(queue().scenario, 1, (type(first)(first.key, first.kpis, first.facts, digests, tables=first.tables),))

    with pytest.raises(UserError, match="keeps no terms"):
        explain(older, "bench.utilisation")


# --- the command ---


@pytest.fixture
def kept(typed: Any, here: Path) -> Path:
    status, _, _ = typed("run", "./small.yaml", "--replications", "2", "--out", "kept")
    assert status == 0
    return here / "kept"


def test_the_command_prints_the_figure_its_formula_and_its_terms(typed: Any, kept: Path) -> None:
    status, out, err = typed("explain", "bench.utilisation", "kept")

    assert (status, err) == (0, "")
    assert "bench.utilisation = busy_server_days / (servers * open_days)" in out
    assert "small, seed" in out
    assert "day 30 to day 300" in out
    assert "means over 2 replications" in out
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ")}
    assert lines["servers"].split()[1:3] == ["3", "servers"]
    assert {"busy_server_days", "open_days"} <= lines.keys()


def test_the_command_prints_one_json_document(typed: Any, kept: Path) -> None:
    status, out, _ = typed("explain", "done.throughput_per_day", "kept", "--json")
    told = json.loads(out)
    terms = {term["term"]: term for term in told["terms"]}

    assert status == 0
    assert told["formula"] == "left / days"
    for number, value in enumerate(told["values"]):
        assert not differ(value, terms["left"]["values"][number] / terms["days"]["values"][number])
    assert terms["days"]["value"] == 270.0


def test_a_misspelt_figure_is_one_line_and_status_2(typed: Any, kept: Path) -> None:
    status, out, err = typed("explain", "bench.utilization", "kept")

    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "did you mean bench.utilisation?" in err


def test_what_is_no_run_is_one_line_and_status_2(typed: Any) -> None:
    status, out, err = typed("explain", "profit", "nowhere")

    assert (status, out) == (2, "")
    assert err.count("\n") == 1
