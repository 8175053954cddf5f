"""The scenarios that come with looptwin. Light: `list` reads one line of each and no YAML."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def packaged() -> dict[str, str]:
    """Return the packaged scenarios, name to one-line description: the comment in the first line of each file."""
    return {path.stem: _first_comment(path) for path in sorted(_FOLDER.glob("*.yaml"))}


def packaged_file(name: str) -> Path:
    """Return the file of a packaged scenario."""
    return _FOLDER / f"{name}.yaml"


def _first_comment(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return lines.readline().strip().removeprefix("#").strip()
