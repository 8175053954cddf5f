"""Two computations of the same published case agree: ours in `known`, and the shared table's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.truth import cases, known, known_decisions, known_formulas, known_stocks
from tests.truth.judge import FOLDER

TABLE = Path(__file__).parents[3] / "shared" / "truth" / "truth_tables.json"
OURS: dict[str, Callable[[], Any]] = {
    **known.CASES,
    **known_stocks.STOCKS,
    **{case.__name__: case for case in (*known_decisions.DECISIONS, *known_formulas.FORMULAS)},
}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not TABLE.exists():
        pytest.skip("the shared truth table is not here: ../shared/truth/truth_tables.json")
    return {case["name"]: case["expected"] for case in json.loads(TABLE.read_text())["cases"]}


@pytest.mark.parametrize("name", OURS)
def test_our_own_computation_gives_what_the_table_says(name: str, published: dict[str, Any]) -> None:
    ours = {key: value for key, value in OURS[name]().items() if key in published[name]}

    assert set(ours) == set(published[name])
    for key, value in ours.items():
        assert np.array(value) == pytest.approx(np.array(published[name][key]), rel=1e-8, abs=1e-9), key


def test_every_published_case_is_computed_here_and_is_a_simulation_a_formula_a_search_or_a_law(
    published: dict[str, Any],
) -> None:
    """And nothing is told about a case that the table does not have."""
    assert set(OURS) | set(cases.LAWS) == set(published)
    assert {name for name in published if not cases.how(name)} == set()
    assert set(cases.FORMULAS) | set(cases.SEARCHES) | set(cases.LAWS) <= set(published)


def test_a_case_that_is_a_file_of_blocks_is_run_by_a_test() -> None:
    tests = "".join(path.read_text() for path in FOLDER.glob("test_*.py"))

    assert [name for name in OURS if "simulation" in cases.how(name) and f'"{name}"' not in tests] == []


def test_what_is_told_about_formulas_and_laws_names_tests_that_are_there() -> None:
    root = FOLDER.parents[1]
    places = [place.partition("::") for place in (cases.FORMULAS | cases.LAWS).values()]

    assert [path for path, _, name in places if f"def {name}(" not in (root / path).read_text()] == []
