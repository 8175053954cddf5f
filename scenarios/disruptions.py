"""What is wrong with disruptions and with dishonest reporting: targets that are not there, keys that cannot change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

from scenarios.errors import listed, nearest, shown
from scenarios.expansion import sections_of
from scenarios.grammar import choices, describe
from scenarios.network import Finding
from scenarios.schema import Content
from scenarios.tree import Path
from sim.config import Block, Lane, Station
from sim.disruptions import Change, Outage, PriceShock, Recall, TransportStop, in_order
from sim.parties.config import Oem, Supplier
from sim.parties.expand import Sections
from sim.parties.reporting import LabelFraud, roles_of
from sim.parties.today import NoSuchKeyError, at, changed, immovable, path_of
from sim.section import Section


def dishonest(content: Content) -> Iterator[Finding]:
    """Yield what is wrong between the parties and what is said of their reporting."""
    for name, way in content.reporting.items():
        path: Path = ("reporting", name, "party")
        party = content.parties.get(way.party)
        if party is None:
            known = tuple(content.parties)
            message = f"there is no party {shown(way.party)}; there are {listed(known) or 'none'}"
            yield Finding("", path, message, way.party, known, nearest(way.party, known))
        elif party.role not in roles_of(way.kind):
            fitting = tuple(one for one, config in content.parties.items() if config.role in roles_of(way.kind))
            message = (
                f"{shown(way.kind)} is for a {' or a '.join(roles_of(way.kind))}, {shown(way.party)} is a {party.role}"
            )
            yield Finding("", path, message, way.party, fitting)
        elif isinstance(way, LabelFraud) and party.role == "dismantler" and not way.amount.is_integer():
            message = f"grades are shifted by whole letters, not by {way.amount:g}"
            yield Finding("", ("reporting", name, "amount"), message, way.amount)


def disrupted(content: Content, blocks: Mapping[str, Block]) -> Iterator[Finding]:
    """Yield what is wrong between the disruptions and the blocks and keys that they name."""
    for name, disruption in content.disruptions.items():
        if isinstance(disruption, Outage):
            yield from _outage(name, disruption, blocks)
        elif isinstance(disruption, TransportStop):
            yield from _block(("disruptions", name, "lane"), disruption.lane, blocks, Lane, "a lane")
        elif isinstance(disruption, Recall):
            makers = tuple(one for one, party in content.parties.items() if isinstance(party, Oem | Supplier))
            word = disruption.made_by
            path: Path = ("disruptions", name, "made_by")
            if word not in makers:
                message = f"there is no OEM or supplier {shown(word)}; there are {listed(makers) or 'none'}"
                yield Finding("", path, message, word, makers, nearest(word, makers))
        elif not content.parties:
            message = "prices and policies are of parties, and the scenario has none"
            yield Finding("", ("disruptions", name, "kind"), message, disruption.kind)
    if content.parties:
        yield from _changes(content)


def _outage(name: str, outage: Outage, blocks: Mapping[str, Block]) -> Iterator[Finding]:
    path: Path = ("disruptions", name, "station")
    yield from _block(path, outage.station, blocks, Station, "a station")
    station = blocks.get(outage.station)
    if not isinstance(station, Station):
        return
    if station.servers == "unlimited":
        yield Finding(
            "", path, f"{shown(outage.station)} has unlimited servers, none of which can fail", outage.station
        )
    elif outage.servers is not None and outage.servers > int(station.servers):
        message = f"{shown(outage.station)} has fewer servers than {outage.servers}: {station.servers}"
        yield Finding("", ("disruptions", name, "servers"), message, outage.servers)


def _block(path: Path, word: str, blocks: Mapping[str, Block], kind: type, words: str) -> Iterator[Finding]:
    fitting = tuple(name for name, block in blocks.items() if isinstance(block, kind))
    if word not in blocks:
        message = f"there is no block {shown(word)}; there are {listed(fitting) or 'none'}"
        yield Finding("", path, message, word, fitting, nearest(word, fitting))
    elif word not in fitting:
        yield Finding("", path, f"{shown(word)} is a {blocks[word].kind}; this must be {words}", word, fitting)


def _changes(content: Content) -> Iterator[Finding]:
    """Yield the first thing wrong with each change, alone or together with what is under way when it begins or ends."""
    sections, told = sections_of(content), set[str]()
    changes = {name: one for name, one in in_order(content.disruptions).items() if isinstance(one, Change)}
    days = sorted({day for one in changes.values() for day in (one.from_day, one.to_day)})
    together = [[name for name, one in changes.items() if one.from_day <= day < one.to_day] for day in days]
    for names in [*([name] for name in changes), *together]:
        today = sections
        for name in names:
            finding = _refused(name, changes[name], today, sections)
            if finding is not None:
                if name not in told:
                    told.add(name)
                    yield finding
                break
            today = changed(today, changes[name])


def _refused(name: str, change: Change, today: Sections, sections: Sections) -> Finding | None:
    place: Path = ("disruptions", name)
    written = "factor" if isinstance(change, PriceShock) and change.factor is not None else "to"
    try:
        path = path_of(today, change.set)
        after = changed(today, change)
    except NoSuchKeyError as lost:
        near = nearest(lost.word, lost.allowed)
        guess = (
            None if near is None else ".".join(near if part == lost.word else part for part in change.set.split("."))
        )
        message = f"there is no {shown(lost.word)}; there are {listed(lost.allowed) or 'none'}"
        return Finding("", (*place, "set"), message, change.set, lost.allowed, guess)
    except ValueError as error:
        return Finding("", (*place, "set"), str(error), change.set)
    value, hint = at(after, path), _hint(at(today, path[:-1]), path[-1])
    if hint is None or not _fits(hint, value):
        expected = "nothing that a disruption can change" if hint is None else describe(hint)
        words = () if hint is None else choices(hint)
        # a product of factors, without the last digits of its rounding
        message = f"{change.set} takes {expected}, not {f'{value:.12g}' if isinstance(value, float) else shown(value)}"
        return Finding("", (*place, written), message, value, words, nearest(value, words))
    fixed = tuple(immovable(sections, after))
    if fixed:
        message = f"{change.set} cannot change while the world runs: {listed(fixed)} would be another"
        return Finding("", (*place, "set"), message, change.set)
    return None


def _hint(section: Any, key: str) -> Any:
    """Return the annotation of a key of a section; None for what is no section, or is one itself."""
    if not isinstance(section, Section) or isinstance(getattr(section, key, None), Section):
        return None
    return get_type_hints(type(section), include_extras=True)[key]


def _fits(hint: Any, value: object) -> bool:
    from pydantic import TypeAdapter, ValidationError

    try:
        TypeAdapter(hint).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return False
    return True
