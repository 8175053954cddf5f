"""Two computations of the same published case agree: ours in `known`, and the shared table's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.truth.known import CASES

TABLE = Path(__file__).parents[3] / "shared" / "truth" / "truth_tables.json"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not TABLE.exists():
        pytest.skip("the shared truth table is not here: ../shared/truth/truth_tables.json")
    return {case["name"]: case["expected"] for case in json.loads(TABLE.read_text())["cases"]}


@pytest.mark.parametrize("name", CASES)
def test_our_own_computation_gives_what_the_table_says(name: str, published: dict[str, Any]) -> None:
    ours = {key: value for key, value in CASES[name]().items() if key in published[name]}

    assert set(ours) == set(published[name])
    for key, value in ours.items():
        assert value == pytest.approx(published[name][key], rel=1e-8, abs=1e-9), key
