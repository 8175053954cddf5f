"""Spoils envelopes in every way that somebody on the way, or another signer, could; counts what refuses them.

A door is a place where envelopes are opened. A refused call changes nothing, so one round held at a door takes any
number of spoilt envelopes. `refusals` raises AssertionError for one that passes, for any other exception, and for
blame that nothing proves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from learning.crossings import COORDINATOR
from learning.crypto.envelope import LENGTH_BYTES, MAGIC, ChannelKey, Checker, Tagger, authentic
from learning.crypto.identity import Identity
from learning.ends import Client, Coordinator
from learning.faults import ProtectionError
from learning.threshold.federation import Threshold
from learning.threshold.founding import Founder
from learning.threshold.roster import Roster
from tests.learning import compact_by_hand
from tests.learning.by_hand import PARTIES, Ends, by_hand, in_clear, wires_of_round
from tests.learning.threshold_by_hand import PARTIES as FIVE
from tests.learning.threshold_by_hand import committed, federation, posted

OLDER, PURPOSE, AGAIN = "replayed from an older round", "of another purpose", "replayed in its round"
KINDS = ("flipped", "truncated", "extended", OLDER, PURPOSE, "swapped between senders", "signed by another")
REGIONS = 5
"""Magic, length, header, payload, tag."""


Opener: TypeAlias = Callable[[Mapping[str, bytes]], object]


@dataclass(frozen=True)
class Door:
    """One place of one mode where envelopes are opened."""

    name: str
    wires: Mapping[str, bytes]
    """What is sound there, by the channel that it comes by."""
    strangers: Mapping[str, Mapping[str, bytes]]
    """Sound envelopes of the same channels that do not belong there, by the kind of the mistake."""
    checkers: Mapping[str, Checker]
    """What checks the tags of each channel."""
    tags: Mapping[str, Tagger]
    """What makes them."""
    open: Opener
    blamed: Callable[[str, bool], set[str]]
    """Who may be named for a wrong envelope of a channel, by whether its tag holds."""


def spoilt(door: Door, kind: str, draw: np.random.Generator) -> tuple[str, bytes] | None:
    """Return a channel and a wrong envelope in it; nothing where a door knows no mistake of this kind."""
    channel = str(draw.choice(sorted(door.wires)))
    sound = door.wires[channel]
    if kind == "flipped":
        return channel, _flipped(sound, door.checkers[channel].tag_bytes, draw)
    if kind == "truncated":
        start, end = sorted(int(at) for at in draw.integers(0, len(sound) + 1, 2))
        wrong = (sound[:start], sound[end:], sound[:start] + sound[end:])[draw.integers(3)]
        return (channel, wrong) if wrong != sound else None
    if kind == "extended":
        at, extra = int(draw.integers(len(sound) + 1)), draw.bytes(int(draw.integers(1, 40)))
        return channel, (sound[:at] + extra + sound[at:], sound + sound, sound + extra)[draw.integers(3)]
    if kind == "swapped between senders":
        others = [wire for other, wire in door.wires.items() if other != channel]
        return (channel, others[draw.integers(len(others))]) if others else None
    if kind == "signed by another":
        return channel, _signed_by_another(door, channel, draw)
    wrong_ones = door.strangers.get(kind, {})
    return (channel, wrong_ones[channel]) if channel in wrong_ones else None


def _flipped(sound: bytes, tag_bytes: int, draw: np.random.Generator) -> bytes:
    header = len(MAGIC) + LENGTH_BYTES
    end = header + int.from_bytes(sound[len(MAGIC) : header], "big")
    starts = [0, len(MAGIC), header, end, len(sound) - tag_bytes, len(sound)]
    # what a party only signs has no payload
    region = int(draw.choice([one for one in range(REGIONS) if starts[one] < starts[one + 1]]))
    changed = bytearray(sound)
    changed[draw.integers(starts[region], starts[region + 1])] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def _signed_by_another(door: Door, channel: str, draw: np.random.Generator) -> bytes:
    body = door.wires[channel][: -door.checkers[channel].tag_bytes]
    fresh: Tagger = ChannelKey() if door.checkers[channel].tag_bytes == ChannelKey.tag_bytes else Identity()
    keys = [fresh, *(key for other, key in door.tags.items() if other != channel)]
    return body + bytes(keys[draw.integers(len(keys))].tag(body))


def refusals(word: str, count: int, seed: int = 0) -> Counter[str]:
    """Return how many spoilt envelopes of each kind a mode refused, `count` in all or a few more."""
    doors, number = STANDS[word]
    found, share = Counter[str](), -(-count // number)
    visited = 0
    for visited, door in enumerate(doors(), 1):
        found += _refused_at(door, share, np.random.default_rng((seed, visited)))
    assert visited == number, f"{word} has {visited} doors"
    return found


def _refused_at(door: Door, share: int, draw: np.random.Generator) -> Counter[str]:
    kinds = [kind for kind in KINDS if _knows(door, kind)]
    again = share // (len(kinds) + 1)
    found = Counter(_refused(door, kinds[turn % len(kinds)], draw) for turn in range(share - again))
    door.open(door.wires)
    for _ in range(again):
        _refused_again(door)
    return found + Counter({AGAIN: again})


def _knows(door: Door, kind: str) -> bool:
    return any(spoilt(door, kind, np.random.default_rng(seed)) for seed in range(5))


def _refused(door: Door, kind: str, draw: np.random.Generator) -> str:
    while (made := spoilt(door, kind, draw)) is None:
        pass
    channel, wrong = made
    holds = authentic(wrong, door.checkers[channel])
    try:
        door.open({**door.wires, channel: wrong})
    except ProtectionError as fault:
        named = set(fault.parties)
        assert named == door.blamed(channel, holds), f"{door.name}, {kind}: blamed {named} for {channel}'s channel"
        return kind
    raise AssertionError(f"{door.name}: an envelope that was {kind} was opened")


def _refused_again(door: Door) -> None:
    try:
        door.open(door.wires)
    except ProtectionError:
        return
    raise AssertionError(f"{door.name}: sound envelopes were opened twice")


def at_channel(channel: str, holds: bool) -> set[str]:
    """The coordinator blames the channel that an envelope came by, whoever signed it."""
    return {channel}


def at_coordinator(channel: str, holds: bool) -> set[str]:
    """A party that shares a key with the coordinator alone blames the coordinator."""
    return {COORDINATOR}


def at_signer(channel: str, holds: bool) -> set[str]:
    """A party blames who passed an envelope on, and its signer only where the signature holds."""
    return {channel, COORDINATOR} if holds else {COORDINATOR}


def one_pass(ends: Ends) -> Iterator[Door]:
    """The doors of a mode whose coordinator sums: its own, and each party's."""
    held, keys = ends.coordinator, ends.keys
    older = wires_of_round(ends, 1)
    older_sums = held.combine(older, 1)
    wires = wires_of_round(ends, 2)
    # the same coordinator once more, so that sums are at hand while the first is still held before them
    sums = Coordinator(held.terms, held.adder, keys).combine(wires, 2)
    strangers = {OLDER: older, PURPOSE: sums}
    yield Door("coordinator", wires, strangers, keys, keys, lambda wires: held.combine(wires, 2), at_channel)
    for party, end in ends.clients.items():
        own = {OLDER: {party: older_sums[party]}, PURPOSE: {party: wires[party]}}
        yield Door(party, {party: sums[party]}, own, keys, keys, partial(_opened, end, party), at_coordinator)


