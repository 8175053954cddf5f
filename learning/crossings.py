"""Everything that crosses a party's border, one row each. Byte counts differ from run to run: no digest covers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

COORDINATOR = "coordinator"
"""Who carries and sums updates. No party may have this name."""

Form: TypeAlias = Literal["clear", "cipher", "out_of_band"]
"""Readable on the way; encrypted; handed over on a way the coordinator does not carry (as keys must be)."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Something that crossed a border."""

    day: float
    """When, in days of the run."""
    sender: str
    """Party that it left."""
    receiver: str
    """Party that it reached."""
    purpose: str
    """What it was for: `channel key`, `update`, `sum`, `rows`."""
    clear_or_cipher: Form
    """Whether it could be read on the way."""
    bytes: int
    """Its true length on the wire, envelope included."""
    readable_by: tuple[str, ...]
    """Everybody other than the sender who holds what opens it, the receiver or not."""
    content: str
    """What was in it."""


def crossing(
    day: float,
    sender: str,
    receiver: str,
    purpose: str,
    size: int,
    readable_by: tuple[str, ...],
    content: str,
    form: Form = "cipher",
) -> Crossing:
    """Return a crossing of `size` bytes, encrypted unless said."""
    return Crossing(
        day=day,
        sender=sender,
        receiver=receiver,
        purpose=purpose,
        clear_or_cipher=form,
        bytes=size,
        readable_by=readable_by,
        content=content,
    )
