"""What happens inside a worker: it settles, unpacks its assignment, performs items and posts the answers."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any, TypeVar

from looptwin.errors import RunFailed, UserError
from looptwin.replications.spawning import HOME

Item = TypeVar("Item")

LONGEST_LETTER = 8192
"""Bytes of a result that pass the pipe in one piece; a worker killed within a longer one would hang its parent."""


@dataclass(frozen=True)
class Answer:
    """What a worker sends back: a pickled result or the file that holds it, or what went wrong and where."""

    letter: bytes | Path = b""
    error: UserError | str | None = None
    trace: str = ""


@dataclass(frozen=True)
class _Post:
    """What a worker was given when it started."""

    assignment: bytes
    home: Path
    spool: Path


_post: _Post
_unpacked: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def settle(assignment: bytes, home: Path, spool: Path) -> None:
    """Prepare a new worker. Nothing here may raise: the pool would break and print a traceback."""
    global _post  # noqa: PLW0603 - a worker process has one assignment, given once
    _post = _Post(assignment, home, spool)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output is the caller's, who may be printing one JSON document there.
    sys.stdout.flush()
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def perform(place: int) -> Answer:
    """Do one item of the assignment; whatever goes wrong becomes the answer."""
    try:
        work, items = _unpack()
        return Answer(_letter(work(items[place]), place))
    except UserError as error:
        return Answer(error=error)
    except BaseException as error:  # noqa: BLE001 - a worker has no caller; what happened is told to the parent
        return Answer(error=sentence(error), trace=traceback.format_exc())


def _unpack() -> tuple[Callable[[Any], Any], Sequence[Any]]:
    """The work and all items, read at the first use: an import that fails here is told like any other error."""
    global _unpacked  # noqa: PLW0603 - see above
    if _unpacked is None:
        if _post.home != HOME:
            raise RunFailed(f"a worker found another looptwin ({HOME}) than its parent's ({_post.home})")
        _unpacked = pickle.loads(_post.assignment)  # noqa: S301 - written by the parent process a moment ago
    return _unpacked


def _letter(result: Any, place: int) -> bytes | Path:
    data = pickle.dumps(result)
    if len(data) <= LONGEST_LETTER:
        return data
    path = _post.spool / f"{os.getpid()}-{place}"
    path.write_bytes(data)
    return path


class _Packer(pickle.Pickler):
    """Refuses what only the main module knows, which no worker imports."""

    def reducer_override(self, value: Any) -> Any:
        if getattr(value, "__module__", None) == "__main__" and hasattr(value, "__qualname__"):
            raise UserError(
                f"'{value.__qualname__}' is defined in the main script or notebook, which workers do not import; "
                "move it into a module of its own, or use one worker"
            )
        return NotImplemented


def pack(work: Callable[[Item], Any], items: Sequence[Item]) -> bytes:
    """The work and all items as bytes, sent once per worker: what the items share is then sent once."""
    packed = BytesIO()
    try:
        _Packer(packed).dump((work, items))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise UserError(
            f"this work cannot be sent to workers ({error}); define its functions at the top level of a module, "
            "or use one worker"
        ) from error
    return packed.getvalue()


def sentence(error: BaseException) -> str:
    """Return what an error says, in one line with its kind."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