def _opened(end: Client, party: str, wires: Mapping[str, bytes]) -> object:
    return end.open(wires[party], 2)


def founded() -> Iterator[Door]:
    """The doors of the founding of a key that nobody holds, at one party."""
    keys = {party: Identity() for party in (*PARTIES, "west")}
    needed = len(PARTIES)
    roster = Roster({party: key.public() for party, key in keys.items()}, needed, 2)
    before = Roster(roster.identities, needed, 1)
    older = {party: Founder(party, before, keys[party]).commit() for party in PARTIES}
    founders = {party: Founder(party, roster, keys[party]) for party in PARTIES}
    commits = {party: founder.commit() for party, founder in founders.items()}
    reveals: dict[str, bytes] = {}

    def reveal(wires: Mapping[str, bytes]) -> None:
        reveals["east"] = founders["east"].reveal(wires)

    checkers = roster.identities
    yield Door("founder, commitment", commits, {OLDER: older}, checkers, keys, reveal, at_signer)
    reveals |= {party: founders[party].reveal(commits) for party in PARTIES[1:]}
    strangers = {PURPOSE: commits}
    yield Door("founder, half", reveals, strangers, checkers, keys, founders["east"].deal, at_signer)


def opened_together() -> Iterator[Door]:
    """The doors of a round under a key that nobody holds, step by step: at the board and at one party."""
    yield from founded()
    one = federation()
    board, roster, members = one.coordinator, one.coordinator.roster, one.clients
    east, quorum = members["east"], FIVE[:3]
    older = _round(one, 1, quorum)
    reveals: dict[str, bytes] = {}

    def reveal(wires: Mapping[str, bytes]) -> None:
        east.check(wires, 2)
        reveals["east"] = east.reveal(wires, 2)

    def doors(step: str, wires: Mapping[str, bytes], other: Mapping[str, bytes], *opens: Opener) -> Iterator[Door]:
        strangers = {OLDER: older[step], PURPOSE: other} if other else {OLDER: older[step]}
        for name, opener, blamed in zip(("board", "east"), opens, (at_channel, at_signer), strict=True):
            yield Door(f"{name}, {step}", wires, strangers, roster.identities, one.identities, opener, blamed)

    commits = committed(one, 2)
    yield from doors("commitment", commits, {}, lambda wires: board.commitments(wires, 2), reveal)
    reveals |= {party: members[party].reveal(commits, 2) for party in FIVE[1:]}
    yield from doors(
        "update", reveals, commits, lambda wires: board.updates(wires, 2), lambda wires: east.receive(wires, 2)
    )
    for party in FIVE[1:]:
        members[party].receive(reveals, 2)
    answers = {party: members[party].answer(quorum, 2) for party in quorum}
    updates = {party: reveals[party] for party in quorum}
    yield from doors(
        "partial", answers, updates,
        lambda wires: board.partials(wires, quorum, 2), lambda wires: east.open(wires, 2),
    )  # fmt: skip


