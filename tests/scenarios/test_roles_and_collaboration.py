"""What parties and their collaboration need of each other is told before the run, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.expansion import expanded
from scenarios.load import load
from scenarios.scenario import Scenario
from tests.scenarios.telling import HEAD, LINE, lines

CHILD = "looptwin: 1\nextends: transmission-small\n"


@pytest.fixture(scope="module")
def small() -> Scenario:
    """The packaged small chain."""
    return load("transmission-small")


def told(scenario: Scenario, **change: object) -> list[str]:
    """Override a scenario with what must be refused; return the lines."""
    with pytest.raises(ScenarioError) as refusal:
        scenario.override({key.replace("__", "."): value for key, value in change.items()})
    return str(refusal.value).splitlines()


# --- collaboration ---

ONE_SITE = "parties: {south: null, west: null}\nlanes: {cabs_south: null, vans_west: null, tow_west: null}\n"


@pytest.mark.parametrize("mode", ["federated", "centralised"])
def test_a_collaboration_takes_two_dismantlers(tmp_path: Path, mode: str) -> None:
    found = lines(tmp_path, f"{CHILD}{ONE_SITE}collaboration: {{mode: {mode}}}\n")

    assert found == [
        f"probe.yaml:5:23: collaboration.mode: '{mode}' takes two dismantlers or more, and the scenario has one"
    ]


@pytest.mark.parametrize("mode", ["none", "oracle"])
def test_one_dismantler_is_enough_where_nobody_learns_together(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(f"{CHILD}{ONE_SITE}collaboration: {{mode: {mode}}}\n", encoding="utf-8")

    assert load(path).collaboration.mode == mode


def test_a_collaboration_takes_parties(tmp_path: Path) -> None:
    for mode, who in (("federated", "two dismantlers or more"), ("oracle", "a dismantler")):
        found = lines(tmp_path, f"{LINE}collaboration: {{mode: {mode}}}\n")

        assert [line.partition(": ")[2] for line in found] == [
            f"collaboration.mode: '{mode}' takes {who}, and the scenario has no parties"
        ]


@pytest.mark.parametrize(("name", "sites"), [("transmission-small", 3), ("five-factories", 5)])
@pytest.mark.parametrize("protection", ["threshold", "compact"])
def test_no_more_parties_open_a_sum_than_learn(name: str, sites: int, protection: str) -> None:
    asked = {"collaboration.protection": protection, "collaboration.threshold": sites + 1}
    with pytest.raises(ScenarioError) as refusal:
        load(name).override(asked)

    told = f"collaboration.threshold: {sites + 1} is more than the {sites} parties that learn together"
    assert str(refusal.value).endswith(told)
    assert load(name).override({**asked, "collaboration.threshold": sites}).collaboration.threshold == sites


def test_a_site_that_goes_missing_is_one_of_the_dismantlers(tmp_path: Path) -> None:
    found = lines(tmp_path, f"{CHILD}collaboration: {{absences: {{nort: {{from_round: 3}}}}}}\n")

    assert len(found) == 1
    assert found[0].startswith("probe.yaml:3:28: collaboration.absences.nort: there is no site 'nort'; there are ")
    assert found[0].endswith("did you mean 'north'?")


@pytest.mark.parametrize("day", [1825, 1826.5, 99999])
def test_a_training_that_leaves_nothing_to_decide_is_refused(tmp_path: Path, day: float) -> None:
    found = lines(tmp_path, f"{CHILD}collaboration: {{train_until_days: {day}}}\n")

    told = f"day {day:g} is not before the end of the run, time.horizon_days 1825"
    assert found == [f"probe.yaml:3:35: collaboration.train_until_days: {told}"]


def test_a_horizon_that_ends_before_the_training_is_refused(small: Scenario) -> None:
    later = small.override({"collaboration.train_until_days": 700})

    (line,) = told(later, time__horizon_days=600)
    assert "collaboration.train_until_days: day 700 is not before the end of the run" in line
    assert later.override({"time.horizon_days": 701}).collaboration.train_until_days == 700


# --- roles ---


def test_without_a_tester_no_grade_can_be_tested(small: Scenario) -> None:
    (line,) = told(small, parties__tester_north=None)

    assert "policies.disposition.C: cores of grade C are to be tested, and the scenario has no tester" in line
    (line,) = told(
        small,
        parties__tester_north=None,
        policies__disposition__C={"destroy": 0.5, "reman": 0.5, "test": None, "hold": None},
    )
    assert "policies.disposition.C: cores of grade C are to be tested to destruction, and the scenario has no" in line
    assert small.override({"parties.tester_north": None, "policies.disposition.C": "reman"})


def test_returns_can_fall_to_nothing(small: Scenario) -> None:
    blocks = expanded(small.override({"returns.probability": 0}))

    retired, exchanged = blocks["hire.vehicles"].to  # type: ignore[union-attr, misc]
    assert exchanged.to == pytest.approx({"hire_north": 0.0, "hire.exported": 0.3, "hire.kept": 0.7})  # type: ignore[union-attr]
    assert retired.in_ == ["retired"]  # type: ignore[union-attr]
    assert retired.to["hire_north_retired"] == 0.6  # type: ignore[union-attr, index]


@pytest.mark.parametrize(
    ("party", "role", "message"),
    [
        ("second", "remanufacturer", "one remanufacturer holds the serviceable stock, and remanco is one"),
        ("plant", "oem", "one oem delivers new units to it, and gearworks is one"),
    ],
)
def test_a_second_of_a_kind_that_there_is_one_of_is_refused(
    small: Scenario, party: str, role: str, message: str
) -> None:
    found = told(small, **{f"parties__{party}": {"role": role}})

    assert found == [f"override parties.{party}: parties.{party}: {message}"]


def test_further_testers_dismantlers_and_fleets_join_without_a_word(small: Scenario) -> None:
    larger = small.override(
        {
            "parties.rig": {"role": "tester"},
            "parties.east": {"role": "dismantler"},
            "parties.lorries": {"role": "fleet", "vehicles": 5, "duty": "taxi"},
        }
    )
    blocks = expanded(larger)

    ways = {f"lorries_{dismantler}" for dismantler in ("east", "north", "south", "west")}
    assert set(blocks["lorries.collection"].to) == ways  # type: ignore[union-attr,arg-type]
    assert set(blocks["east.grading"].to.answers) == {  # type: ignore[union-attr]
        *("reman", "recycle", "harvest", "dispose", "hold", "resell"),
        *("test", "test:tester_north", "destroy", "destroy:tester_north"),
    }


def test_a_recycler_to_whom_nobody_sends_is_told_at_its_place(small: Scenario) -> None:
    (line,) = told(small, parties__zinc={"role": "recycler"})

    assert line.startswith("override parties.zinc: parties.zinc.blocks.shred: no unit ever comes to this sink")
    lane = {"from": "north", "to": "zinc", "days": 2}
    assert small.override({"parties.zinc": {"role": "recycler"}, "lanes.north_zinc": lane})


def test_a_chain_without_a_remanufacturer_is_told_so_once(tmp_path: Path) -> None:
    found = lines(tmp_path, f"{CHILD}parties: {{remanco: null}}\n")

    assert any("a chain of parties needs a remanufacturer, who holds the serviceable stock" in line for line in found)
    assert not any("no unit ever comes" in line for line in found)


# --- names ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "parties: {outside: {role: recycler}}",
            "parties.outside: 'outside' is a name that looptwin uses itself; give another",
        ),
        (
            "parties: {demand: {role: recycler}}",
            "parties.demand: 'demand' is a name that looptwin uses itself; give another",
        ),
        (
            "parties: {coordinator: {role: dismantler}}",
            "'coordinator' is a name that looptwin uses itself; give another",
        ),
        ("blocks: {north: {kind: sink}}", "blocks.north: 'north' is a party and a block; one needs another name"),
        (
            "lanes: {metals: {from: north, to: remanco, days: 2}}",
            "lanes.metals: 'metals' is a party and a lane; one needs another name",
        ),
        (
            "lanes: {yard: {from: north, to: remanco, days: 2}}\nblocks: {yard: {kind: sink}}",
            "'yard' is a block and a lane; one needs another name",
        ),
        (
            "lanes: {north_metals: {from: south, to: metals, days: 2}}",
            "parties.north: the lane from north to metals would be called north_metals, as another one is; write it",
        ),
    ],
)
def test_two_things_of_one_name_are_told_apart(tmp_path: Path, text: str, message: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert len(found) == 1, found
    assert message in found[0]


@pytest.mark.parametrize("text", ['parties: {"north.yard": {role: recycler}}', 'blocks: {"north.yard": {kind: sink}}'])
def test_a_name_with_a_dot_would_lead_into_a_party(tmp_path: Path, text: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert any("'north.yard' is no name" in line for line in found), found


# --- work ---

GRADING = "parties: {north: {blocks: {grading: {kind: station, service_hours: 1, "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GRADING + "inspects: bench, to: north_remanco}}}}",
            "parties.north.blocks.grading.inspects: 'bench' is the work of a tester, this block is a dismantler's",
        ),
        (
            GRADING
            + "inspects: visual, to: {decide: tester.verdict, answers: {pass: north_remanco, fail: north_metals}}}}}}",
            "grading.to.decide: 'tester.verdict' is taken by a tester, this block is a dismantler's",
        ),
        (
            GRADING + "inspects: visual, to: {decide: dismantler.disposition, answers: {reman: north_remanco}}}}}}",
            (
                "grading.to.answers: the scenario's rule can answer destroy, dispose, harvest, hold, recycle, resell, "
                "test, and no block stands under that answer"
            ),
        ),
        (
            GRADING + "inspects: visual, to: {decide: dismantler.dispositon, answers: {reman: north_remanco}}}}}}",
            "there is no decision 'dismantler.dispositon'; there are dismantler.disposition, tester.verdict",
        ),
        (
            "parties: {hire: {blocks: {vehicles: {kind: population, size: 3, duty: taxy, to: hire_north}}}}",
            "parties.hire.blocks.vehicles.duty: the product has no duty 'taxy'; it has motorway_hire, taxi, parcel_van",
        ),
    ],
)
def test_work_that_is_not_of_the_partys_role_is_refused(tmp_path: Path, text: str, message: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert any(message in line for line in found), found
    assert any(line.startswith("probe.yaml:3:") for line in found), found


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            "{kind: station, service_days: 1, inspects: visual, to: out}",
            "'visual' is the work of a dismantler, this block is nobody's",
        ),
        (
            "{kind: population, size: 2, duty: taxi, replacement: new, to: out}",
            "a duty wears a product that parties handle",
        ),
    ],
)
def test_without_parties_nothing_is_inspected_or_worn(tmp_path: Path, block: str, message: str) -> None:
    start = "start: {kind: source, interarrival_days: 1, to: it}" if "station" in block else "more: {kind: sink}"
    found = lines(tmp_path, f"{HEAD}blocks: {{it: {block}, out: {{kind: sink}}, {start}}}\n")

    assert any("blocks.it." in line and message in line for line in found), found
