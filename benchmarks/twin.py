"""The world of `transmission` against the same model as plain SimPy and as a bare loop; its memory and its growth."""

from __future__ import annotations

import gc
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, in_turn, judged, judged_up, stated
from scenarios.expansion import expanded, sections_of
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.log import Log
from sim.world import World

ROUNDS = 5
DAYS = 3650.0
SEED = 7
VEHICLES = 8000
QUIET = {"collaboration.mode": "none"}
"""Nobody learns: the figure is about the world."""


def figures() -> list[Figure]:
    """Measure all figures of the suite."""
    return [_engine(), *_speed(), _economy(), *_growth(), _workers()]


def transmission(scale: float = 1.0) -> Scenario:
    """Return `transmission`, its 8,000 vehicles and all that serves them times a factor."""
    scenario = load("transmission").override(QUIET)
    return scenario if scale == 1.0 else scenario.override(_scaled(scenario, scale))


def _scaled(scenario: Scenario, scale: float) -> dict[str, object]:
    counts = ("vehicles", "crews", "harvest_crews", "benches", "labs", "teardown_crews", "inspection_crews", "machines")
    several = {
        f"parties.{name}.{word}": max(1, round(getattr(party, word) * scale))
        for name, party in scenario.parties.items()
        for word in (*counts, "rebuild_crews")
        if hasattr(party, word)
    }
    return {
        **several,
        "policies.serviceable.level": round(scenario.policies.serviceable.level * scale),
        "demand.workshops.interarrival_days": {"law": "exponential", "mean": 1.0 / scale},
    }


def run(scenario: Scenario, days: float = DAYS, decide: Mapping[str, Any] | None = None) -> int:
    """Run a world with its log in Parquet; return the rows logged."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(
            expanded(scenario), seed=SEED, log=Log(Path(folder)), sections=sections_of(scenario), decide=decide or {}
        )
        world.run_until(days)
        return sum(_rows(path) for paths in world.log.close().values() for path in paths)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(path).metadata.num_rows)


def _idiomatic(scenario: Scenario) -> None:
    import pandas as pd

    from tests.engines.idiomatic import Model

    model = Model(expanded(scenario), sections_of(scenario), seed=SEED)
    model.run(DAYS)
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in model.log.all().items():
            pd.DataFrame(rows).to_parquet(Path(folder) / f"{name}.parquet", compression="zstd")


def _bare(scenario: Scenario) -> None:
    from tests.engines.bare import Loop

    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(expanded(scenario), sections_of(scenario), seed=SEED, folder=Path(folder))
        loop.run(DAYS)
        loop.log.close()


def _by_grade(view: Mapping[str, Any]) -> str:
    """The scenario's own rule as a user would write it."""
    return {"A": "reman", "B": "reman", "C": "test"}.get(view["grade"], "recycle")


def _engine() -> Figure:
    """The engine and its log alone: no physics, no money, no reports."""
    import pandas as pd

    from tests.engines import loop

    def world() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = World(loop.blocks(VEHICLES), seed=SEED, log=Log(Path(folder)))
            world.run_until(DAYS)
            world.log.close()

    def idiomatic() -> None:
        with tempfile.TemporaryDirectory() as folder:
            table = pd.DataFrame(loop.idiomatic(VEHICLES, DAYS, seed=SEED))
            table.to_parquet(Path(folder) / "events.parquet", compression="zstd")

    seconds = in_turn({"world": world, "idiomatic": idiomatic}, ROUNDS)
    return judged_up(
        "the loop of cores without physics and money, speed-up",
        seconds["idiomatic"] / seconds["world"],
        "x",
        goal=4.0,
        peer="idiomatic SimPy (s)",
        peer_value=seconds["idiomatic"],
    )