def _round(one: Threshold, number: int, quorum: Sequence[str]) -> dict[str, dict[str, bytes]]:
    """Every envelope of a whole round."""
    stand = posted(one, number)
    stand.receive()
    answers = stand.answers(quorum)
    one.coordinator.partials(answers, quorum, number)
    return {"commitment": stand.commitments, "update": stand.updates, "partial": answers}


def masked() -> Iterator[Door]:
    """The doors of a compact round, step by step: at the board, and at one party."""
    one = compact_by_hand.federation()
    keys, checkers = one.identities, one.coordinator.agreed.roster.identities
    board, east = one.coordinator, one.clients["east"]
    older = compact_by_hand.started(one, 1).seal().agree().reveal()
    older_sum = older.total()["east"]
    stand = compact_by_hand.started(one, 2)
    stand.dealt = {party: end.deal(2) for party, end in one.clients.items()}

    def at_board(name: str, wires: Mapping[str, bytes], old: Mapping[str, bytes], opener: Opener) -> Door:
        strangers = {OLDER: old} if wires is stand.dealt else {OLDER: old, PURPOSE: stand.dealt}
        return Door(f"board, {name}", wires, strangers, checkers, keys, opener, at_channel)

    def deal(wires: Mapping[str, bytes]) -> None:
        stand.handed = board.deal(wires, 2)

    yield at_board("mask shares", stand.dealt, older.dealt, deal)
    stand.sealed = {
        party: end.seal(compact_by_hand.UPDATES[party], *stand.handed[party], 2) for party, end in one.clients.items()
    }
    updates, old_updates = ({p: sealed.update for p, sealed in each.items()} for each in (stand.sealed, older.sealed))

    def collect(wires: Mapping[str, bytes]) -> None:
        board.collect({p: stand.sealed[p]._replace(update=wire) for p, wire in wires.items()}, 2)

    yield at_board("update", updates, old_updates, collect)
    stand.signed = {party: end.agree(FIVE, 2) for party, end in one.clients.items()}
    yield at_board("agreement", stand.signed, older.signed, lambda wires: board.agreements(wires, 2))
    others = {party: wire for party, wire in stand.signed.items() if party != "east"}
    strangers = {OLDER: older.signed, PURPOSE: updates}

    def reveal(wires: Mapping[str, bytes]) -> None:
        stand.shown["east"] = east.reveal({**wires, "east": stand.signed["east"]}, {}, 2)

    yield Door("east, agreement", others, strangers, checkers, keys, reveal, at_signer)
    stand.shown |= {party: one.clients[party].reveal(stand.signed, {}, 2) for party in FIVE[1:]}
    sums: dict[str, bytes] = {}

    def total(wires: Mapping[str, bytes]) -> None:
        sums.update(board.total(wires, 2))

    yield at_board("mask opening", stand.shown, older.shown, total)
    strangers = {OLDER: {COORDINATOR: older_sum}, PURPOSE: {COORDINATOR: updates["east"]}}
    carrier = {COORDINATOR: one.carrier.public()}
    down = {COORDINATOR: sums["east"]}
    yield Door("east, sum", down, strangers, carrier, keys, lambda w: east.open(w[COORDINATOR], 2), at_coordinator)


STANDS: Mapping[str, tuple[Callable[[], Iterator[Door]], int]] = {
    "compact": (masked, 6),
    "plain": (lambda: one_pass(in_clear()), 4),
    "shared_key": (lambda: one_pass(by_hand()), 4),
    "threshold": (opened_together, 8),
}
"""The doors of each mode, and how many there are."""
