"""What every process of a federation does alike: it hears its task, plays its role, and tells how that ended.

It leaves Ctrl-C to the process that started it and ends when that one does, however that ends.
"""

from __future__ import annotations

import json
import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning.faults import ProtectionError
from learning.loopback.faults import told
from learning.loopback.messages import Message, decoded, part_of
from learning.loopback.wire import Wire
from learning.sessions.identity import HybridIdentity, PublicHybridIdentity
from learning.sessions.keystore import Keystore, KeystoreError
from learning.sessions.pact import Pact, roster_digest

STARTER = "starter"
"""Who started the processes and handed out rows: the twin's owner."""
TASK, IDENTITY, ROSTER, DONE = "task", "identity", "roster", "done"
KEYSTORE, PASSPHRASE = "keystore", "passphrase"
"""Field and part of a task: where a party's identity is kept, and what opens it."""
START_SECONDS = 300.0
"""How long a process waits for its starter, who waits for all others to import what they need."""


@dataclass(frozen=True, eq=False)
class Known:
    """What a process knows once it has heard the roster: its own identity, and everybody's public one."""

    name: str
    identity: HybridIdentity
    identities: Mapping[str, PublicHybridIdentity]
    undertaking: str
    """Names this federation: nothing of another is taken for it."""

    def pact(self, initiator: str, responder: str, purpose: str) -> Pact:
        """Return the terms of a session between two."""
        return Pact(
            initiator=initiator,
            responder=responder,
            identities=self.identities,
            purpose=purpose,
            roster=roster_digest(self.identities, self.undertaking),
        )


Role = Callable[[Message, Callable[[], Known]], Message]
"""Plays a role: its task, and the function that makes an identity and waits for the roster; gives the last word."""


def play(name: str, control: int, role: Role) -> None:
    """Hear the task by the descriptor `control`, play the role and tell how it ended."""
    wire = Wire(socket.socket(fileno=control), STARTER, START_SECONDS)
    try:
        task = decoded(wire.receive(), STARTER)
        last = role(task, lambda: _introduced(name, wire, task))
    except BaseException as fault:  # noqa: BLE001 - a process has no caller; what happened is told to its starter
        last = told(fault, name)
    wire.send(last.encode())


def _introduced(name: str, wire: Wire, task: Message) -> Known:
    """Make an identity or take it from a keystore, show its public half and hear everybody's."""
    identity = _kept(name, task) if KEYSTORE in task.fields else HybridIdentity()
    wire.send(Message(IDENTITY, parts={"public": identity.public().raw}).encode())
    roster = decoded(wire.receive(), STARTER)
    threading.Thread(target=_end_with_starter, args=(wire.fileno(),), daemon=True).start()
    identities = {party: PublicHybridIdentity(raw) for party, raw in roster.parts.items()}
    return Known(name, identity, identities, roster.fields["undertaking"])


def _kept(name: str, task: Message) -> HybridIdentity:
    try:
        return Keystore(Path(task.fields[KEYSTORE])).open(part_of(task, PASSPHRASE, STARTER).decode())
    except KeystoreError as refused:
        raise ProtectionError(f"the identity of {name!r} cannot be had: {refused}", (name,)) from None


def _end_with_starter(control: int) -> None:
    # nothing more is ever sent this way: what can be read is its end
    select.select([control], [], [])
    os._exit(1)


def opened(arguments: str) -> dict[str, Any]:
    """Return what a process is told on its command line: names and descriptors, nothing that is secret."""
    found: dict[str, Any] = json.loads(arguments)
    return found
