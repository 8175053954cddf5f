"""What can go either way: the tables of docs/what-ifs.md hold what is computed and simulated here, digit by digit.

Nothing is asserted about a direction. What does hold on every path is asserted in tests/sim/test_stock_theorems.py.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from scenarios.load import load
from sim.config import Block, Lane, Stock
from sim.laws import Constant
from sim.log import Log
from sim.world import World
from tests.truth.inventory import Hybrid
from tests.truth.judge import FOLDER, SEED
from tests.truth.test_hybrid_stocks import priced

PAGE = Path(__file__).parents[2] / "docs" / "what-ifs.md"
PUSHES = list(product(range(2, 6), range(1, 6), range(1, 5)))
PULLS = [
    (new_at, new, pull_at, pull_to)
    for new_at, new, pull_at in product(range(2, 5), range(1, 5), range(2, 6))
    for pull_to in range(pull_at + 1, pull_at + 6)
    if pull_at >= new_at
]


def table(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def ran(name: str, days: float, **changes: Block) -> World:
    """Return the world of a case with some blocks changed, counted from its warm-up."""
    scenario = load(FOLDER / f"{name}.yaml")
    world = World({**scenario.blocks, **changes}, seed=SEED, log=Log(events=False))
    world.run_until(scenario.time.warm_up_days)
    world.count_from_now()
    world.run_until(days)
    return world


def test_the_cost_of_more_returns_under_a_fixed_and_under_the_best_push() -> None:
    def row(returns: float) -> list[str]:
        model = Hybrid(returns=returns)
        top = 150 if returns < 0.9 else 250
        best, rule = min((model.push(*rule, top=top)["cost_rate"], rule) for rule in PUSHES)
        return [f"{returns:g}", f"{model.push(4, 3, 2, top=top)['cost_rate']:.2f}", f"{best:.2f}", str(rule)]

    assert table("More returns") == [row(returns) for returns in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)]


def test_the_best_pull_and_the_best_push_by_what_it_costs_to_hold_a_core() -> None:
    def row(share: float) -> list[str]:
        model = Hybrid(holding_returns=share)
        push, how = min((model.push(*rule, top=80)["cost_rate"], rule) for rule in PUSHES)
        pull, other = min((model.pull(*rule, top=40)["cost_rate"], rule) for rule in PULLS)
        return [f"{share:g}", f"{push:.3f}", str(how), f"{pull:.3f}", str(other)]

    assert table("Pull instead of push") == [row(share) for share in (0.25, 0.5, 0.75, 1.0)]


def test_the_cost_of_a_longer_rebuild_under_a_fixed_push() -> None:
    def row(days: float) -> list[str]:
        rebuild = Lane(days=Constant(value=days), to="serviceable")
        found = priced(ran("hybrid_push_equal_leads", 20050.0, rebuild=rebuild))
        names = ("serviceable.on_hand_mean", "serviceable.backorders_mean", "cost_rate")
        return [f"{days:g}", *(f"{found[name]:.3f}" for name in names)]

    assert table("A longer lead time") == [row(days) for days in (1.0, 2.0, 4.0, 6.0, 8.0)]


def test_how_a_larger_order_quantity_fills_and_how_often_it_owes_more() -> None:
    """Both stocks meet the same customers; what is owed is read every twentieth of a day."""
    parts = load(FOLDER / "rQ_poisson_backorder.yaml").blocks["parts"]
    assert isinstance(parts, Stock)
    worlds = [ran("rQ_poisson_backorder", 20.0, parts=replace(parts, quantity=quantity)) for quantity in (20, 21)]
    more, steps = 0, 20000
    for step in range(1, steps + 1):
        for world in worlds:
            world.run_until(20.0 + step / 20)
        few, many = (len(world.blocks["parts"].waiting) for world in worlds)
        more += many > few
    rates = [f"{world.kpis()['parts.fill_rate'][0]:.4f}" for world in worlds]

    assert table("A larger order quantity") == [[*rates, f"{more / steps:.2%}"]]


@pytest.mark.parametrize("heading", ["More returns", "Pull instead of push", "A longer lead time"])
def test_the_tables_are_there_to_be_read(heading: str) -> None:
    assert len(table(heading)) > 3
