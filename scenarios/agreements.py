"""What only the parties together show to be wrong: roles without their counterpart, names twice, lanes of nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scenarios.disruptions import dishonest, disrupted
from scenarios.errors import listed, nearest, shown
from scenarios.expansion import expanded
from scenarios.network import Finding, Network, Values
from scenarios.ordered import unordered
from scenarios.schema import Content
from scenarios.tree import Path
from sim.config import Block, Decision, Population, Sink, Station, Stock
from sim.parties.agreed import GRADES, answers
from sim.parties.config import Dismantler, Factory, Fleet, Oem, Recycler, Remanufacturer, Supplier, Tester, has_loop
from sim.parties.lanes import LaneNameError, MissingPartyError
from sim.parties.reports import READS, TABLES, WORDS

TRADES: Mapping[type[object], tuple[type[object], ...]] = {
    Fleet: (Dismantler,),
    Dismantler: (Tester, Remanufacturer, Recycler),
    Tester: (Remanufacturer, Recycler),
    Remanufacturer: (Recycler,),
}
"""To which roles a party of each role sends units."""

DECISIONS = tuple(READS)
"""The decisions of roles, `<role>.<decision>`."""

INSPECTORS = {
    "assembly": ("oem",),
    "visual": ("dismantler",),
    "harvest": ("dismantler", "remanufacturer"),
    "bench": ("tester",),
    "destructive": ("tester",),
    "teardown": ("remanufacturer",),
    "machining": ("remanufacturer",),
    "end_of_line": ("remanufacturer",),
    "production": ("factory",),
}
"""The roles that each inspection is the work of."""

OBSERVED: Mapping[str, Values] = {name: WORDS.get(name) for columns in TABLES.values() for name in columns}
"""Fields of a unit that inspections write, for conditional routes."""

TESTED = {"test": "tested", "destroy": "tested to destruction"}
"""Dispositions that only a tester can carry out."""

TAKEN = ("outside", "demand", "coordinator")
"""Names that looptwin uses itself, in accounts, blocks and crossings."""


def network_of(content: Content) -> tuple[Network, list[Finding]]:
    """Return the blocks that a scenario expands to, and what is wrong between its parties."""
    if not content.parties:
        return Network(blocks=content.blocks), [*_without_parties(content)]
    lanes, fatal = list(_lanes(content)), [*_names(content), *_roles(content)]
    findings = [*_product(content), *_collaboration(content), *dishonest(content), *lanes, *fatal]
    try:
        blocks = expanded(content)
    except MissingPartyError as missing:
        path: Path = ("parties", missing.party) if missing.party in content.parties else ("parties",)
        return Network(blocks=content.blocks), [*findings, Finding("", path, str(missing))]
    except LaneNameError as double:
        # where a written lane ends wrongly, the default lane that stands in for it is no mistake of its own
        told = [] if lanes else [Finding("", ("parties", double.party), str(double))]
        return Network(blocks=content.blocks), [*findings, *told]
    if fatal:
        # blocks of the same name stand in for one another: what else they look like would mislead
        return Network(blocks=content.blocks), findings
    between = [
        *_rule(content),
        *_release(content),
        *_work(content, blocks),
        *unordered(content.parties, blocks),
        *disrupted(content, blocks),
    ]
    return Network(blocks=blocks, fields=OBSERVED), [*findings, *between]


def place_of(block: str, content: Content) -> Path:
    """Return where a block of the expanded network comes from in the file."""
    prefix, _, local = block.partition(".")
    if prefix in content.parties:
        return ("parties", prefix, "blocks", local)
    if prefix == "demand" and local:
        return ("demand", local)
    if block in content.lanes:
        return ("lanes", block)
    # a lane that nobody wrote belongs to its sender
    senders = [name for name in content.parties if block.removeprefix(f"{name}_") in content.parties]
    return ("parties", senders[0]) if senders and block not in content.blocks else ("blocks", block)


def _without_parties(content: Content) -> Iterator[Finding]:
    for key in ("lanes", "demand"):
        if getattr(content, key):
            yield Finding("", (key,), f"{key} join parties, and the scenario has no parties")
    yield from _collaboration(content)
    for name, block in content.blocks.items():
        if isinstance(block, Population) and block.duty is not None:
            message = "a duty wears a product that parties handle, and the scenario has no parties"
            yield Finding(name, ("duty",), message, block.duty)
    yield from dishonest(content)
    yield from disrupted(content, content.blocks)
    yield from _work(content, content.blocks)


def _product(content: Content) -> Iterator[Finding]:
    if content.product is None:
        if has_loop(content.parties):
            yield Finding("", ("parties",), "parties handle a product: the scenario needs `product`")
        for name, party in content.parties.items():
            for local, block in party.blocks.items():
                if isinstance(block, Population) and block.duty is not None:
                    message = "a duty wears a product, and the scenario has none"
                    yield Finding("", ("parties", name, "blocks", local, "duty"), message, block.duty)
        return
    duties = tuple(content.product.duties)
    used: list[tuple[Path, str | None]] = [
        (("parties", name, "duty"), party.duty) for name, party in content.parties.items() if isinstance(party, Fleet)
    ]
    for name, party in content.parties.items():
        own = {("parties", name, "blocks", local, "duty"): block for local, block in party.blocks.items()}
        used += [(path, block.duty) for path, block in own.items() if isinstance(block, Population)]
    for path, duty in used:
        if duty is not None and duty not in duties:
            message = f"the product has no duty {shown(duty)}; it has {listed(duties) or 'none'}"
            yield Finding("", path, message, duty, duties, nearest(duty, duties))


def _lanes(content: Content) -> Iterator[Finding]:
    for name, lane in content.lanes.items():
        for key, end in (("from", lane.from_), ("to", lane.to)):
            if not isinstance(end, str):
                yield Finding("", ("lanes", name), f"a lane between parties needs `{key}`, one party's name")
            elif end not in content.parties:
                known = tuple(content.parties)
                message = f"there is no party {shown(end)}; there are {listed(known)}"
                yield Finding("", ("lanes", name, key), message, end, known, nearest(end, known))
        sender, receiver = content.parties.get(str(lane.from_)), content.parties.get(str(lane.to))
        if sender and receiver and not isinstance(receiver, TRADES.get(type(sender), ())):
            message = f"a lane to nowhere: a {sender.role} sends nothing to a {receiver.role}"
            yield Finding("", ("lanes", name), message)
        if sender and lane.carries == "retired" and getattr(sender, "vehicle_life_years", None) is None:
            message = f"{lane.from_} retires no vehicles: `carries: retired` is for a fleet with `vehicle_life_years`"
            yield Finding("", ("lanes", name, "carries"), message, lane.carries, ("all",))


def _names(content: Content) -> Iterator[Finding]:
    kinds = {"parties": "a party", "blocks": "a block", "lanes": "a lane"}
    seen: dict[str, str] = {}
    for key, kind in kinds.items():
        for name in getattr(content, key):
            if key == "parties" and name in TAKEN:
                yield Finding("", (key, name), f"{shown(name)} is a name that looptwin uses itself; give another")
            if name in seen:
                yield Finding("", (key, name), f"{shown(name)} is {seen[name]} and {kind}; one needs another name")
            seen.setdefault(name, kind)


def _roles(content: Content) -> Iterator[Finding]:
    for role, what in ((Remanufacturer, "holds the serviceable stock"), (Oem, "delivers new units to it")):
        names = [name for name, party in content.parties.items() if isinstance(party, role)]
        if not names and role is Remanufacturer and has_loop(content.parties):
            message = "a chain of parties needs a remanufacturer, who holds the serviceable stock"
            yield Finding("", ("parties",), message)
        for name in sorted(names)[1:]:
            yield Finding("", ("parties", name), f"one {role.__name__.lower()} {what}, and {min(names)} is one")
    if not any(isinstance(party, Oem) for party in content.parties.values()):
        for name, party in content.parties.items():
            if isinstance(party, Supplier):
                yield Finding("", ("parties", name), "a supplier delivers to an oem, and the scenario has none")


def _collaboration(content: Content) -> Iterator[Finding]:
    agreed, horizon = content.collaboration, content.time.horizon_days
    sites = sum(isinstance(party, Dismantler) for party in content.parties.values())
    needed = {"none": 0, "oracle": 1}.get(agreed.mode, 2)
    if sites < needed:
        who = "two dismantlers or more" if needed == 2 else "a dismantler"
        has = "has no parties" if not content.parties else f"has {('none', 'one')[sites]}"
        message = f"{shown(agreed.mode)} takes {who}, and the scenario {has}"
        yield Finding("", ("collaboration", "mode"), message, agreed.mode, ("none",))
    if agreed.train_until_days is not None and agreed.train_until_days >= horizon:
        message = f"day {agreed.train_until_days:g} is not before the end of the run, time.horizon_days {horizon:g}"
        yield Finding("", ("collaboration", "train_until_days"), message, agreed.train_until_days)
    known = tuple(name for name, party in content.parties.items() if isinstance(party, Dismantler))
    for name in agreed.absences:
        if name not in known:
            message = f"there is no site {shown(name)}; there are {listed(known) or 'none'}"
            yield Finding("", ("collaboration", "absences", name), message, name, known, nearest(name, known))
    if agreed.threshold is None or agreed.protection not in ("threshold", "compact"):
        return
    learners = _learners(content)
    if 2 <= learners < agreed.threshold:
        message = f"{agreed.threshold} is more than the {learners} parties that learn together"
        yield Finding("", ("collaboration", "threshold"), message, agreed.threshold)


def _learners(content: Content) -> int:
    """Return how many parties open sums together, as far as the scenario says so; else 0."""
    study = content.regression
    if study is None:
        return sum(isinstance(party, Dismantler) for party in content.parties.values())
    if study.data == "csv":
        return 0 if study.split_by is not None else len(study.files)
    if study.data == "stations":
        return sum(isinstance(party, Factory) for party in content.parties.values())
    # NumPy comes with it, which no other scenario needs
    from learning.regression.fixture import SHOPS

    return len(SHOPS)


def _rule(content: Content) -> Iterator[Finding]:
    if not has_loop(content.parties) or any(isinstance(party, Tester) for party in content.parties.values()):
        return
    for grade in GRADES:
        wanted = sorted(answers(content.policies.disposition, grade) & set(TESTED), reverse=True)
        if wanted:
            message = f"cores of grade {grade} are to be {TESTED[wanted[0]]}, and the scenario has no tester"
            yield Finding("", ("policies", "disposition", grade), message, wanted[0], ("reman", "recycle"))


def _release(content: Content) -> Iterator[Finding]:
    """Yield a pull that never comes, because new units are always ordered before it."""
    release, rule = content.policies.release, content.policies.serviceable
    makes = any(isinstance(party, Oem) for party in content.parties.values())
    own = any("serviceable" in party.blocks for party in content.parties.values())
    orders_at = rule.level - 1 if rule.reorder_point is None else rule.reorder_point
    if release.reorder_point is None or rule.review_days is not None or own or not makes:
        return
    if release.reorder_point < orders_at:
        message = (
            f"no core would ever be pulled: new units are ordered as soon as the position is {orders_at}, so that it "
            f"never comes down to {release.reorder_point}; give {orders_at} or more"
        )
        yield Finding("", ("policies", "release", "reorder_point"), message, release.reorder_point)


def _work(content: Content, blocks: Mapping[str, Block]) -> Iterator[Finding]:
    """Yield inspections and decisions that stand at a party whose role does not take them, or at nobody's block."""
    for name, block in blocks.items():
        party = content.parties.get(name.partition(".")[0])
        role = "nobody" if party is None else party.role
        if isinstance(block, Station) and block.inspects is not None and role not in INSPECTORS[block.inspects]:
            who = " or a ".join(INSPECTORS[block.inspects])
            message = f"{shown(block.inspects)} is the work of a {who}, this block is {_of(role)}"
            yield Finding(name, ("inspects",), message, block.inspects)
        route = None if isinstance(block, Stock | Sink) else block.to
        if isinstance(route, Decision):
            yield from _decision(content, name, role, block, route)


