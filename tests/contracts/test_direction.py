"""Rooms import in one direction: sim <- (learning, verify) <- scenarios <- looptwin, and no two modules each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contracts.imports import Import, own_imports
from tests.contracts.product import ROOMS, ROOT, modules, parse

PURE = (
    "sim.ageing",
    "sim.backends",
    "sim.config",
    "sim.laws",
    "sim.lubrication",
    "sim.normal",
    "sim.observe",
    "sim.parties.agreed",
    "sim.parties.config",
    "sim.parties.counts",
    "sim.parties.design",
    "sim.parties.factory_plan",
    "sim.parties.footprint",
    "sim.parties.machine_plan",
    "sim.parties.materials",
    "sim.parties.product",
    "sim.records",
    "sim.report",
    "sim.ranges",
    "sim.routing",
    "sim.section",
    "sim.shares",
    "sim.stocks",
    "sim.streams",
    "sim.tolerances",
    "sim.units",
    "sim.usage",
    "sim.wear",
    "sim.worth",
)
"""What learners and judges may know of the world: vocabulary, laws and luck, but no engine and no world."""

MAY_IMPORT = {
    "sim": (),
    "learning": PURE,
    "verify": (*PURE, "learning.crypto"),
    "scenarios": ("sim", "learning", "verify"),
    "looptwin": ("sim", "learning", "verify", "scenarios"),
}
"""What each room may import beside itself: a module named here, or one inside it."""


def is_in(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in names)


def against_direction(root: Path) -> list[str]:
    """Give a sentence with file and line for each import that a room is not allowed."""
    return [
        _say(found, root, f"may import only {', '.join(MAY_IMPORT[room]) or 'itself'}")
        for found in own_imports(root)
        if not is_in(found.target, (room := found.importer.partition(".")[0], *MAY_IMPORT[room]))
    ]


def two_way(root: Path) -> list[str]:
    """Give a sentence for each import that is answered by one the other way.

    A name that only the type checker reads is no dependency of the running program: a block may name the world that is
    handed to it.
    """
    found = [one for one in own_imports(root) if not one.for_types and one.importer != one.target]
    edges = {(one.importer, one.target) for one in found}
    return [_say(one, root, "which imports it back") for one in found if (one.target, one.importer) in edges]


def _say(found: Import, root: Path, why: str) -> str:
    return f"{found.path.relative_to(root)}:{found.line}: {found.importer} imports {found.target}, {why}"


def test_every_room_imports_only_what_stands_below_it() -> None:
    broken = against_direction(ROOT)

    assert not broken, "\n" + "\n".join(broken)


def test_no_two_modules_import_each_other() -> None:
    broken = two_way(ROOT)

    assert not broken, "\n" + "\n".join(broken)


def test_the_pure_parts_of_the_world_lean_on_pure_parts_only() -> None:
    """Otherwise a learner that imports a pure part would reach the engine through it."""
    broken = [
        _say(found, ROOT, "which is not pure")
        for found in own_imports(ROOT)
        if is_in(found.importer, PURE) and not is_in(found.target, PURE)
    ]

    assert not broken, "\n" + "\n".join(broken)


def test_the_pure_parts_of_the_world_know_no_clock_and_no_calendar() -> None:
    broken = [name for name, path in modules().items() if is_in(name, PURE) and _imports_simpy(parse(path))]

    assert not broken


def _imports_simpy(tree: ast.Module) -> bool:
    written = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return any(line.split()[1].startswith("simpy") for line in written)


def test_every_room_holds_modules() -> None:
    """The laws above say nothing about a room that the reader does not find."""
    assert {name.partition(".")[0] for name in modules()} == set(ROOMS)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of five rooms, in which a test plants one breach."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "sim" / "world.py").touch()
    (tmp_path / "sim" / "laws.py").touch()
    (tmp_path / "learning" / "models.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("room", "breach", "target"),
    [
        ("sim", "import learning.models", "learning.models"),
        ("sim", "from scenarios import load", "scenarios"),
        ("sim", "from looptwin import run", "looptwin"),
        ("sim", "import benchmarks", "benchmarks"),
        ("learning", "from sim import laws, world", "sim.world"),
        ("learning", "import verify", "verify"),
        ("learning", "import sim", "sim"),
        ("verify", "from learning.models import train", "learning.models"),
        ("verify", "import importlib; importlib.import_module('learning.models')", "learning.models"),
        ("scenarios", "from looptwin import run", "looptwin"),
    ],
)
def test_a_breach_is_found_wherever_it_hides(house: Path, room: str, breach: str, target: str) -> None:
    (house / room / "planted.py").write_text(f"def later():\n    if True:\n        {breach}\n")

    (line,) = against_direction(house)

    assert line.startswith(f"{room}/planted.py:3: {room}.planted imports {target}, ")


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("learning", "from sim.laws import Law"),
        ("verify", "from learning.crypto import envelope"),
        ("scenarios", "import learning.models, sim.world, verify"),
        ("looptwin", "from . import run; from scenarios import load"),
    ],
)
def test_what_is_allowed_is_not_reported(house: Path, room: str, allowed: str) -> None:
    (house / "learning" / "crypto.py").touch()
    (house / room / "planted.py").write_text(f"{allowed}\n")

    assert against_direction(house) == []


def test_a_two_way_pair_is_found_on_both_its_lines(house: Path) -> None:
    (house / "sim" / "world.py").write_text("from . import laws\n")
    (house / "sim" / "laws.py").write_text("\ndef later():\n    from sim.world import World\n")

    assert two_way(house) == [
        "sim/laws.py:3: sim.laws imports sim.world, which imports it back",
        "sim/world.py:1: sim.world imports sim.laws, which imports it back",
    ]
