"""The state machine of a unit: every transition that the packaged policies allow is taken in `transmission`."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest

from scenarios.expansion import sections_of
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.log import Log
from sim.parties.config import Dismantler
from sim.parties.expand import expand
from sim.records import EVENT_BITS, EVENTS
from sim.world import World


class Step(NamedTuple):
    """A row of the event table: the role that runs the block, the block's own name ("" for a lane), and the event."""

    role: str
    block: str
    event: str


TRANSITIONS = {
    "built -> queued test": (Step("oem", "plant", "created"), Step("oem", "check", "arrived")),
    "queued test -> tested": (Step("oem", "check", "started"), Step("oem", "check", "finished")),
    "tested -> shipped": (Step("oem", "check", "finished"), Step("oem", "delivery", "sent")),
    "shipped -> stocked": (Step("oem", "delivery", "sent"), Step("remanufacturer", "serviceable", "stocked")),
    "stocked -> sold": (
        Step("remanufacturer", "serviceable", "stocked"),
        Step("remanufacturer", "serviceable", "issued"),
    ),
    "sold -> installed": (Step("remanufacturer", "serviceable", "issued"), Step("fleet", "vehicles", "installed")),
    **{
        f"in use -> {end}": (Step("fleet", "vehicles", "installed"), Step("fleet", "vehicles", end))
        for end in ("maintained", "failed", "retired", "replaced")
    },
    **{
        f"maintained -> {end}": (Step("fleet", "vehicles", "maintained"), Step("fleet", "vehicles", end))
        for end in ("maintained", "failed", "degraded", "retired", "replaced")
    },
    **{
        f"{end} -> removed": (Step("fleet", "vehicles", end), Step("fleet", "vehicles", "removed"))
        for end in ("failed", "degraded", "retired", "replaced")
    },
    "removed -> kept": (Step("fleet", "vehicles", "removed"), Step("fleet", "kept", "left")),
    "removed -> lost to export": (Step("fleet", "vehicles", "removed"), Step("fleet", "exported", "left")),
    "received -> identified": (Step("dismantler", "grading", "arrived"), Step("dismantler", "grading", "started")),
    "identified -> visually graded": (
        Step("dismantler", "grading", "started"),
        Step("dismantler", "grading", "finished"),
    ),
    "graded -> hold": (Step("dismantler", "grading", "finished"), Step("dismantler", "yard", "sent")),
    "graded -> harvest": (Step("dismantler", "grading", "finished"), Step("dismantler", "harvesting", "arrived")),
    "harvest -> parts out": (Step("dismantler", "harvesting", "started"), Step("dismantler", "harvesting", "finished")),
    "graded -> dispose": (Step("dismantler", "grading", "finished"), Step("dismantler", "landfill", "left")),
    "graded -> resell as is": (Step("dismantler", "grading", "finished"), Step("dismantler", "resale", "left")),
    "hold -> queued bench": (Step("dismantler", "yard", "sent"), Step("dismantler", "", "sent")),
    "graded -> queued bench, recycle or reman": (
        Step("dismantler", "grading", "finished"),
        Step("dismantler", "", "sent"),
    ),
    "queued bench -> bench tested": (Step("tester", "bench", "started"), Step("tester", "bench", "finished")),
    "bench tested -> disposition": (Step("tester", "bench", "finished"), Step("tester", "", "sent")),
    "queued lab -> destroyed": (Step("tester", "lab", "started"), Step("tester", "lab", "finished")),
    "sent -> recycled": (Step("tester", "", "sent"), Step("recycler", "shred", "left")),
    "harvested -> recycled": (Step("dismantler", "harvesting", "finished"), Step("dismantler", "", "sent")),
    "sent -> received": (Step("dismantler", "", "sent"), Step("remanufacturer", "teardown", "arrived")),
    "tested -> received": (Step("tester", "", "sent"), Step("remanufacturer", "teardown", "arrived")),
    "disassembled -> washed": (
        Step("remanufacturer", "teardown", "finished"),
        Step("remanufacturer", "wash", "arrived"),
    ),
    "washed -> component inspected": (
        Step("remanufacturer", "wash", "finished"),
        Step("remanufacturer", "inspect", "arrived"),
    ),
    "inspected -> scrap": (Step("remanufacturer", "inspect", "finished"), Step("remanufacturer", "", "sent")),
    "rework -> machined": (
        Step("remanufacturer", "inspect", "finished"),
        Step("remanufacturer", "machining", "arrived"),
    ),
    "reuse, replace -> assembled": (
        Step("remanufacturer", "inspect", "finished"),
        Step("remanufacturer", "assembly", "arrived"),
    ),
    "machined -> assembled": (
        Step("remanufacturer", "machining", "finished"),
        Step("remanufacturer", "assembly", "arrived"),
    ),
    "assembled -> end of line": (
        Step("remanufacturer", "assembly", "finished"),
        Step("remanufacturer", "end_of_line", "arrived"),
    ),
    "pass -> reman stock": (
        Step("remanufacturer", "end_of_line", "finished"),
        Step("remanufacturer", "serviceable", "stocked"),
    ),
    "fail -> rework": (
        Step("remanufacturer", "end_of_line", "finished"),
        Step("remanufacturer", "assembly", "arrived"),
    ),
    "third fail -> harvest": (
        Step("remanufacturer", "end_of_line", "finished"),
        Step("remanufacturer", "harvesting", "arrived"),
    ),
    "removed -> core returned": (Step("fleet", "vehicles", "removed"), Step("fleet", "", "sent")),
    "core returned -> consolidated": (Step("fleet", "", "sent"), Step("fleet", "", "departed")),
    "consolidated -> received": (Step("fleet", "", "departed"), Step("dismantler", "grading", "arrived")),
}
"""Transitions by the words of the state machine: the two rows, one after the other, that a unit leaves of each."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("transmission")


@pytest.fixture(scope="module")
def taken(scenario: Scenario) -> Counter[tuple[Step, Step]]:
    """How often each pair of rows follows one another in the history of a unit."""
    sections = sections_of(scenario)
    world = World(expand(sections), seed=7, sections=sections, log=Log())
    world.run_until(scenario.time.horizon_days)
    rows = world.log.events.read()
    order = np.argsort(rows["unit"], kind="stable")
    unit, code = rows["unit"][order], rows["code"][order]
    follows = unit[1:] == unit[:-1]
    pairs, counts = np.unique(np.stack([code[:-1][follows], code[1:][follows]]), axis=1, return_counts=True)
    words = [_step(world, scenario, int(one)) for one in np.unique(pairs)]
    step = dict(zip(np.unique(pairs).tolist(), words, strict=True))
    found: Counter[tuple[Step, Step]] = Counter()
    for one, two, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
        found[step[one], step[two]] += count
    return found


def _step(world: World, scenario: Scenario, code: int) -> Step:
    name = list(world.network)[code >> EVENT_BITS]
    assert world.chain is not None
    party = world.chain.owner(name)
    role = scenario.parties[party].role if party else ""
    block = name.partition(".")[2] if name.startswith(f"{party}.") and party else ""
    return Step(role, block, EVENTS[code & (1 << EVENT_BITS) - 1])


@pytest.mark.parametrize("transition", TRANSITIONS)
def test_a_transition_that_the_packaged_policies_allow_is_taken(
    transition: str, taken: Counter[tuple[Step, Step]]
) -> None:
    assert taken[TRANSITIONS[transition]] > 0


def test_every_answer_that_the_packaged_rule_can_give_leads_somewhere_else(scenario: Scenario) -> None:
    network = expand(sections_of(scenario))
    rule = scenario.policies.disposition
    for name, party in scenario.parties.items():
        if isinstance(party, Dismantler):
            answers = network[f"{name}.grading"].to.answers  # type: ignore[union-attr]
            assert set(answers) == {"reman", "recycle", "test", "destroy", "harvest", "dispose", "hold", "resell"}
            assert len(set(answers.values())) == len(answers)
            assert rule.held in network[f"{name}.yard"].to.answers  # type: ignore[union-attr]


def test_every_role_of_the_state_machine_is_in_the_scenario(scenario: Scenario) -> None:
    roles = {party.role for party in scenario.parties.values()}

    assert roles >= {"oem", "fleet", "dismantler", "tester", "remanufacturer", "recycler"}