def _decision(content: Content, name: str, role: str, block: Block, route: Decision) -> Iterator[Finding]:
    if route.decide not in DECISIONS:
        message = f"there is no decision {shown(route.decide)}; there are {listed(DECISIONS)}"
        yield Finding(name, ("to", "decide"), message, route.decide, DECISIONS, nearest(route.decide, DECISIONS))
        return
    decider = route.decide.partition(".")[0]
    if not content.parties:
        message = "a decision is taken by a party, and the scenario has no parties"
        yield Finding(name, ("to", "decide"), message, route.decide)
        return
    if decider != role:
        message = f"{shown(route.decide)} is taken by a {decider}, this block is {_of(role)}"
        yield Finding(name, ("to", "decide"), message, route.decide)
    rule = content.policies.disposition
    ruled = {"reman"}.union(*(answers(rule, grade) for grade in GRADES))
    # only where nothing is held the rule's word on what was held is never asked for
    needed = ruled | ({rule.held} if "hold" in ruled else set()) if decider == "dismantler" else {"pass", "fail"}
    has_tester = any(isinstance(party, Tester) for party in content.parties.values())
    allowed = set() if has_tester else set(TESTED)
    missing = sorted(needed - set(route.answers) - allowed - (set() if isinstance(block, Station) else {"hold"}))
    if missing:
        message = f"the scenario's rule can answer {listed(missing)}, and no block stands under that answer"
        yield Finding(name, ("to", "answers"), message)


def _of(role: str) -> str:
    return "nobody's" if role == "nobody" else f"a {role}'s"
