"""The shortest useful chain: roles supply the blocks and lanes that are not written."""

from __future__ import annotations

from pathlib import Path

from looptwin.run import run
from scenarios.load import load

SHORT = """
looptwin: 1
name: short
time: {horizon_days: 500, warm_up_days: 50}
product: {mass_kg: 85, wear: {gear: {law: miner, slope: 13.22}}}
parties:
  gearworks: {role: oem}
  hire: {role: fleet, vehicles: 300, duty: motorway_hire}
  north: {role: dismantler, crews: 4, calendar: always}
  bench_north: {role: tester, benches: 2, bench_hours: {law: lognormal, mean: 0.7, cv: 0.3}}
  remanco:
    role: remanufacturer
    blocks: {wash: {kind: station, batch: 8, service_hours: {law: lognormal, mean: 1.5, cv: 0.1}, to: inspect}}
lanes: {hire_north: {from: hire, to: north, days: {law: lognormal, mean: 14, cv: 0.8}, lot: 8}}
returns: {probability: 0.9}
policies: {serviceable: {rule: base_stock, level: 60}}
"""


def test_a_chain_of_few_lines_runs_with_what_its_roles_supply(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")

    figures = run(load(path)).kpis["value"]

    assert figures["remanufactured"] > 0
    assert figures["remanco.wash.number_mean"] > 0


def test_a_block_that_is_written_takes_the_place_of_the_roles_own(tmp_path: Path) -> None:
    """A wash that waits for eight starts only full batches; the role's own takes what is there."""
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    waits = run(load(path)).kpis["value"]["remanco.wash.wait_mean_days"]
    path.write_text(SHORT.replace("batch: 8,", "batch: 8, batch_minimum: 1,"), encoding="utf-8")

    assert run(load(path)).kpis["value"]["remanco.wash.wait_mean_days"] < waits
