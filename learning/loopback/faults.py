"""How a fault in one process is told to the one that started it, and which of several faults tells most."""

from __future__ import annotations

import traceback
from typing import TypeGuard

from learning import faults
from learning.faults import ProtectionError
from learning.loopback.messages import Message

FAULT = "fault"
_CLASSES: dict[str, type[ProtectionError]] = {
    one.__name__: one for one in (ProtectionError, faults.SenderError, faults.RoundError)
}


class LostError(ProtectionError):
    """A process that ended, or says nothing. What it did is unknown; `parties` holds its party."""

    def __init__(self, party: str, what: str) -> None:
        super().__init__(f"the process of {party!r} {what}", (party,))


class SilentError(LostError):
    """A process that is there and does not answer in time."""


class GoneError(LostError):
    """A process that closed its end of a wire: of all faults the one that says least, as every end brings others."""


class CrashError(LostError):
    """A process that failed in a way that nobody foresaw."""


_CLASSES |= {one.__name__: one for one in (LostError, SilentError, GoneError, CrashError)}
_TELLING = (CrashError, SilentError, LostError, GoneError)


def weight(fault: ProtectionError) -> int:
    """Return the place of a fault among several of one round, the most telling first: a refusal before a loss."""
    kinds = [place for place, kind in enumerate(_TELLING, 1) if type(fault) is kind]
    return kinds[0] if kinds else 0


def told(fault: BaseException, party: str) -> Message:
    """Return what a process says of a fault: a refusal as it is, anything else by its kind and place alone.

    What an unforeseen error says may hold what its process must keep.
    """
    if not isinstance(fault, ProtectionError):
        last = traceback.extract_tb(fault.__traceback__)[-1]
        place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
        fault = CrashError(party, f"failed with {type(fault).__name__} at {place}")
    kind = next(name for name, one in _CLASSES.items() if one is _known(type(fault)))
    return Message(FAULT, {"kind": kind, "text": str(fault), "parties": list(fault.parties)})


def heard(message: Message, teller: str) -> ProtectionError:
    """Return the fault that a process told, which is believed; the fault of the process if it told none."""
    kind, text, parties = (message.fields.get(name) for name in ("kind", "text", "parties"))
    if not isinstance(kind, str) or kind not in _CLASSES or not isinstance(text, str) or not _are_names(parties):
        return LostError(teller, "told of a fault and not of which")
    found = _CLASSES[kind]
    fault = found.__new__(found)
    ProtectionError.__init__(fault, text, parties)
    return fault


def _are_names(parties: object) -> TypeGuard[list[str]]:
    return isinstance(parties, list) and all(isinstance(party, str) for party in parties)


def _known(kind: type[BaseException]) -> type[BaseException]:
    return next(one for one in kind.__mro__ if one in _CLASSES.values())
