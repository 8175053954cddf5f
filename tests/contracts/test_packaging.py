"""What is shipped: five packages with their scenarios and types, and neither tests nor benchmarks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.contracts.product import ROOMS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = set(ROOMS)


def build(source: Path, target: str, folder: Path) -> Path:
    """Build one distribution of a source tree with the installed hatchling, without a network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=source,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(ROOT, "sdist", folder)) as archive:
        archive.extractall(folder, filter="data")
    (top,) = (path for path in folder.iterdir() if path.is_dir())
    return top


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def shipped(root: Path) -> set[str]:
    """Give every source file of the five packages: modules, scenarios, marks of types, templates."""
    paths = (path for room in ROOMS for path in (root / room).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix() for path in paths if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_five_packages_and_nothing_else(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in names(wheel)} == {*PACKAGES, "looptwin-0.1.0.dist-info"}


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    inside = {name for name in names(wheel) if name.partition("/")[0] in PACKAGES}

    assert inside == shipped(ROOT)


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, unpacked: Path, tmp_path: Path) -> None:
    assert names(build(unpacked, "wheel", tmp_path)) == names(wheel)


def test_the_source_distribution_holds_neither_tests_nor_benchmarks(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir() if path.is_dir()} == PACKAGES


def test_the_wheel_names_the_command_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        command = archive.read("looptwin-0.1.0.dist-info/entry_points.txt").decode()
        licence = archive.read("looptwin-0.1.0.dist-info/licenses/LICENSE").decode()

    assert "looptwin = looptwin.command:main" in command
    assert licence == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_packaged_scenarios_are_read_from_the_wheel_itself(wheel: Path, tmp_path: Path) -> None:
    code = "from importlib.resources import files; print((files('scenarios') / 'mm3.yaml').read_text())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "looptwin: 1" in done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_each_package_says_that_it_is_typed(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()


def test_each_folder_with_modules_is_a_regular_package() -> None:
    """A user's folder `scenarios/` with no `__init__.py` stands in front of a room that has none either."""
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")} | {ROOT / room for room in ROOMS}

    assert not [path.relative_to(ROOT).as_posix() for path in folders if not (path / "__init__.py").is_file()]


def test_no_other_distribution_brings_a_package_of_our_names() -> None:
    brought = packages_distributions()

    assert {name for room in ROOMS for name in brought.get(room, [])} <= {"looptwin"}


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    pins = dict(_pins())
    wanted = [Requirement(line) for line in (*PROJECT["project"]["dependencies"], *_extra("dev"), *_build_system())]

    outside = [str(one) for one in wanted if pins.get(canonicalize_name(one.name), "") not in one.specifier]
    assert not outside


def test_constraints_pin_names_to_versions_and_say_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert not [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.+!]*|#.*", line)]


def _pins() -> list[tuple[str, str]]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return [(canonicalize_name(name), version) for name, version in pairs]


def _extra(name: str) -> list[str]:
    return list(PROJECT["project"]["optional-dependencies"][name])


def _build_system() -> list[str]:
    return list(PROJECT["build-system"]["requires"])


def test_every_rule_that_the_checks_leave_out_has_its_reason_on_its_line() -> None:
    ruff = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("\nignore = [")[2]
    rules = re.findall(r'^ +"[A-Z]+[0-9]*",(.*)$', ruff, re.MULTILINE)

    assert rules
    assert not [rest for rest in rules if not re.fullmatch(r"  # \w.{10,}", rest)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` reads of a checkout, in a folder of its own."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, tmp_path)
    return tmp_path


def planned(target: str, checkout: Path) -> str:
    """Give the commands that `make` would run for a target."""
    done = subprocess.run(["make", "--dry-run", target], cwd=checkout, capture_output=True, text=True, check=True)  # noqa: S607 -- the user's make
    return done.stdout


TARGETS = ["demo", "test", "check", "truth", "bench", "docs"]


@pytest.mark.parametrize("target", TARGETS)
def test_make_sets_up_its_environment_from_the_pins(target: str, checkout: Path) -> None:
    plan = planned(target, checkout)

    assert "-m venv .venv" in plan
    assert plan.count("pip install") == plan.count("--constraint constraints.txt") > 0


@pytest.mark.parametrize("target", TARGETS)
def test_make_installs_nothing_once_the_environment_stands(target: str, checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "installed").touch()

    plan = planned(target, checkout)

    assert plan
    assert "pip" not in plan
