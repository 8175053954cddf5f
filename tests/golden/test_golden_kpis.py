"""Packaged scenarios give the figures that they gave: `kpis.json` with tolerances, written by `write_kpis.py`.

A digest would fail for the last bit of a sum. These fail when the world has changed by more than its own luck.
"""

from __future__ import annotations

import json
from functools import cache

import pytest

from tests.golden.write_kpis import FILE, REPLICATIONS, figures, means

GOLDENS: dict[str, dict[str, dict[str, float]]] = json.loads(FILE.read_text(encoding="utf-8"))


@cache
def today(name: str) -> dict[str, float]:
    return means([figures(name, replication) for replication in range(REPLICATIONS[name])])


@pytest.mark.parametrize("name", sorted(REPLICATIONS))
def test_a_packaged_scenario_gives_the_figures_that_it_gave(name: str) -> None:
    found = today(name)
    moved = [
        f"{kpi}: {found.get(kpi)} was {golden['value']} within {golden['tolerance']}"
        for kpi, golden in GOLDENS[name].items()
        if abs(found.get(kpi, float("nan")) - golden["value"]) > golden["tolerance"] + 1e-5 * abs(golden["value"])
        or kpi not in found
    ]

    assert not moved, "\n".join(moved)


def test_every_scenario_has_its_goldens() -> None:
    assert GOLDENS.keys() == REPLICATIONS.keys()
    assert all(len(held) >= 8 for held in GOLDENS.values())
    assert {"profit", "fill_rate", "cost_per_reman_unit", "mci"} <= GOLDENS["transmission-small"].keys()


# --- a chain that an operations researcher believes ---


def test_the_small_chain_is_busy_and_serves_its_customers() -> None:
    """Design ranges: fill rate 92 to 98 %, yield 75 to 98 %, most exchanged cores back, 40 to 60 % below a new unit."""
    found = today("transmission-small")

    assert 0.92 <= found["fill_rate"] <= 0.98
    assert 0.75 <= found["reman_yield"] <= 0.98
    assert 0.40 * 1700.0 <= found["cost_per_reman_unit"] <= 0.60 * 1700.0
    assert 10.0 <= found["energy_per_reman_unit_kwh"] <= 20.0
    assert 7.0 <= found["core_time_p95_days"] <= 60.0


def test_every_party_but_the_fleets_earns_in_the_small_chain() -> None:
    customers = {"hire", "cabs", "vans", "tow"}
    profits = {kpi: value for kpi, value in today("transmission-small").items() if kpi.endswith(".profit")}

    assert len(profits) == 14
    for kpi, value in profits.items():
        assert (value < 0.0) == (kpi.partition(".")[0] in customers)
