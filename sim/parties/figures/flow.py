"""How long a core takes from its receipt to the shelf, and how much of that it waits, is worked on, or travels."""

from __future__ import annotations

from collections.abc import Iterator

from sim.blocks.block import Block, stay_quantiles
from sim.blocks.lane import LaneBlock
from sim.blocks.station import StationBlock
from sim.figure import Figure, quantity
from sim.parties.config import Dismantler, Remanufacturer, Tester
from sim.parties.figures.measured import Measured


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the times of cores, days.

    core_time_mean_days, _p50_, _p95_: from receipt at the dismantler to the passed end-of-line test, of those that
    passed in the window; a quantile is the shortest time that so many of them do not exceed.
    core_queue_days, core_process_days, core_transport_days = unit days in queues and yards, at work, and between
    parties / cores received, by Little's law; a core is at work from start to end, nights and weekends included.
    oee = availability x performance x quality of the remanufacturer's end-of-line test, 1: share of servers up x share
    of open time at work x first-pass yield.
    """
    times = measured.chain.passage.days
    passed = quantity("passed", len(times), "units")
    cores = measured.count("cores")
    queueing, inside = _station_days(measured)
    queue = quantity("queue_days", queueing, "unit days")
    process = quantity("station_days", inside, "unit days") - queue
    travel = quantity("transport_days", sum(one.area_until(measured.day) for one in measured.lanes()), "unit days")
    return {
        "core_time_mean_days": (quantity("days_of_those_who_passed", sum(times), "unit days") / passed).figure("days"),
        **{f"core_{name}": figure for name, figure in stay_quantiles(times).items()},
        "core_queue_days": (queue / cores).figure("days"),
        "core_process_days": (process / cores).figure("days"),
        "core_transport_days": (travel / cores).figure("days"),
        **_effectiveness(measured),
    }


def stages(measured: Measured) -> Iterator[Block]:
    """Yield the stations, ways and yards of cores, whose stays are kept for quantiles."""
    yield from measured.lanes()
    for block in measured.blocks(Dismantler, Tester, Remanufacturer):
        if isinstance(block, StationBlock | LaneBlock):
            yield block


def _station_days(measured: Measured) -> tuple[float, float]:
    """Return unit days in queues and yards, and these with those at work."""
    blocks = list(measured.blocks(Dismantler, Tester, Remanufacturer))
    stations = [one for one in blocks if isinstance(one, StationBlock)]
    yards = sum(one.area_until(measured.day) for one in blocks if isinstance(one, LaneBlock))
    queueing = sum(one.queue_area(measured.day) for one in stations) + yards
    return queueing, sum(one.area_until(measured.day) for one in stations) + yards


def _effectiveness(measured: Measured) -> dict[str, Figure]:
    station = measured.chain.world.blocks[f"{measured.chain.remanufacturer}.end_of_line"]
    figures = station.figures(measured.day)
    up = figures["availability"].value if "availability" in figures else 1.0
    availability = quantity("availability", up, "1")
    performance = quantity("utilisation", figures["utilisation"].value, "1") / availability
    quality = measured.count("passed_first") / measured.count("tested_first")
    return {"oee": (availability * performance * quality).figure("1")}
