"""`looptwin validate`, `list` and `schema`: what is known without running anything."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from looptwin.words.table import table

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


def list_command(arguments: Namespace) -> int:
    """Print the packaged scenarios."""
    from scenarios.packaged import packaged

    sys.stdout.write(table([*packaged().items()]) + "\n")
    return 0


def schema_command(arguments: Namespace) -> int:
    """Print the JSON Schema of scenario files."""
    from scenarios.json_schema import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=1) + "\n")
    return 0


def validate_command(arguments: Namespace) -> int:
    """Say whether a scenario is valid, or print the blocks that it stands for."""
    from scenarios.assumptions import count
    from scenarios.expansion import expanded
    from scenarios.load import load
    from scenarios.schedule import sentence, unreached

    scenario = load(arguments.scenario, arguments.override, arguments.set)
    if arguments.expand:
        sys.stdout.write(_expanded(scenario))
        return 0
    assumed, numbers = count(scenario)
    blocks, parties = len(expanded(scenario)), len(scenario.parties)
    tables = _tables(scenario)
    sys.stdout.write(
        f"{scenario.name}: valid, {_many(blocks, 'block')}, {_many(parties, 'party', 'parties')}, "
        f"{assumed} of {_many(numbers, 'number')} are assumptions\n{tables}"
    )
    for one in unreached(scenario):
        sys.stdout.write(f"{sentence(one, scenario.time.horizon_days)}\n")
    return 0


def _tables(scenario: Scenario) -> str:
    """Say what a user's own tables hold, read as a run reads them; raise UserError with what is wrong in them."""
    if scenario.regression is None or scenario.regression.data != "csv":
        return ""
    from looptwin.collaboration.party_tables import party_rows

    found = party_rows(scenario)
    assert found is not None
    told = [f"{site.party}: {_many(len(site), 'row')}" for site in found.rows]
    return "".join(f"{line}\n" for line in (*told, *found.remarks))


def _expanded(scenario: Scenario) -> str:
    """Return the blocks that a scenario stands for as YAML; without parties it is a scenario of its own."""
    from scenarios.dump import data_of, yaml_of
    from scenarios.expansion import expanded

    data = scenario.resolved()
    kept = {key: data[key] for key in ("looptwin", "name", "seed", "time")}
    blocks = {name: data_of(block, {}) for name, block in expanded(scenario).items()}
    note = (
        "# What the roles of the parties stand for, to be read. Decisions, inspections and payments hang on\n"
        "# the roles: to run it, run the scenario itself.\n"
    )
    return (note if scenario.parties else "") + yaml_of({**kept, "blocks": blocks})


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
