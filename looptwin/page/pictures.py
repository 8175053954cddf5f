"""The pictures of the page: stock and backorders over time, units at each station, the flow of units, the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from looptwin.graph import Graph
from looptwin.page import findings
from looptwin.page.charts import Bar, Heading, Line, Moment, Size, bar_chart, line_chart
from looptwin.page.flow import NOT_RETURNED, TURNED_AWAY, Flows, kinds
from looptwin.page.flow_picture import Looks, flow_picture
from looptwin.page.graph_picture import graph_picture
from looptwin.page.tables import label
from looptwin.simulate import SERIES_STEPS
from looptwin.warm_up import warm_up_days
from sim.parties.config import Fleet, Oem, Recycler

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from looptwin.results import Run

MOST_STATIONS = 24
"""Stations that are shown over time: the fullest ones where there are more."""


SMALL = Size(300.0, 130.0)
"""Size of a station's picture where there are many."""


class Picture(NamedTuple):
    """A picture with the line under which it stands."""

    caption: str
    svg: str


@dataclass(frozen=True)
class Courses:
    """The course over time of every block's quantities: the means over even steps of each replication.

    middles: of the steps, days. means: by (block, quantity), Float[replications, steps]. horizon: days.
    """

    middles: list[float]
    means: dict[tuple[str, str], NDArray[np.float64]]
    horizon: float

    def line(self, block: str, quantity: str) -> Line:
        """Return the mean over replications, with a band from the lowest to the highest of them."""
        means = self.means[block, quantity]
        if len(means) == 1:
            return Line(self.middles, means[0].tolist())
        low, high = means.min(axis=0).tolist(), means.max(axis=0).tolist()
        return Line(self.middles, means.mean(axis=0).tolist(), low, high)

    def picture(
        self, block: str, quantity: str, caption: str, marks: Sequence[Moment], size: Size | None = None
    ) -> Picture:
        """Return the course of one quantity as a picture."""
        line = self.line(block, quantity)
        told = f"Mean over each step of the run, by day. The highest step has {max(line.y, default=0.0):.3g}."
        heading = Heading(f"{block}-{quantity}".replace(".", "-"), caption, told)
        return Picture(caption, line_chart(line, heading, horizon=self.horizon, moments=marks, size=size))


def courses(run: Run) -> Courses:
    """Return the courses of a run, from its table `series`, over even steps.

    The world also stops where counting begins; a sliver of a step beside that day would look like a peak.
    """
    import numpy as np

    step = run.scenario.time.horizon_days / SERIES_STEPS
    found: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for frame in findings.tables(run, "series"):
        for (block, quantity), rows in frame.groupby(["block", "quantity"], sort=True):
            ends = rows.day.to_numpy()
            areas = np.cumsum(rows["mean"].to_numpy() * np.diff(ends, prepend=0.0))
            even = np.isclose(ends / step, np.round(ends / step), rtol=0.0, atol=1e-6)
            found.setdefault((str(block), str(quantity)), []).append(np.diff(areas[even], prepend=0.0) / step)
    middles = [(number + 0.5) * step for number in range(SERIES_STEPS)]
    means = {key: np.array(rows) for key, rows in found.items()}
    return Courses(middles, means, run.scenario.time.horizon_days)


HALTS = ("outage", "transport_stop")
"""Kinds of disruption that stop work; they are shaded in pictures over time."""


def moments(run: Run) -> list[Moment]:
    """Return the days to mark: the end of the warm-up, when a model or the oracle took over, and when work stopped."""
    warm_up, day = warm_up_days(run.scenario, run.seed), findings.training_day(run)
    marks = [Moment(warm_up, "not counted", since=0.0)] if warm_up else []
    if day is not None:
        who = "the oracle decides" if run.scenario.collaboration.mode == "oracle" else "the model decides"
        marks.append(Moment(day, who))
    halts = [one for one in run.facts.get("disruptions", ()) if one["kind"] in HALTS]
    return [*marks, *(Moment(one["to_day"], "", since=one["from_day"]) for one in halts)]


def stocks(run: Run) -> Iterator[Picture]:
    """Give each stock's units at hand and backorders over time."""
    found, marks = courses(run), moments(run)
    for block, kind in kinds(run.scenario).items():
        if kind == "stock":
            yield found.picture(block, "number", f"{block}: units at hand", marks)
            yield found.picture(block, "backorders", f"{block}: requests that wait", marks)


def stations(run: Run) -> list[Picture]:
    """Return the units at each station over time, waiting or in work, as small pictures."""
    found, marks = courses(run), [Moment(one.day, "", one.since) for one in moments(run)]
    names = [block for block, kind in kinds(run.scenario).items() if kind == "station"]
    fullest = sorted(names, key=lambda block: (-found.means[block, "number"].mean(), block))[:MOST_STATIONS]
    size = SMALL if len(fullest) > 2 else Size()
    return [found.picture(block, "number", f"{block}: units", marks, size) for block in sorted(fullest)]


def flow(run: Run, counted: Flows) -> Picture | None:
    """Return the flow of units; None where nothing moved."""
    if not counted.links:
        return None
    out = {name: "out" for name, party in run.scenario.parties.items() if isinstance(party, Recycler)}
    new = {name: "new" for name, party in run.scenario.parties.items() if isinstance(party, Oem)}
    looks = Looks(
        names={one: label(run.scenario, one) for one in counted.places},
        kinds=out | new | {NOT_RETURNED: "out", TURNED_AWAY: "out"},
    )
    told = "Ribbons are as wide as the units are many; the table below has the same numbers."
    svg = flow_picture(counted.links, Heading("flow", "Flow of units", told), circling=counted.circling, looks=looks)
    return Picture("Units handed over in the counted days", svg)


def network(run: Run, graph: Graph) -> Picture | None:
    """Return the parties and the ways between them; None where nothing goes anywhere."""
    if not graph.links:
        return None
    using = [name for name, party in run.scenario.parties.items() if isinstance(party, Fleet)]
    using += [name for name, kind in kinds(run.scenario).items() if kind == "population" and name in graph.places]
    names = {one: label(run.scenario, one) for one in graph.places}
    told = "Boxes are places, curves the ways between them; the table below tells what hangs on one place."
    svg = graph_picture(graph, Heading("network", "Network", told), circling=using, names=names)
    return Picture("Who sends to whom", svg)


def scores(run: Run) -> Picture | None:
    """Return the scores of the models as bars; None where nobody learned."""
    bars = [
        Bar(one.name, one.score, f"{one.score:.3f}", one.name)
        if one.name in ("federated", "pooled")
        else Bar(f"{label(run.scenario, one.name)} alone", one.score, f"{one.score:.3f}")
        for one in findings.learners(run)
        if one.score is not None
    ]
    if not bars:
        return None
    metric = run.facts["learning"]["metric"]
    floor, means = (0.0, "0 is always saying the mean") if metric == "R2" else (0.5, "0.5 is chance")
    title = f"{metric} on later cores: {means}, 1 is perfect"
    heading = Heading("scores", title, ", ".join(f"{bar.name} {bar.text}" for bar in bars))
    lowest = min(floor, *(bar.value for bar in bars))
    return Picture(title, bar_chart(bars, heading, lowest=lowest, highest=1.0))
