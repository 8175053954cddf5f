"""The pages of both studies name what is there: assumptions of the scenario, its cases, options of the commands."""

from __future__ import annotations

import re
from pathlib import Path

from looptwin.commands.arguments import parsed
from scenarios.assumptions import assumptions
from scenarios.load import load
from tests.docs.test_documents import blocks

ROOT = Path(__file__).resolve().parents[2]


def cells(page: str, mark: str) -> list[list[str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    table = re.search(rf"<!-- {mark}:begin -->\n(.*?)<!-- {mark}:end -->", text, flags=re.DOTALL)
    assert table is not None
    rows = [line.strip("| ").split(" | ") for line in table[1].splitlines() if line.startswith("|")]
    return rows[2:]


def test_what_the_ranking_names_are_assumptions_of_the_scenario_with_their_values() -> None:
    scenario = load("transmission-small").override({"collaboration.mode": "none"})
    rows = cells("docs/assumptions.md", "ranking")

    assert len(rows) == 25
    assert {row[1].strip("`") for row in rows} <= set(assumptions(scenario))


def test_the_cases_of_sharing_are_overrides_of_the_scenario() -> None:
    from docs.sharing import CASES, SCENARIO

    names = list(dict.fromkeys(row[0] for row in cells("docs/sharing.md", "cases")))
    assert names == list(CASES)
    for overrides in CASES.values():
        load(SCENARIO, overrides, [])


def test_the_commands_of_both_pages_can_be_typed() -> None:
    for page in ("docs/sharing.md", "docs/assumptions.md"):
        lines = [line for block in blocks(page, "") for line in block.splitlines() if line.startswith("looptwin ")]
        assert lines
        for line in lines:
            parsed(line.split()[1:])
