"""Refusals of a protected round, and whom they blame."""

from __future__ import annotations

from collections.abc import Iterable


class ProtectionError(Exception):
    """A protection was refused: a wrong word, wrong parties, a value out of range. `parties` are those concerned."""

    def __init__(self, message: str, parties: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.parties = tuple(parties)


class SenderError(ProtectionError):
    """What came from one sender proves by itself to be wrong: `parties` holds that sender alone."""

    def __init__(self, sender: str, fault: str) -> None:
        super().__init__(f"envelope from {sender!r} refused: {fault}", (sender,))


class RoundError(ProtectionError):
    """An opened sum is wrong and nothing says whose fault it is: `parties` cannot be told apart."""

    def __init__(self, fault: str, parties: Iterable[str]) -> None:
        suspects = tuple(parties)
        super().__init__(f"round refused: {fault}; cannot be told apart: {', '.join(suspects)}", suspects)
