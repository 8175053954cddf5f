"""A user's own file or package with a room's name is named in one sentence, and never run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.product import ROOT


def python(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start an interpreter in a user's folder, with looptwin on its path as an installation would put it there."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def stranger(folder: Path, name: str) -> Path:
    """Write a user's own module, which tells on itself when it is run."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("print('the stranger ran')\n")
    return path


@pytest.mark.parametrize("name", ["sim.py", "sim/__init__.py", "learning.py", "verify/__init__.py", "scenarios.py"])
def test_an_import_beside_a_stranger_names_its_file_in_one_sentence(tmp_path: Path, name: str) -> None:
    path = stranger(tmp_path, name)

    done = python("-c", "import looptwin", folder=tmp_path)

    room = path.relative_to(tmp_path).with_suffix("").parts[0]
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == (
        f"looptwin.shadow.ShadowedRoomError: looptwin cannot start: Python finds {path} in place of its own package "
        f"'{room}'; rename, move or uninstall what stands in front"
    )


def test_a_notebook_can_catch_it_as_an_import_error(tmp_path: Path) -> None:
    path = stranger(tmp_path, "sim.py")

    done = python(
        "-c",
        "try:\n    import looptwin\nexcept ImportError as error:\n    print(error.name, error.path)",
        folder=tmp_path,
    )

    assert done.stdout == f"sim {path}\n"


@pytest.mark.parametrize("command", [["list"], ["--help"], ["run", "mm3"]])
def test_a_command_beside_a_stranger_ends_with_status_2_and_one_line(tmp_path: Path, command: list[str]) -> None:
    path = stranger(tmp_path, "sim.py")

    done = python("-m", "looptwin", *command, folder=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert str(path) in line


def test_an_installed_command_beside_a_stranger_ends_with_status_2_and_one_line(tmp_path: Path) -> None:
    """PYTHONPATH puts the user's folder in front even of the installed command."""
    stranger(tmp_path, "sim.py")
    script = tmp_path / "bin" / "looptwin"
    script.parent.mkdir()
    script.write_text("from looptwin.command import main\nmain()\n")

    done = python(str(script), "list", folder=tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_two_strangers_are_named_together(tmp_path: Path) -> None:
    paths = [stranger(tmp_path, "sim.py"), stranger(tmp_path, "verify.py")]

    done = python("-m", "looptwin", "list", folder=tmp_path)

    (line,) = done.stderr.splitlines()
    assert all(str(path) in line for path in paths)


def test_a_stranger_that_is_imported_already_is_named_too(tmp_path: Path) -> None:
    path = stranger(tmp_path, "sim.py")

    done = python("-c", "import sim, sys; sys.path.remove(''); import looptwin", folder=tmp_path)

    assert str(path) in done.stderr.splitlines()[-1]


def test_a_module_made_by_hand_is_named_too(tmp_path: Path) -> None:
    code = "import sys, types; sys.modules['sim'] = types.ModuleType('sim'); import looptwin"

    done = python("-c", code, folder=tmp_path)

    assert "Python finds a module named sim that is already imported in place of" in done.stderr.splitlines()[-1]


def test_a_script_of_the_user_that_bears_a_rooms_name_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sim.py"
    path.write_text("import looptwin\n")

    done = python(str(path), folder=tmp_path)

    assert str(path) in done.stderr.splitlines()[-1]


def test_a_folder_of_the_users_scenario_files_is_no_stranger(tmp_path: Path) -> None:
    """A folder without `__init__.py` never stands in front of a package: a planner may call one `scenarios`."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").touch()

    done = python("-c", "import looptwin, scenarios; print(scenarios.__file__)", folder=tmp_path)

    assert done.stdout.strip() == str(ROOT / "scenarios" / "__init__.py")


def test_a_path_through_a_link_is_still_looptwins_own(tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(ROOT, target_is_directory=True)
    code = "import sys; sys.path.insert(0, 'linked'); import sim; sys.path.pop(0); import looptwin"

    done = python("-c", code, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_room_is_said(tmp_path: Path) -> None:
    """Half an installation is no installation."""
    for room in ("looptwin", "sim"):
        (tmp_path / room).symlink_to(ROOT / room, target_is_directory=True)

    done = python("-S", "-c", "import looptwin", folder=tmp_path, PYTHONPATH="")  # no site: no other installation

    assert "Python finds nothing in place of its own package 'learning'" in done.stderr.splitlines()[-1]
