"""`looptwin network`."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from looptwin.graph import Graph, SinglePoint, bottleneck_told, graph_of
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, table
from scenarios.load import load


def network_command(arguments: Namespace) -> int:
    """Print who reaches whom, what hangs on one party, and what bounds the loop."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    graph = graph_of(scenario)
    sys.stdout.write(document(_summary(scenario.name, graph)) if arguments.json else told(scenario.name, graph) + "\n")
    return 0


def told(name: str, graph: Graph) -> str:
    """Return the graph of a scenario as text."""
    sections = [f"{name}: {len(graph.places)} places, {len(graph.links)} ways between them"]
    ways: list[tuple[Cell, ...]] = [
        (sender, receiver, ", ".join(blocks)) for (sender, receiver), blocks in graph.links.items()
    ]
    sections.append(table(ways, ("from", "to", "by")))
    points: list[tuple[Cell, ...]] = [
        (one.place, ", ".join(one.without_supply), ", ".join(one.without_recovery)) for one in graph.single_points
    ]
    if points:
        sections.append(table(points, ("without", "no new unit reaches", "no core is recovered of")))
    else:
        sections.append("no single point of failure")
    stations: list[tuple[Cell, ...]] = [(station, units) for station, units in sorted(graph.capacities.items())]
    if stations:
        sections.append(table(stations, ("station", "units a day at most")))
    return "\n\n".join([*sections, *bottleneck_told(graph)])


def _summary(name: str, graph: Graph) -> dict[str, Any]:
    found = graph.bottleneck
    return {
        "scenario": name,
        "places": list(graph.places),
        "links": [{"from": pair[0], "to": pair[1], "by": list(blocks)} for pair, blocks in graph.links.items()],
        "reach": {place: sorted(others) for place, others in graph.reach.items()},
        "single_points": [_point(one) for one in graph.single_points],
        "capacities": dict(graph.capacities),
        "bottleneck": None
        if found is None
        else {"stations": list(found.stations), "units_per_day": found.units_per_day},
    }


def _point(one: SinglePoint) -> dict[str, Any]:
    return {
        "place": one.place,
        "without_supply": list(one.without_supply),
        "without_recovery": list(one.without_recovery),
    }
