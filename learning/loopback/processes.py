"""Processes of a federation: started with the ends of their wires, watched, and all ended however it goes.

Every wire is a pair of sockets that the starter makes and hands on: there is no port and no path, nobody else can
connect, and nothing is left behind.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from socket import socket, socketpair

from learning.crossings import COORDINATOR
from learning.faults import ProtectionError, RoundError
from learning.loopback.faults import FAULT, GoneError, LostError, heard, weight
from learning.loopback.messages import Message, decoded
from learning.loopback.patience import left, moment_in
from learning.loopback.wire import Wire

PARTY, CARRIER = "learning.loopback.party", "learning.loopback.carrier"
"""Modules that processes run."""
GRACE_SECONDS = 2.0
"""How long faults are collected once one is known: the first that is heard is seldom the one that tells most."""
_HOME = Path(__file__).resolve().parents[2]
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from importlib import import_module; "
    "import_module(sys.argv[2]).main(sys.argv[3])"
)


@dataclass
class Processes:
    """The processes of one federation and the starter's wires to them. Holds state."""

    wires: dict[str, Wire] = field(default_factory=dict)
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def tell(self, name: str, message: Message) -> None:
        """Say something to a process. Raises LostError naming its party."""
        try:
            self.wires[name].send(message.encode())
        except GoneError:
            raise self._ended(name) from None

    def hear(self, word: str, patience: float) -> dict[str, Message]:
        """Return what each process says next, under this word.

        Raises the most telling of the faults that they report: what one refuses ends the others too. Where nobody says
        anything for `patience` seconds, RoundError.
        """
        said: dict[str, Message] = {}
        with selectors.DefaultSelector() as waiting:
            for name, wire in self.wires.items():
                waiting.register(wire, selectors.EVENT_READ, name)
            while len(said) < len(self.wires):
                ready = waiting.select(patience)
                if not ready:
                    silent = sorted(set(self.wires) - set(said))
                    raise RoundError(f"nobody said anything for {patience:g} s", silent)
                for key, _ in ready:
                    waiting.unregister(key.fileobj)
                    said[key.data] = self._heard(key.data, word, waiting)
        return said

    def _heard(self, name: str, word: str, waiting: selectors.BaseSelector) -> Message:
        found = self._next(name)
        if isinstance(found, Message) and found.word == word:
            return found
        raise self._most_telling(found if isinstance(found, ProtectionError) else self._strange(name), waiting)

    def _next(self, name: str) -> Message | ProtectionError:
        try:
            message = decoded(self.wires[name].receive(), name)
        except GoneError:
            return self._ended(name)
        except ProtectionError as fault:
            return fault
        return heard(message, name) if message.word == FAULT else message

    def _most_telling(self, first: ProtectionError, waiting: selectors.BaseSelector) -> ProtectionError:
        until = moment_in(GRACE_SECONDS)
        best = first
        # who is blamed for its silence need not be waited for
        while self._unheard(waiting) - {*best.parties} and weight(best) and (rest := left(until)) > 0:
            for key, _ in waiting.select(rest):
                waiting.unregister(key.fileobj)
                found = self._next(key.data)
                if isinstance(found, ProtectionError):
                    best = min(best, found, key=weight)
        return best

    def _unheard(self, waiting: selectors.BaseSelector) -> set[str]:
        return {key.data for key in waiting.get_map().values()}

    def _ended(self, name: str) -> ProtectionError:
        try:
            status = self.started[name].wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return LostError(name, "closed its wire")
        return LostError(name, f"was killed by signal {-status}" if status < 0 else f"ended with status {status}")

    def _strange(self, name: str) -> ProtectionError:
        return LostError(name, "said something that was not due")

    def end(self) -> None:
        """End all processes that are still there and give everything back."""
        for process in self.started.values():
            process.kill()
        for process in self.started.values():
            process.wait()
        for wire in self.wires.values():
            wire.close()


@contextmanager
def processes(
    parties: Sequence[str], patience: float, programs: Mapping[str, str] | None = None
) -> Iterator[Processes]:
    """Start a process for each party and one for the coordinator; when the block ends they have ended, all of them.

    programs: module that a process runs, by name; default `PARTY` and `CARRIER`.
    """
    running, own = Processes(), programs or {}
    try:
        with ExitStack() as stack:
            pairs = {party: _pair(stack) for party in parties}
            for party, (near, _) in pairs.items():
                told = {"link": near.fileno()}
                _start(running, party, own.get(party, PARTY), {party: near}, told, patience)
            far = {party: end for party, (_, end) in pairs.items()}
            links = {party: end.fileno() for party, end in far.items()}
            _start(running, COORDINATOR, own.get(COORDINATOR, CARRIER), far, {"links": links}, patience)
        yield running
    finally:
        running.end()


def _pair(ends: ExitStack) -> tuple[socket, socket]:
    near, far = socketpair()
    return ends.enter_context(near), ends.enter_context(far)


def _start(
    running: Processes,
    name: str,
    program: str,
    ends: Mapping[str, socket],
    told: Mapping[str, object],
    patience: float,
) -> None:
    """Start one process, which inherits its `ends` and nothing else."""
    near, control = socketpair()
    running.wires[name] = Wire(near, name, patience)
    with control:
        arguments = json.dumps({"name": name, "control": control.fileno(), **told})
        command = [sys.executable, "-c", _START, json.dumps(_import_path()), program, arguments]
        try:
            running.started[name] = subprocess.Popen(  # noqa: S603 - this interpreter, on this package
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[control.fileno(), *(end.fileno() for end in ends.values())],
                # Ctrl-C at a terminal reaches every process of a session, and ending them is the starter's part
                start_new_session=True,
            )
        except OSError as error:
            raise LostError(name, f"cannot be started ({error.strerror})") from None


def _import_path() -> list[str]:
    """The starter's import path; this package in front where something else would be found under its name."""
    path = [entry or str(Path.cwd()) for entry in sys.path]
    spec = PathFinder.find_spec("learning", path)
    places = () if spec is None else spec.submodule_search_locations or ()
    return path if any(Path(place).resolve().parent == _HOME for place in places) else [str(_HOME), *path]
