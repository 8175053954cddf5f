"""What `make demo` runs: a small circular supply chain in three versions with the same luck, told in one table.

Nobody learns; three dismantlers learn together; an oracle decides by the truth. Standard output holds the table and
where the page and the run are; it is the same on every run. How it goes is told on standard error, on a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from looptwin.errors import Interrupted, UserError, folder_error
from looptwin.page import findings
from looptwin.page.page import write_page
from looptwin.run import run
from looptwin.words.figure_names import CHAIN
from looptwin.words.simplified import SIMPLIFIED
from looptwin.words.table import size_of
from looptwin.words.wording import shown, unit_of, whole
from scenarios.load import load
from sim.parties.config import Dismantler, Fleet

if TYPE_CHECKING:
    from looptwin.results import Run
    from scenarios.scenario import Scenario

SCENARIO = "transmission-small"
MODES = ("none", "federated", "oracle")
"""Nobody learns; as the scenario has it; the control that looks at the truth."""

WIDTH = 79
"""Columns of a terminal and of the README."""

COLUMNS = ("by the rule", "federated", "oracle")
FIGURES = (
    "profit",
    "fill_rate",
    "backorders_mean",
    "core_return_rate",
    "reman_yield",
    "reman_share",
    "co2e_saved_kg",
    "mci",
    "cores",
    "remanufactured",
    "recycled",
    "new_units",
)
FOLDER, PAGE = Path("runs/demo"), Path("runs/demo.html")


def main() -> int:
    """Run the demo; return the exit status."""
    try:
        runs = three_runs(load(SCENARIO))
        print("\n".join(lines(runs)))
        print()
        print("\n".join(keep(runs["federated"])))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return Interrupted.status
    return 0


def three_runs(scenario: Scenario) -> dict[str, Run]:
    """Run a scenario once in each mode, with the same luck."""
    runs = {}
    for mode in MODES:
        tell(f"{scenario.name}, collaboration.mode: {mode}")
        # whatever a library prints is not ours to hand on
        with redirect_stdout(sys.stderr):
            runs[mode] = run(scenario.override({"collaboration.mode": mode}))
    return runs


def tell(text: str) -> None:
    """Say how it goes to whoever watches."""
    if sys.stderr.isatty():
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def lines(runs: Mapping[str, Run]) -> Iterator[str]:
    """Give the lines of the table; none has more than 79 characters."""
    federated = runs["federated"]
    yield heading(federated.scenario)
    yield ""
    yield from figures(runs)
    yield earned(runs)
    assumed = federated.assumptions
    yield f"{assumed['count']} of the {assumed['of']} numbers behind these figures are assumptions, without a source"
    yield ""
    yield from learned(federated)
    yield ""
    yield from crossed(federated)


def heading(scenario: Scenario) -> str:
    """Say in one line what is simulated."""
    fleets = [party for party in scenario.parties.values() if isinstance(party, Fleet)]
    sites = sum(isinstance(party, Dismantler) for party in scenario.parties.values())
    vehicles, horizon = sum(fleet.vehicles for fleet in fleets), scenario.time.horizon_days
    return f"{scenario.name}: {vehicles:,} vehicles, {sites} dismantlers, {horizon:,.0f} days, seed {scenario.seed}"


def figures(runs: Mapping[str, Run]) -> Iterator[str]:
    """Give the figures of the three runs side by side."""
    day = findings.training_day(runs["federated"])
    yield _row(f"who decides from day {day:,.0f}", COLUMNS)
    for name in FIGURES:
        kpis = [runs[mode].replications[0].kpis[name] for mode in MODES]
        unit = unit_of(name, kpis[0].unit)
        head = CHAIN[name].label + (f", {unit}" if unit not in ("index", "units") else "")
        yield _row(head, [_plain(shown(name, kpi.value, kpi.unit)) for kpi in kpis])


def earned(runs: Mapping[str, Run]) -> str:
    """Say what learning together earned over the rule, and what the truth would have."""
    profit = {mode: runs[mode].replications[0].kpis["profit"].value for mode in MODES}
    more, most = (_plain(whole(profit[mode] - profit["none"])) for mode in ("federated", "oracle"))
    return f"Profit over the rule: together EUR {more}, by the truth EUR {most}; one run"


def _row(head: str, cells: Sequence[str]) -> str:
    return f"{head:<34}" + "".join(f"{cell:>15}" for cell in cells)


def _plain(text: str) -> str:
    return text.replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")


def learned(federated: Run) -> Iterator[str]:
    """Give how well each model tells profitable cores, and what the judge said of its predictions."""
    judged, rate = findings.verdicts(federated)
    verdicts = {one.party: (f"{one.verified:,}", f"{one.unverified:,}") for one in judged}
    metric = federated.facts["learning"]["metric"]
    yield _wide("model", "labels", metric, "verified", "unverified")
    for one in findings.learners(federated):
        names = {"federated": "federated, encrypted", "pooled": "pooled, a yardstick"}
        labels = "-" if one.labels is None else f"{one.labels:,.0f}"
        score = "-" if one.score is None else f"{one.score:.3f}"
        yield _wide(names.get(one.name, f"{one.name} alone"), labels, score, *verdicts.get(one.name, ("", "")))
    if rate is None:
        yield f"{metric}: on cores judged later. No judge: every prediction decided as it came."
        return
    yield f"{metric}: on cores judged later. Verdicts: on the common model at each site, held to"
    yield f"{100.0 * rate:g} % false alarms; an unverified prediction leaves the core to the rule."


def _wide(head: str, *cells: str) -> str:
    return (f"{head:<24}" + "".join(f"{cell:>13}" for cell in cells)).rstrip()


def crossed(federated: Run) -> Iterator[str]:
    """Give what crossed a border, and who can read it."""
    facts = federated.facts["crossings"]
    yield f"{facts['rows']} rows, {size_of(facts['bytes'])} crossed a party's border. Protection:"
    yield from wrap(str(federated.facts["statement"]), WIDTH)


def keep(federated: Run) -> list[str]:
    """Write the page and the run, and say where they are; a folder that holds another run is left alone.

    Raises FolderError where the page cannot be written.
    """
    tell(f"writing {PAGE}")
    try:
        PAGE.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise folder_error(error, PAGE.parent) from error
    write_page(federated, PAGE)
    simplified = f"{len(SIMPLIFIED)} things are simplified in this version; the page names them: {PAGE}"
    try:
        federated.save(FOLDER)
    except UserError as error:
        return [simplified, f"the federated run is not kept: {error}"]
    return [simplified, f"the federated run, to look into: {FOLDER}"]


if __name__ == "__main__":
    raise SystemExit(main())
