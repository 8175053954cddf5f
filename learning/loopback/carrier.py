"""The coordinator's process: it carries between the parties' processes and names who is silent, gone or wrong.

It holds an identity and the ends of its sessions; no row, no share of a key, nothing that opens an update. What parties
hand to each other passes through it in sessions that are not its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from socket import socket
from typing import Any

from learning.crossings import COORDINATOR
from learning.crypto.slots import Layout
from learning.faults import SenderError
from learning.loopback.founding import (
    KEY,
    KEY_COMMITMENT,
    KEY_SHARE,
    PUBLIC_KEY_SHARE,
    agreed_key,
    agreed_on,
    is_used_up,
    layout_of,
    quorum_of,
    roster_of,
)
from learning.loopback.messages import Message
from learning.loopback.patience import moment_in
from learning.loopback.post import ANSWER, HELLO, LAST, SESSION, from_party
from learning.loopback.role import DONE, Known, opened, play
from learning.loopback.wire import Channel, Wire
from learning.threshold.board import Board
from learning.threshold.member import terms_of
from learning.threshold.roster import Roster

Shown = dict[str, dict[str, bytes]]
"""What each party posted or handed in a step, by name."""


class Carrier:
    """Who carries. Holds state: a channel to each party, and what went over it."""

    def __init__(self, channels: Mapping[str, Channel], patience: float) -> None:
        self.channels, self.patience = channels, patience
        self.rows: list[tuple[str, str, str, int]] = []
        """Purpose, sender, receiver and bytes of everything that crossed."""

    def post(
        self,
        step: str,
        check: Callable[[dict[str, bytes]], object],
        senders: Sequence[str],
        receivers: Sequence[str],
    ) -> None:
        """Take what the senders show, check it, and show it to the receivers; every party takes part in the step."""
        posted = self._taken(step)
        for party, parts in posted.items():
            if set(parts) != ({party} if party in senders else set()):
                raise SenderError(party, f"it does not post what is due at {step!r}")
        wires = {party: posted[party][party] for party in senders}
        check(wires)
        for party in self.channels:
            others = {other: wire for other, wire in wires.items() if other != party and party in receivers}
            self._give(step, party, others, f"{step}s")

    def hand(self, step: str) -> None:
        """Take what parties hand to each other and give each what is its own."""
        handed = self._taken(step, noted=False)
        for party, parts in handed.items():
            if strangers := set(parts) - (set(self.channels) - {party}):
                raise SenderError(party, f"it hands something to {', '.join(sorted(strangers))}")
            self.rows += [(step, party, other, len(part)) for other, part in parts.items()]
        for party in self.channels:
            own = {other: parts[party] for other, parts in handed.items() if party in parts}
            self._give(step, party, own, None)

    def _taken(self, step: str, *, noted: bool = True) -> Shown:
        until = moment_in(self.patience)
        return {party: self._taken_from(party, step, until, noted) for party in self.channels}

    def _taken_from(self, party: str, step: str, until: float, noted: bool) -> dict[str, bytes]:
        channel = self.channels[party]
        before = channel.wire.received
        message = channel.receive(until)
        if message.word != step:
            raise SenderError(party, f"it is at {message.word!r}, not at {step!r}")
        if noted and message.parts:
            self.rows.append((step, party, COORDINATOR, channel.wire.received - before))
        return dict(message.parts)

    def _give(self, step: str, party: str, parts: Mapping[str, bytes], purpose: str | None) -> None:
        channel = self.channels[party]
        before = channel.wire.sent
        channel.send(Message(step, parts=parts))
        if purpose is not None and parts:
            self.rows.append((purpose, COORDINATOR, party, channel.wire.sent - before))


def carry(links: Mapping[str, int], task: Message, introduced: Callable[[], Known]) -> Message:
    """Carry one federation from its sessions to its last round; return what crossed."""
    fields = task.fields
    known = introduced()
    with ExitStack() as stack:
        wires = [Wire(socket(fileno=links[party]), party, fields["patience"]) for party in sorted(links)]
        for wire in wires:
            stack.enter_context(closing(wire))
        carrier = Carrier({wire.peer: from_party(wire, known) for wire in wires}, fields["patience"])
        for wire in wires:
            carrier.rows.append((SESSION, wire.peer, COORDINATOR, wire.received))
            carrier.rows.append((SESSION, COORDINATOR, wire.peer, wire.sent))
        for step in (HELLO, ANSWER, LAST):
            carrier.hand(step)
        _rounds(carrier, known, fields)
        for channel in carrier.channels.values():
            channel.finish()
    return Message(DONE, {"rows": carrier.rows})


def _rounds(carrier: Carrier, known: Known, fields: Mapping[str, Any]) -> None:
    layout = layout_of(tuple(carrier.channels), fields["values"], fields["needed"])
    collaboration = agreed_on(fields["collaboration"])
    board, opened = None, 0
    for number in range(1, fields["rounds"] + 1):
        if board is None or is_used_up(layout, opened):
            epoch = 1 if board is None else board.roster.epoch + 1
            board, opened = _founded(carrier, roster_of(known, fields["needed"], epoch), layout, number - 1), 0
        silent = collaboration.missing(board.roster.parties, number, "opening")
        _round(carrier, board, quorum_of(board.roster, silent), number)
        opened += 1


def _founded(carrier: Carrier, roster: Roster, layout: Layout, summed: int) -> Board:
    parties, dealers = roster.parties, roster.dealers
    keys: dict[str, bytes] = {}
    # parties check signatures and commitments themselves: there is nothing yet that the coordinator could check more
    carrier.post(KEY_COMMITMENT, lambda wires: None, dealers, parties)
    carrier.post(PUBLIC_KEY_SHARE, lambda wires: None, dealers, parties)
    carrier.hand(KEY_SHARE)
    carrier.post(KEY, keys.update, parties, parties)
    return Board(roster, terms_of(layout, roster, agreed_key(keys)), summed)


def _round(carrier: Carrier, board: Board, quorum: Sequence[str], number: int) -> None:
    parties = board.roster.parties
    others = [party for party in parties if party not in quorum]
    carrier.post("commitment", lambda wires: board.commitments(wires, number), parties, parties)
    carrier.post("update", lambda wires: board.updates(wires, number), parties, quorum)
    carrier.post("partial", lambda wires: board.partials(wires, quorum, number), quorum, quorum)
    if others:
        carrier.post("opened sum", lambda wires: board.sums(wires, quorum, number), quorum, others)


def main(arguments: str) -> None:
    """Be the coordinator's process."""
    told = opened(arguments)
    play(COORDINATOR, told["control"], lambda task, introduced: carry(told["links"], task, introduced))
