"""Start-up, log, draws and event economy: what every run pays."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, cpu_seconds, judged, process_ratio

Uniform = Callable[[int], float]

BARE = ("-c", "pass")
ROWS = 400_000
DRAWS = 400_000


def figures() -> list[Figure]:
    """Measure all figures of the suite."""
    return [*_start_up(), _log(), *_draws(), *_events()]


def _start_up() -> list[Figure]:
    commands = [("--help", ["--help"], 15.0), ("list", ["list"], 15.0)]
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "long.yaml"
        scenario.write_text(long_scenario(600), encoding="utf-8")
        commands.append(("validate, 600 lines", ["validate", str(scenario)], 40.0))
        found = []
        for name, arguments, goal in commands:
            ratio, bare = process_ratio(["-m", "looptwin", *arguments], BARE)
            figure = f"start-up of looptwin {name}, CPU time"
            found.append(judged(figure, ratio, "x", goal=goal, peer="bare interpreter (ms)", peer_value=bare))
    return found


def long_scenario(lines: int) -> str:
    """Return a valid scenario of this many lines: one source, many stations in a row, one sink."""
    text = ["looptwin: 1", "name: long", "time:", "  horizon_days: 100", "blocks:", "  arrivals:", "    kind: source"]
    text += ["    interarrival_days: {law: exponential, mean: 1}", "    to: s0", "  done: {kind: sink}"]
    stations = (lines - len(text)) // 5
    for number in range(stations):
        following = f"s{number + 1}" if number + 1 < stations else "done"
        text += [f"  s{number}:", "    kind: station", "    servers: 2"]
        text += ["    service_hours: {law: lognormal, mean: 3, cv: 0.5}", f"    to: {following}"]
    text += ["# end"] * (lines - len(text))
    return "\n".join(text) + "\n"


def _log() -> Figure:
    from sim.log import EventTable

    # what a world would hand over anyway, made beforehand: days rise, units and codes repeat
    rows = [(number * 0.001, 7_000_000_000 + number % 5000, 64 + number % 11) for number in range(ROWS)]

    def write() -> None:
        with tempfile.TemporaryDirectory() as folder:
            table = EventTable(Path(folder))
            row = table.row
            for day, unit, code in rows:
                row(day, unit, code)
            table.close()

    write()
    return judged("event log into Parquet", 1e6 * cpu_seconds(write) / ROWS, "us a row", goal=0.4)


def _draws() -> list[Figure]:
    from sim.laws import Exponential, Lognormal, Quantile
    from sim.streams import SEQUENCE_BITS, Streams, number_names

    owners = number_names(["part"])

    def fresh() -> Uniform:
        # nothing cached: a draw pays for its share of the generator's block
        return Streams(1, 0, owners).open("service").uniform

    keys = range(owners["part"] << SEQUENCE_BITS, (owners["part"] << SEQUENCE_BITS) + DRAWS)

    def uniforms() -> None:
        uniform = fresh()
        for key in keys:
            uniform(key)

    found = [judged("a uniform draw", 1e6 * cpu_seconds(uniforms) / DRAWS, "us", goal=0.2)]
    for law in (Exponential(mean=2.0), Lognormal(mean=2.0, cv=0.3)):
        quantile = law.quantile()

        def draws(quantile: Quantile = quantile) -> None:
            uniform = fresh()
            for key in keys:
                quantile(uniform(key))

        found.append(judged(f"a draw of a {law.law} law", 1e6 * cpu_seconds(draws) / DRAWS, "us", goal=0.2))
    return found


def _events() -> list[Figure]:
    found = []
    for name in ("mm3", "transmission-small"):
        events, rows = _count(name)
        note = f"{events} engine events, {rows} rows"
        found.append(judged(f"engine events per logged row, {name}", events / rows, "events", goal=0.6, note=note))
    return found


def _count(name: str) -> tuple[int, int]:
    """Engine events and logged rows of a run, all tables counted."""
    from scenarios.expansion import expanded, sections_of
    from scenarios.load import load
    from sim.world import World

    scenario = load(name)
    world = World(expanded(scenario), seed=1, sections=sections_of(scenario))
    steps = 0
    step = world.engine.clock.step

    def counted() -> None:
        nonlocal steps
        steps += 1
        step()

    world.engine.clock.step = counted  # type: ignore[method-assign]
    world.run_until(min(scenario.time.horizon_days, 2000.0))
    rows = len(world.log.events.read()["day"]) + sum(len(table.read()["day"]) for table in world.log.tables.values())
    return steps, rows
