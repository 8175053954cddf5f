"""A scenario file and the ones it extends, read and merged into one tree; each value keeps the file it came from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, NoReturn

from scenarios.errors import Problem, ScenarioError, listed, nearest, shown
from scenarios.marks import LARGEST_FILE, read
from scenarios.override import merged
from scenarios.packaged import packaged, packaged_file
from scenarios.tree import Node, Place, plain
from scenarios.validate import refuse_other_versions


class _File(NamedTuple):
    """A scenario file: where it is, and what it is called in messages."""

    path: Path
    shown: str


def read_family(name_or_path: str | Path) -> Node:
    """Return the tree of a packaged name or a path, merged over everything it extends; raise ScenarioError."""
    return _read(_locate(name_or_path, None, None))


def is_path(name_or_path: str | Path) -> bool:
    """Tell whether an argument is a path; anything else is a packaged name."""
    text = str(name_or_path)
    return isinstance(name_or_path, Path) or "/" in text or os.sep in text or text.endswith((".yaml", ".yml"))


def _read(file: _File, descendants: tuple[_File, ...] = (), said_at: Place | None = None) -> Node:
    tree = read(_bytes(file, said_at), file.shown)
    refuse_other_versions(tree)
    extends = tree.entries.get("extends")
    own = Node({key: below for key, below in tree.entries.items() if key != "extends"}, tree.at, tree.keys)
    if extends is None or extends.value is None:
        return own
    if not isinstance(extends.value, str):
        _refuse(extends.at, f"{shown(plain(extends))} is not the name or path of a scenario", plain(extends))
    parent = _locate(extends.value, file, extends.at)
    family = (*descendants, file)
    if parent.path in [relative.path for relative in family]:
        circle = " -> ".join(relative.shown for relative in (*family, parent))
        _refuse(extends.at, f"a scenario cannot extend itself: {circle}", extends.value)
    return merged(_read(parent, family, extends.at), own)


def _locate(name_or_path: str | Path, child: _File | None, said_at: Place | None) -> _File:
    text = str(name_or_path)
    if is_path(name_or_path):
        folder, beside = (Path(), Path()) if child is None else (child.path.parent, Path(child.shown).parent)
        return _File(Path(os.path.normpath(folder / text)), os.path.normpath(beside / text))
    known = tuple(packaged())
    if text not in known:
        is_file = os.path.exists(text)  # noqa: PTH110  # Path.exists raises on a name that is too long
        advice = f"; for a file, write ./{text}" if is_file else ""
        message = f"there is no packaged scenario {shown(text)}; there are {listed(known)}{advice}"
        _refuse(said_at or Place(text or "''"), message, text, known, nearest(text, known))
    return _File(packaged_file(text), f"scenarios/{text}.yaml")


def _bytes(file: _File, said_at: Place | None) -> bytes:
    at = said_at or Place(file.shown)
    subject = f"{file.shown}: " if said_at else ""
    try:
        with file.path.open("rb") as stream:
            # one byte too many shows that there are more, whatever kind of file never ends
            return stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        _refuse(at, f"{subject}there is no such file", suggestion=_near_file(file))
    except IsADirectoryError:
        _refuse(at, f"{subject}this is a folder, not a scenario file")
    except PermissionError:
        _refuse(at, f"{subject}this file may not be read")
    except (OSError, ValueError) as error:
        _refuse(at, f"{subject}this file cannot be read: {getattr(error, 'strerror', None) or error}")


def _near_file(file: _File) -> str | None:
    try:
        names = [path.name for path in file.path.parent.iterdir() if path.suffix in (".yaml", ".yml")]
    except OSError:
        return None
    near = nearest(file.path.name, names)
    return str(Path(file.shown).with_name(near)) if near else None


def _refuse(
    at: Place, message: str, value: object = None, allowed: tuple[str, ...] = (), suggestion: str | None = None
) -> NoReturn:
    raise ScenarioError(
        [
            Problem(
                file=at.file,
                line=at.line,
                column=at.column,
                key="extends" if at.line is not None else "",
                value=value,
                message=message,
                allowed=allowed,
                suggestion=suggestion,
            )
        ]
    )
