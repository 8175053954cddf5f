"""The files of the product, as the contracts read them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("sim", "learning", "verify", "scenarios", "looptwin")

_NOT_OURS = {
    "__pycache__",
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "build",
    "dist",
    "runs",
}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Give every module of the rooms: its dotted name and its file."""
    found = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def files(root: Path = ROOT) -> Iterator[Path]:
    """Give every file of a checkout, without what tools leave behind."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS)
        yield from (Path(folder) / name for name in sorted(names) if name not in _NOT_OURS)


def texts(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Give every text file of a checkout: its path from the root, and its text."""
    for path in files(root):
        data = path.read_bytes()
        if b"\0" not in data:
            yield path.relative_to(root).as_posix(), data.decode("utf-8", errors="replace")
