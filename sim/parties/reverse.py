"""The blocks of those who take cores back, apart and up again, by local name."""

from __future__ import annotations

from sim.config import Block, Case, Decision, Lane, Sink, Station, Stock
from sim.parties.config import Dismantler, Recycler, Remanufacturer, Tester
from sim.parties.lanes import Lanes, shifts
from sim.stocks import Prefer


def dismantler(name: str, config: Dismantler, lanes: Lanes) -> dict[str, Block]:
    """Graders, the decision where each core goes, a yard, a place to harvest parts, and two ends.

    A core in the yard comes before the same decision once more; to hold it again is then no answer.
    """
    end, scrapyard = _end(name, lanes)
    answers = {"reman": lanes.first(name, Remanufacturer), "recycle": end}
    answers |= {"harvest": "harvesting", "dispose": "landfill", "resell": "resale"}
    if lanes.has(Tester):
        for number, way in enumerate(lanes.between(name, Tester)):
            whom = f":{lanes.receiver(way)}" if number else ""
            answers |= {f"test{whom}": way, f"destroy{whom}": lanes.to_block(way, "lab")}
    decision = "dismantler.disposition"
    return {
        "grading": Station(
            servers=config.crews,
            service_hours=config.visual_hours,
            calendar=shifts(config),
            inspects="visual",
            cost_per_unit=config.cost_per_core,
            to=Decision(decide=decision, answers=answers | {"hold": "yard"}),
        ),
        "yard": Lane(days=config.hold_days, to=Decision(decide=decision, answers=answers)),
        "harvesting": Station(
            servers=config.harvest_crews,
            service_hours=config.harvest_hours,
            calendar=shifts(config),
            inspects="harvest",
            cost_per_unit=config.cost_per_harvest,
            to=end,
        ),
        "landfill": Sink(),
        "resale": Sink(),
        **scrapyard,
    }


def tester(name: str, config: Tester, lanes: Lanes) -> dict[str, Block]:
    """Benches and the verdict of the bench; a laboratory whose tests destroy the core."""
    end, scrapyard = _end(name, lanes)
    answers = {"pass": lanes.first(name, Remanufacturer), "fail": end}
    return {
        "bench": Station(
            servers=config.benches,
            service_hours=config.bench_hours,
            calendar=shifts(config),
            inspects="bench",
            cost_per_unit=config.cost_per_test,
            kwh_per_unit=config.bench_kwh,
            to=Decision(decide="tester.verdict", answers=answers),
        ),
        "lab": Station(
            servers=config.labs,
            service_hours=config.lab_hours,
            calendar=shifts(config),
            inspects="destructive",
            cost_per_unit=config.cost_per_lab_test,
            kwh_per_unit=config.lab_kwh,
            to=end,
        ),
        **scrapyard,
    }


def remanufacturer(name: str, config: Remanufacturer, lanes: Lanes) -> dict[str, Block]:
    """Teardown, wash, component inspection, machining, assembly, end-of-line test with at most two reworks; the stock.

    What fails its third test still has good parts, which are harvested.
    """
    end, scrapyard = _end(name, lanes)
    makers = lanes.makers()
    cores, prefer = _release(lanes, end)
    return {
        **cores,
        **_taking_apart(config, end),
        **_building_up(config, end),
        "serviceable": Stock(
            rule="base_stock" if makers else "none",
            level=lanes.serviceable_level,
            initial=lanes.serviceable_level,
            supply=makers[0] if makers else None,
            prefer=prefer,
        ),
        **scrapyard,
    }


def _release(lanes: Lanes, end: str) -> tuple[dict[str, Block], Prefer | None]:
    """Return the stock in which cores wait, and how the serviceable stock asks for them; nothing where they do not."""
    release = lanes.release
    if release.rule == "push":
        return {}, None
    point, goal = release.reorder_point, release.order_up_to
    if point is None and not lanes.makers():
        # without an OEM the stock has no rule of its own to pull with
        point, goal = lanes.serviceable_level - 1, lanes.serviceable_level
    cores = Stock(
        rule="none",
        dispose_above=release.dispose_above,
        dispose_to=None if release.dispose_above is None else end,
    )
    return {"cores": cores}, Prefer(supply="cores", via="teardown", reorder_point=point, order_up_to=goal)


def _taking_apart(config: Remanufacturer, end: str) -> dict[str, Block]:
    return {
        "teardown": Station(
            servers=config.teardown_crews,
            service_hours=config.teardown_hours,
            calendar=shifts(config),
            kwh_per_unit=config.teardown_kwh,
            to="wash",
        ),
        "wash": Station(
            batch=8,
            batch_minimum=1,
            service_hours=config.wash_hours,
            calendar=shifts(config),
            kwh_per_unit=config.wash_kwh,
            to="inspect",
        ),
        "inspect": Station(
            servers=config.inspection_crews,
            service_hours=config.inspection_hours,
            calendar=shifts(config),
            inspects="teardown",
            kwh_per_unit=config.inspection_kwh,
            to=[
                Case(field="finding", in_=["scrap"], to=end),
                Case(field="parts_reworked", at_least=1.0, to="machining"),
                Case(to="assembly"),
            ],
        ),
    }


def _building_up(config: Remanufacturer, end: str) -> dict[str, Block]:
    return {
        "machining": Station(
            servers=config.machines,
            service_hours=config.machining_hours,
            calendar=shifts(config),
            inspects="machining",
            to="assembly",
        ),
        "assembly": Station(
            servers=config.rebuild_crews,
            service_hours=config.rebuild_hours,
            calendar=shifts(config),
            kwh_per_unit=config.assembly_kwh,
            to="end_of_line",
        ),
        "end_of_line": Station(
            servers=max(1, config.rebuild_crews // 4),
            service_hours=config.end_of_line_hours,
            calendar=shifts(config),
            inspects="end_of_line",
            kwh_per_unit=config.end_of_line_kwh,
            to=[
                Case(field="end_of_line", in_=["pass"], to="serviceable"),
                Case(field="tries", below=3, to="assembly"),
                Case(to="harvesting"),
            ],
        ),
        "harvesting": Station(
            service_hours=config.teardown_hours,
            calendar=shifts(config),
            inspects="harvest",
            to=end,
        ),
    }


def recycler(name: str, config: Recycler, lanes: Lanes) -> dict[str, Block]:
    """The end of a core."""
    return {"shred": Sink()}


def _end(name: str, lanes: Lanes) -> tuple[str, dict[str, Block]]:
    """Return where a core ends: the lane to a recycler, or a scrapyard of the party's own where there is none."""
    if lanes.has(Recycler):
        return lanes.first(name, Recycler), {}
    return "scrapyard", {"scrapyard": Sink()}
