"""An end of a protection that somebody listens to: it works as before and keeps all that it is given and gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from learning.protected import Protection


class Recorder:
    """Holds state: everything that passed. The end behind it knows nothing of it."""

    def __init__(self, end: Any) -> None:
        self.end = end
        self.passed: list[object] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.end, name)
        if not callable(found):
            return found

        def called(*given: Any, **named: Any) -> Any:
            answer = found(*given, **named)
            self.passed.append((given, named, answer))
            return answer

        return called


class Tapped(NamedTuple):
    """A federation that works as before, and what was listened to at each place."""

    protected: Protection
    coordinator: Recorder
    parties: dict[str, Recorder]


def tapped(protected: Any) -> Tapped:
    """Return the same federation with every end listened to."""
    coordinator = Recorder(protected.coordinator)
    parties = {party: Recorder(end) for party, end in protected.clients.items()}
    if hasattr(protected, "keyed"):
        keyed = type(protected.keyed)(coordinator, parties)
        return Tapped(replace(protected, keyed=keyed), coordinator, parties)
    return Tapped(replace(protected, coordinator=coordinator, clients=parties), coordinator, parties)
