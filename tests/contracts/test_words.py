"""What no file of the product says, and how its files are named and cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.product import ROOT, files, texts

# Spelt in pieces, so that this file passes its own test.
HOSTS = re.compile(
    "|".join(
        [
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "registry" + r"\.npm" + r"js\.org",
            "deb" + r"\.debian\.org",
            "ana" + r"conda\.org",
            "extra-" + "index-url",
            "find-" + "links",
        ]
    ),
    re.IGNORECASE,
)
PATHS = re.compile(
    r"(?<![\w.~/-])/(?:"
    + "|".join(["wor" + "k", "hom" + "e", "roo" + "t", "Use" + "rs", "op" + "t", "mn" + "t", "tm" + "p"])
    + r")/"
    r"|\b[A-Z]:\\{1,2}\w"
)
EMPTY_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
LONGEST = 400


def found(pattern: re.Pattern[str], root: Path) -> list[str]:
    """Give place and line wherever a pattern stands in a text of the product."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts(root)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def nameless(root: Path) -> list[str]:
    """Give each module and package whose name does not say what it holds."""
    paths = [path.relative_to(root) for path in files(root) if path.suffix == ".py"]
    return [path.as_posix() for path in paths if EMPTY_NAMES & {part.lower() for part in path.with_suffix("").parts}]


def test_no_file_names_a_package_registry() -> None:
    broken = found(HOSTS, ROOT)

    assert not broken, "\n" + "\n".join(broken)


def test_no_file_names_a_path_of_one_machine() -> None:
    broken = found(PATHS, ROOT)

    assert not broken, "\n" + "\n".join(broken)


def test_every_module_is_named_by_what_it_holds() -> None:
    assert not nameless(ROOT)


def test_no_module_holds_two_ideas_worth_of_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(ROOT)
        if path.suffix == ".py"
    }

    assert not {name: length for name, length in lengths.items() if length > LONGEST}


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (HOSTS, "see https://" + "PyP" + "I.org/project/simpy"),
        (HOSTS, "--" + "find-" + "links wheels"),
        (PATHS, 'open("' + "/wor" + "k/main/runs" + '")'),
        (PATHS, "cd " + "/tm" + "p/a"),
        (PATHS, "C:" + "\\Users"),
    ],
)
def test_a_breach_is_found_at_its_line(tmp_path: Path, pattern: re.Pattern[str], line: str) -> None:
    (tmp_path / "notes.md").write_text(f"first\n{line}\n")

    (place,) = found(pattern, tmp_path)

    assert place.startswith("notes.md:2: ")


@pytest.mark.parametrize(
    "line", ["../wor" + "k/a", "net" + "wor" + "k/a", "runs/tm" + "p/a", "https://a.org/hom" + "e/", "1/mnt"]
)
def test_a_relative_path_is_no_path_of_a_machine(line: str) -> None:
    assert not PATHS.search(line)


@pytest.mark.parametrize("name", ["sim/utils.py", "learning/common/masks.py", "looptwin/Base.py"])
def test_an_empty_name_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()

    assert nameless(tmp_path) == [name]
