"""Every figure that a run gives stands in `docs/kpis.md`, and what stands there a run gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looptwin.results import Run
from looptwin.run import run
from looptwin.words.figure_names import CHAIN
from scenarios.load import load
from sim.parties.figures.cost import ITEMS
from sim.parties.materials import MATERIALS
from sim.world import World
from tests.looptwin.short_runs import study
from tests.sim.networks import FEATURES

PAGE = (Path(__file__).parents[2] / "docs" / "kpis.md").read_text(encoding="utf-8")
ANY = {
    "<block>": r".+",
    "<party>": r"[a-z_0-9]+",
    "<material>": "|".join(MATERIALS),
    "<model>": r"[a-z-]+(_[-0-9.]+)?",
    "<item>": "|".join([*ITEMS, "other"]),
}

Told = dict[str, str]
"""Name or pattern of a figure to its unit."""


def told() -> Told:
    rows = re.findall(r"^\| (`.+?`) \| (\S.*?) \| .+ \|$", PAGE, flags=re.MULTILINE)
    return {name: unit for names, unit in rows for name in re.findall(r"`(.+?)`", names)}


def expression(name: str) -> str:
    """Return a told name as a regular expression."""
    cut = re.split(r"(<\w+>)", name)
    return "".join(f"({ANY[piece]})" if piece in ANY else re.escape(piece) for piece in cut)


@pytest.fixture(scope="module")
def transmission() -> Run:
    changes = {"time.horizon_days": 400, "time.warm_up_days": 60, "collaboration.mode": "none"}
    return run(load("transmission-small").override(changes), events=False)


def test_every_figure_of_a_run_of_the_transmission_is_told_with_its_unit(transmission: Run) -> None:
    for name, kpi in transmission.replications[0].kpis.items():
        units = {unit for one, unit in told().items() if re.fullmatch(expression(one), name)}
        assert units == {kpi.unit}, name


def test_every_figure_of_a_study_is_told_with_its_unit() -> None:
    for name, kpi in study().replications[0].kpis.items():
        assert {unit for one, unit in told().items() if re.fullmatch(expression(one), name)} == {kpi.unit}, name


def test_every_figure_that_is_told_is_given_by_some_run(transmission: Run) -> None:
    given = set(transmission.replications[0].kpis)
    given |= set(study().replications[0].kpis)
    given |= {name for network in FEATURES.values() for name in World(network, seed=1).kpis()}
    missing = [name for name in told() if not any(re.fullmatch(expression(name), one) for one in given)]

    assert len(told()) > 60
    assert missing == []


def test_every_figure_of_the_chain_has_a_name_in_plain_words_and_no_other_has(transmission: Run) -> None:
    own = {name for name in transmission.replications[0].kpis if "." not in name}

    assert own <= set(CHAIN)
    assert set(CHAIN) <= own
