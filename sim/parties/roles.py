"""The macro of each role: the blocks that a party runs, by local name."""

from __future__ import annotations

from sim.config import Block, Calendar, Case, Decision, Sink, Station, Stock
from sim.parties.config import Dismantler, Party, Recycler, Remanufacturer, Tester
from sim.parties.lanes import Lanes

ENTRANCE: dict[type[object], str] = {
    Dismantler: "grading",
    Tester: "bench",
    Remanufacturer: "wash",
    Recycler: "shred",
}
"""The block at which what is sent to a party of this role arrives."""


def dismantler(name: str, config: Dismantler, lanes: Lanes) -> dict[str, Block]:
    """Graders, and the decision where each core goes."""
    end, scrapyard = _end(name, lanes)
    answers = {"reman": lanes.first(name, Remanufacturer), "recycle": end}
    if lanes.has(Tester):
        first, *others = lanes.between(name, Tester)
        answers |= {"test": first} | {f"test:{lanes.receiver(way)}": way for way in others}
    return {
        "grading": Station(
            servers=config.crews,
            service_hours=config.visual_hours,
            calendar=_shifts(config),
            inspects="visual",
            cost_per_unit=config.cost_per_core,
            to=Decision(decide="dismantler.disposition", answers=answers),
        ),
        **scrapyard,
    }


def tester(name: str, config: Tester, lanes: Lanes) -> dict[str, Block]:
    """Benches, and the verdict of the bench."""
    end, scrapyard = _end(name, lanes)
    answers = {"pass": lanes.first(name, Remanufacturer), "fail": end}
    return {
        "bench": Station(
            servers=config.benches,
            service_hours=config.bench_hours,
            calendar=_shifts(config),
            inspects="bench",
            cost_per_unit=config.cost_per_test,
            to=Decision(decide="tester.verdict", answers=answers),
        ),
        **scrapyard,
    }


def remanufacturer(name: str, config: Remanufacturer, lanes: Lanes) -> dict[str, Block]:
    """Wash, component inspection, rebuild and end-of-line test with at most two reworks; the serviceable stock."""
    end, scrapyard = _end(name, lanes)
    makers = lanes.makers()
    return {
        "wash": Station(
            batch=8, batch_minimum=1, service_hours=config.wash_hours, calendar=_shifts(config), to="inspect"
        ),
        "inspect": Station(
            servers=config.teardown_crews,
            service_hours=config.teardown_hours,
            calendar=_shifts(config),
            inspects="teardown",
            to=[Case(field="finding", in_=["scrap"], to=end), Case(to="rebuild")],
        ),
        "rebuild": Station(
            servers=config.rebuild_crews,
            service_hours=config.rebuild_hours,
            calendar=_shifts(config),
            to="end_of_line",
        ),
        "end_of_line": Station(
            service_hours=config.end_of_line_hours,
            calendar=_shifts(config),
            servers=max(1, config.rebuild_crews // 4),
            inspects="end_of_line",
            to=[
                Case(field="end_of_line", in_=["pass"], to="serviceable"),
                Case(field="tries", below=3, to="rebuild"),
                Case(to=end),
            ],
        ),
        "serviceable": Stock(
            rule="base_stock" if makers else "none",
            level=lanes.serviceable_level,
            initial=lanes.serviceable_level,
            supply=makers[0] if makers else None,
        ),
        **scrapyard,
    }


def _shifts(config: Party) -> Calendar | None:
    return None if isinstance(config.calendar, str) else config.calendar


def _end(name: str, lanes: Lanes) -> tuple[str, dict[str, Block]]:
    """Return where a core ends: the lane to a recycler, or a scrapyard of the party's own where there is none."""
    if lanes.has(Recycler):
        return lanes.first(name, Recycler), {}
    return "scrapyard", {"scrapyard": Sink()}


def recycler(name: str, config: Recycler, lanes: Lanes) -> dict[str, Block]:
    """The end of a core."""
    return {"shred": Sink()}
