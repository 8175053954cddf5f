"""The check at the door: the rooms that Python finds are looptwin's own.

The rooms keep plain names, so a user's `sim.py` beside a notebook, or another distribution's `verify`, can stand in
front of them. `looptwin` asks once, at import, before any room is loaded: nothing of the stranger is run.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

ROOMS = ("sim", "learning", "verify", "scenarios")

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class ShadowedRoomError(ImportError):
    """Another module stands in front of one of looptwin's own packages."""


def check_rooms() -> None:
    """Refuse to start when a room is not looptwin's own.

    Raises ShadowedRoomError, whose message names every stranger. Started as a command, prints that message instead and
    exits with status 2: it is a mistake of the user's, and no `main` runs yet that could catch it.
    """
    strangers = {room: place for room in ROOMS if (place := _stranger(room)) is not None}
    if not strangers:
        return
    message = _sentence(strangers)
    if _is_command():
        sys.stderr.write(message + "\n")
        raise SystemExit(2)
    room, place = next(iter(strangers.items()))
    raise ShadowedRoomError(message, name=room, path=place)


def _stranger(room: str) -> str | None:
    """Return what Python finds under a room's name when it is not the room, and None when it is."""
    try:
        spec = find_spec(room)
    except ValueError:  # a module made by hand: imported, but without a spec
        return f"a module named {room} that is already imported"
    if spec is None:
        return "nothing"
    if spec.has_location and spec.origin is not None:
        return None if _same(spec.origin, os.path.join(_HOME, room, "__init__.py")) else spec.origin
    return next(iter(spec.submodule_search_locations or ()), spec.origin or "a module without a file")


def _same(found: str, own: str) -> bool:
    return found == own or os.path.realpath(found) == os.path.realpath(own)


def _sentence(strangers: dict[str, str]) -> str:
    found = " and ".join(f"{place} in place of its own package '{room}'" for room, place in strangers.items())
    return f"looptwin cannot start: Python finds {found}; rename, move or uninstall what stands in front"


def _is_command() -> bool:
    """Tell `looptwin ...` and `python -m looptwin ...` from an import by a script or a notebook."""
    program = sys.argv[0] if sys.argv else ""
    # "-m" is Python's own placeholder while it still looks for the module that it was asked to run.
    return program == "-m" or os.path.splitext(os.path.basename(program))[0] == "looptwin"
