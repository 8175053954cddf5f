"""Write the tables of `docs/sharing.md` anew: `python -m docs.sharing`, some five minutes on two cores."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "sharing.md"

SCENARIO = "transmission-sharing"
CASES: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "`cheap_new_units`": ("cheap_new_units",),
    "`unlike_graders`": ("unlike_graders",),
    "both": ("cheap_new_units", "unlike_graders"),
}
LOOPS = (("as it is", True), ("as it is", False), ("`cheap_new_units`", True), ("both", True))
"""Cases that are simulated in the loop, and whether predictions are verified there."""

WORKERS, MAP_REPLICATIONS, LOOP_REPLICATIONS = 2, 20, 10


def cases() -> Iterator[str]:
    """Yield the table of what sharing earns in each case, by labels a site."""
    from looptwin.sharing_study.axes import Axes
    from looptwin.sharing_study.page import break_even_told
    from looptwin.sharing_study.sharing import sharing
    from scenarios.load import load

    axes = Axes(differences=(1.0,), cracks=(1.0,), bench_prices=(1.0,))
    yield from head("case", "labels a site", "rule", "alone", "common", "centred", "truth", "common less alone", "95 %")
    ends = []
    for name, overrides in CASES.items():
        found = sharing(load(SCENARIO, overrides, []), axes, replications=MAP_REPLICATIONS, workers=WORKERS)
        first = found.cells[0]
        ends.append(f"{name}: {break_even_told(found, 1.0, first.crack_probability, first.bench_cost)}")
        for cell in found.cells:
            means = [getattr(cell, one).mean for one in ("rule", "alone", "federated", "centred", "oracle", "gain")]
            yield row(name, f"{cell.labels}", *map(_euro, means), _between(cell.gain.low, cell.gain.high))
    yield ""
    yield f"Labels a site up to which the common model pays, by the means: {'; '.join(ends)}."


def break_evens() -> Iterator[str]:
    """Yield the table of labels a site up to which sharing pays, for each world of the map of the scenario as it is."""
    from looptwin.sharing_study.page import break_even_told, story
    from looptwin.sharing_study.sharing import sharing

    found = sharing(SCENARIO, replications=12, workers=WORKERS)
    prices = sorted({cell.bench_cost for cell in found.cells})
    yield from head("graders' difference", "cracks", *(f"bench test at EUR {price:g}" for price in prices))
    for difference, crack in dict.fromkeys((cell.difference, cell.crack_probability) for cell in found.cells):
        told = [break_even_told(found, difference, crack, price) for price in prices]
        yield row(f"{difference:g}", f"{crack:.0%}", *told)
    yield ""
    yield " ".join(story(found))


def loop() -> Iterator[str]:
    """Yield the table of what `collaboration.mode` does to the profit of the chain in the running loop."""
    from looptwin.statistics import paired
    from looptwin.whatif import whatif
    from scenarios.load import load
    from sim.units import DAYS_PER_YEAR

    modes = ["none", "alone", "federated", "oracle"]
    pairs = [("none", "alone"), ("none", "federated"), ("alone", "federated"), ("none", "oracle")]
    yield from head("case", "verdicts", "alone less rule", "common less rule", "common less alone", "truth less rule")
    for name, judged in LOOPS:
        scenario = load(SCENARIO, CASES[name], []).override({"verification.enabled": judged})
        study = whatif(scenario, {"collaboration.mode": modes}, replications=LOOP_REPLICATIONS, workers=WORKERS)
        horizon = scenario.time.horizon_days
        years = (horizon - scenario.collaboration.training_day(horizon)) / DAYS_PER_YEAR
        profits = {
            mode: [one.kpis["profit"].value / years for one in run.replications] for mode, run in study.runs.items()
        }
        told = [paired(profits[first], profits[then]) for first, then in pairs]
        texts = [f"{_euro(one.difference)} ({_between(one.low, one.high)})" for one in told]
        yield row(name, "on" if judged else "off", *texts)


def head(*names: str) -> Iterator[str]:
    """Yield the first two lines of a table."""
    yield row(*names)
    yield "|" + "---|" * len(names)


def row(*cells: str) -> str:
    """Return a line of a table."""
    return "| " + " | ".join(cells) + " |"


def _euro(value: float) -> str:
    return f"{round(value):,}"


def _between(low: float, high: float) -> str:
    return f"{_euro(low)} to {_euro(high)}"


def written(text: str, name: str, lines: Sequence[str]) -> str:
    """Return a page with what stands between the marks of a name replaced by lines."""
    place = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
    assert place.search(text), f"the page has no place for {name}"
    return place.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[2], text)


TABLES = {"cases": cases, "map": break_evens, "loop": loop}


def main(names: Sequence[str]) -> None:
    """Write the named tables, by default all."""
    for name in names or TABLES:
        lines = list(TABLES[name]())
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), name, lines), encoding="utf-8")
        sys.stdout.write(f"{name} written\n")


if __name__ == "__main__":
    main(sys.argv[1:])