def _speed() -> list[Figure]:
    scenario = transmission()
    works: dict[str, Callable[[], object]] = {
        "world": lambda: run(scenario),
        "idiomatic": lambda: _idiomatic(scenario),
        "bare": lambda: _bare(scenario),
        "callable": lambda: run(scenario, decide={"dismantler.disposition": _by_grade}),
    }
    rows = run(scenario)
    seconds = in_turn(works, ROUNDS)
    ratio = seconds["idiomatic"] / seconds["world"]
    note = f"{rows} rows, {rows / seconds['world']:.0f} a second"
    return [
        judged_up(
            "transmission, 8,000 vehicles, 10 years, speed-up",
            ratio,
            "x",
            goal=4.0,
            peer="idiomatic SimPy (s)",
            peer_value=seconds["idiomatic"],
            note=note,
        ),
        judged(
            "the same against a bare heapq loop, time",
            seconds["world"] / seconds["bare"],
            "x",
            goal=1.75,
            peer="bare loop (s)",
            peer_value=seconds["bare"],
        ),
        stated(
            "the same with a Python disposition callable, speed-up",
            seconds["idiomatic"] / seconds["callable"],
            "x",
            peer="idiomatic SimPy (s)",
            peer_value=seconds["idiomatic"],
            note=f"{seconds['callable'] / seconds['world']:.2f} times the time without",
        ),
    ]


def _economy() -> Figure:
    scenario = transmission()
    world = World(expanded(scenario), seed=SEED, sections=sections_of(scenario))
    events, queue, step = 0, world.engine.queue, world.engine.clock.step
    while queue[0][0] < DAYS:
        step()
        events += 1
    rows = sum(
        len(chunk["day"]) for table in (world.log.events, *world.log.tables.values()) for chunk in table.chunks()
    )
    return judged("engine events per logged row", events / rows, "events", goal=0.6, note=f"{events} events")


def _growth() -> list[Figure]:
    """Time and memory a vehicle, 1k to 100k vehicles, with all that serves them grown alike."""
    small, large = (_cost(vehicles) for vehicles in (1_000, 100_000))
    parts = 99_000
    return [
        judged(
            "memory per live part",
            (large[1] - small[1]) / parts,
            "B",
            goal=450.0,
            note="from 1,000 to 100,000 vehicles, after 60 days; without the cache of draws, which is bounded",
        ),
        judged(
            "time a row, 100,000 vehicles over 1,000",
            large[0] / small[0],
            "x",
            goal=1.15,
            peer="1,000 vehicles (us a row)",
            peer_value=1e6 * small[0],
        ),
        judged("memory a part, 100,000 vehicles over 10,000", _memory_growth(large[1], small[1]), "x", goal=1.15),
    ]


def _memory_growth(large: float, small: float) -> float:
    middle = _cost(10_000)[1]
    return ((large - small) / 99_000) / ((middle - small) / 9_000)


def _cost(vehicles: int) -> tuple[float, float]:
    """CPU seconds a row over a year, and bytes held after 60 days, less those of caches."""
    scenario = transmission(vehicles / VEHICLES)
    days = 365.0
    rows = run(scenario, days)
    rounds = max(1, 30_000 // vehicles)
    begin = time.process_time()
    for _ in range(rounds):
        run(scenario, days)
    seconds = (time.process_time() - begin) / rounds
    return seconds / rows, held(scenario, 60.0)


def held(scenario: Scenario, days: float) -> float:
    """Bytes that Python holds for a world on a day, its log in files and its cache of draws emptied."""
    network, sections = expanded(scenario), sections_of(scenario)
    gc.collect()
    with tempfile.TemporaryDirectory() as folder:
        tracemalloc.start()
        try:
            world = World(network, seed=SEED, log=Log(Path(folder)), sections=sections)
            world.run_until(days)
            world.log.close()
            world.streams.forget()
            gc.collect()
            return float(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()


def _workers() -> Figure:
    """Wall time of 20 replications, one after the other and by two workers."""
    import looptwin as lt

    scenario = load("transmission").override(QUIET)
    times = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            lt.run(scenario, seed=SEED, replications=20, workers=workers, out=Path(folder) / "runs")
            times.append(time.perf_counter() - begin)
    load_now, cores = os.getloadavg()[0], os.cpu_count() or 1
    idle = cores >= 2 and load_now < cores - 1.0
    note = "" if idle else f"two cores were not free: load {load_now:.1f} on {cores}"
    return judged_up(
        "20 replications on 2 workers, speed-up",
        times[0] / times[1],
        "x",
        goal=1.7,
        peer="serial (s)",
        peer_value=times[0],
        note=note,
        idle=idle,
    )
