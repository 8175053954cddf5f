"""Save a world and bring another one to where it was: a resumed run is bit for bit the uninterrupted one.

Saved are the clock, the calendar, every unit in the system, and of each block and extension the attributes it names in
`STATE`. Luck has no state, so none is saved. Rows already logged are not saved either: the log of a resumed world holds
the rows that follow.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.plain import Saved, ToPlain, ToState

if TYPE_CHECKING:
    from sim.world import World

FORMAT: Final = 1
"""Number of the form in which worlds are saved; another one is refused."""

COUNTED: Final = ("created", "gone", "closed")
"""What a world itself keeps beside its clock, calendar, blocks and extensions."""


def snapshot(world: World) -> Saved:
    """Return everything on which the rest of the run depends, as plain JSON values.

    To be asked between two calls of `run_until`, never from inside an event.
    """
    to_plain = ToPlain(world)
    saved = {
        "format": FORMAT,
        **_origin(world),
        "day": world.now,
        **{name: getattr(world, name) for name in COUNTED},
        "calendar": to_plain.calendar(),
        "blocks": {name: to_plain.part(block) for name, block in world.blocks.items()},
        "extensions": {name: to_plain.part(extension) for name, extension in world.extensions.items()},
    }
    return {**saved, "units": to_plain.units()}


def fill(world: World, saved: Saved) -> None:
    """Bring a world that has not begun (`begin=False`) to where the saved one was.

    Raises ValueError when the world has begun, or when the saved one has another format, network, seed, replication or
    sections; the world is then unchanged.
    """
    if world.engine.queue or world.created:
        raise ValueError("only a world that has not begun can be filled: make it with begin=False")
    check(saved)
    for key, value in _origin(world).items():
        if saved[key] != value:
            raise ValueError(f"the world was saved with another {key}: {saved[key]}, here it is {value}")
    to_state = ToState(world, saved)
    world.engine.clock._now = saved["day"]
    for name in COUNTED:
        setattr(world, name, saved[name])
    for name, block in world.blocks.items():
        to_state.part(block, saved["blocks"][name])
    for name, extension in world.extensions.items():
        to_state.part(extension, saved["extensions"][name])
    for extension in world.extensions.values():
        if hasattr(extension, "filled"):
            extension.filled()


def check(saved: object) -> None:
    """Raise ValueError for what is not a saved world of the format that is read here."""
    if not isinstance(saved, dict) or not {"format", "calendar"} <= set(saved):
        raise ValueError("this is not a saved world")
    if saved["format"] != FORMAT:
        raise ValueError(f"a world saved in format {saved['format']} cannot be read here, only format {FORMAT}")


def write(saved: Saved, path: Path) -> None:
    """Write a saved world; whoever reads `path` meanwhile sees the old file or the new one, never half of one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(saved, file, allow_nan=False, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path) -> Saved:
    """Return the saved world in a file. Raises ValueError with the path when it holds none that can be read here."""
    try:
        saved: Saved = json.loads(path.read_text(encoding="utf-8"))
        check(saved)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return saved


def _origin(world: World) -> Saved:
    """What a world is made of: it must be the same before and after."""
    sections = {name: asdict(part.sections) for name, part in world.extensions.items() if hasattr(part, "sections")}
    return {
        "network": digest({name: asdict(config) for name, config in world.network.items()}),
        "sections": digest(sections),
        "seed": world.streams.seed,
        "replication": world.streams.replication,
    }


def digest(values: Mapping[str, Any]) -> str:
    """Return a digest of plain values, equal for equal values in any order of their names."""
    return blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=16).hexdigest()
