"""The chain: what the blocks of a scenario with parties do beyond moving units.

The world tells it of every birth, life, service and decision. It keeps the product's hidden state, lets parties observe
and report, moves the money, and brings outcomes back as events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

from sim.blocks.block import Block
from sim.engine import REVIEW, Entry
from sim.parties import dismantling, making, recycling, remanufacturing, testing, using
from sim.parties.accounts import OUTSIDE
from sim.parties.body import Body
from sim.parties.config import Dismantler, Fleet, PartyConfig, Recycler, Remanufacturer
from sim.parties.decisions import DISPOSITION, Decisions, Policy, Question
from sim.parties.economy import Economy
from sim.parties.expand import Sections
from sim.parties.hidden import gap
from sim.parties.inspections import Inspections
from sim.parties.orders import order
from sim.parties.parts import Harvested, Parts
from sim.parties.passage import Passage
from sim.parties.physics import Physics
from sim.parties.remanufacturing import Work
from sim.parties.reporter import Reporter
from sim.parties.reports import KEYS, READS
from sim.parties.turning import Machining, Turned
from sim.records import Life, Unit

if TYPE_CHECKING:
    from sim.world import World

TRUTH = {
    "day": "f8",
    "unit": "i8",
    "life": "i8",
    "true_gear": "f8",
    "true_bearing": "f8",
    "true_clutch": "f8",
    "true_seal": "f8",
    "true_crack": "f8",
    "true_margin": "f8",
}
OUTCOME = KEYS | {"margin": "f8", "profitable": "f8"}
REALISED = KEYS | {"cost": "f8", "earned": "f8"}
ENERGY = {
    "day": "f8",
    "unit": "i8",
    "party": "U",
    "station": "U",
    "part": "U",
    "material": "U",
    **dict.fromkeys(Turned._fields[2:], "f8"),
}

SERVED: Mapping[str, Callable[[Chain, Unit, str], None]] = {
    "assembly": making.checked,
    "visual": dismantling.graded,
    "harvest": dismantling.harvested,
    "bench": testing.benched,
    "destructive": testing.cut_open,
    "teardown": remanufacturing.inspected,
    "end_of_line": remanufacturing.tested,
}
"""What a party does about a unit when a station that `inspects` it is done."""

ENDS: Mapping[str, tuple[str, Callable[[Chain, Unit, str], None] | None]] = {
    "landfill": ("disposed", dismantling.dumped),
    "scrapyard": ("disposed", None),
    "resale": ("resold", dismantling.resold),
    "kept": ("kept", using.kept),
    "exported": ("exported", using.exported),
}
"""What the mass of a unit is counted as that ends at a party's own block, and what the party does about it."""

_normal = NormalDist().inv_cdf


class Chain(Economy):
    """Part of the world's state: accounts, ordered tests, and what is counted of cores.

    deposits: by key of each removed unit that nobody has received yet, what its fleet gets back for it, EUR. today: the
    sections as they stand today, with what disruptions change. settled: unit-days of holding and of backorders that are
    paid for already.
    """

    STATE = (
        *Economy.STATE,
        "decisions",
        "reporter",
        "parts",
        "work",
        "passage",
        "deposits",
        "oracle",
        "settled",
    )
    MADE: ClassVar = {"Body": Body, "Harvested": Harvested, "Work": Work, "Turned": Turned}
    name = "chain"

    def __init__(self, world: World, sections: Sections, decide: Mapping[str, Policy]) -> None:
        assert sections.product is not None
        super().__init__(world, sections)
        self.makers = making.Makers(sections, world)
        self.physics = Physics(sections.product, world.streams, self.makers.spreads, gap(sections.hidden_world))
        self.reporter = (
            Reporter(sections.reporting, sections.parties, sections.policies, world.streams, world.log)
            if sections.reporting
            else None
        )
        self.inspections = Inspections(world.streams, world.log, self.physics, sections.policies, self.reporter)
        self.decisions = Decisions(sections.policies, world.streams, world.log, decide)
        self.parts = Parts(sections.product, world.log)
        self.work: dict[int, Work] = {}
        self.passage = Passage()
        self.deposits: dict[int, float] = {}
        self.oracle = False
        self.settled = [0.0, 0.0]
        keeps = world.log.keeps_events
        self._truth = world.log.table("truth", TRUTH) if keeps else None
        self._outcomes = world.log.table("outcome", OUTCOME) if keeps else None
        self._realised = world.log.table("realised", REALISED) if keeps else None
        self._energy = world.log.table("energy", ENERGY) if keeps else None
        self._material = world.log.table("material", recycling.COLUMNS) if keeps else None
        self.remanufacturer = next(
            name for name, party in sorted(sections.parties.items()) if isinstance(party, Remanufacturer)
        )
        self.unit_kg = sum(self.parts.whole)
        self.machining = Machining(self.reman.machining, f"{self.remanufacturer}.machining", world.streams)
        recyclers = [name for name, party in sorted(sections.parties.items()) if isinstance(party, Recycler)]
        self.recycler = recyclers[0] if recyclers else ""
        self._outcome_days = self.reman.outcome_delay_days.quantile()
        self._outcome_luck = world.streams.open(f"{self.remanufacturer}.outcome_delay")
        self._outcome_noise = world.streams.open(f"{self.remanufacturer}.outcome_noise")

    @property
    def stock(self) -> str:
        """Name of the serviceable stock."""
        return f"{self.remanufacturer}.serviceable"

    def stand(self, today: Sections, *, live: bool) -> None:
        """Let other sections hold from now on; live: what was held and owed at the old costs is paid first."""
        if live and today.costs != self.today.costs:
            self.pay_for_time()
        super().stand(today, live=live)
        self.decisions.rules = self.inspections.rules = today.policies
        if self.reporter is not None:
            self.reporter.rules = today.policies

    def observing(self, unit: Unit, party: str) -> PartyConfig:
        """Return the section of a party that observes a unit now, with what has drifted away from its calibration."""
        config = self.today.parties[party]
        if self.reporter is None:
            return config
        observing: PartyConfig = self.reporter.observing(self.world.now, unit.key, unit.lives, party, config)
        return observing

    @property
    def reman(self) -> Remanufacturer:
        """What the remanufacturer's section says today."""
        party = self.config(self.remanufacturer)
        assert isinstance(party, Remanufacturer)
        return party

    # --- lives ---

    def born(self, unit: Unit, origin: Block) -> None:
        """Give a new unit its body; pay for it when an OEM made it. A factory's part is none of the product."""
        if self.factory(origin.name) is not None:
            super().born(unit, origin)
            return
        self.count("kg_new_unit", self.unit_kg)
        making.made(self, unit, self._owner[origin.name])

    def life(self, block: Block, duty: str, unit: Unit, share: float) -> Life:
        """Plan a unit's life in a place with this duty, of which it has spent a share."""
        return using.life(self, self._owner[block.name], duty, unit, share)

    def maintained(self, block: Block, unit: Unit) -> None:
        """Let a fleet pay for a service."""
        using.maintained(self, unit, self._owner[block.name])

    def removed(self, block: Block, unit: Unit, reason: str, days: float) -> None:
        """Wear the unit by the life that ended, write its passport and its truth."""
        self.physics.end_life(unit, days, reason == "failed")
        body: Body = unit.body
        body.holder = self._owner[block.name]
        body.margin = remanufacturing.margin(self, body)
        using.removed(self, unit, body.holder, reason)
        self.passage.lived(days, is_first=unit.lives == 1)
        self.inspections.passport(self.world.now, unit, body.holder)
        if isinstance(self.today.parties.get(body.holder), Fleet):
            self.inspections.service(self.world.now, unit, body.holder)
        if self._truth is not None:
            self._truth.append(self.world.now, unit.key, unit.lives, *body.damage, float(body.crack), body.margin)

    def issued(self, unit: Unit, asker: Block) -> None:
        """Let whoever got a serviceable unit pay for it."""
        buyer = self._owner[asker.name] or OUTSIDE
        self.pay(buyer, self.remanufacturer, self.reman.price, "serviceable unit", unit)
        using.deposited(self, unit, buyer)
        self.count("sold_reman" if unit.lives else "sold_new")

    # --- services ---

    def served(self, block: Block, kind: str, unit: Unit, visit: int) -> None:
        """Let the party of a station observe and report on a unit, and settle what goes with it."""
        party = self._owner[block.name]
        if kind == "production":
            super().served(block, kind, unit, visit)
            return
        if kind == "machining":
            remanufacturing.machined(self, unit, party, block.name)
        else:
            SERVED[kind](self, unit, party)
        self.passage.served(kind, unit, self.world.now)

    def gone(self, block: Block, unit: Unit) -> None:
        """Settle the end of a unit, and weigh what leaves the chain with it."""
        party = self._owner[block.name]
        if self.factory(block.name) is not None:
            super().gone(block, unit)
            return
        self.passage.ended(unit.key)
        config = self.today.parties.get(party)
        if isinstance(config, Recycler):
            recycling.shredded(self, unit, party)
        else:
            what, act = ENDS.get(block.name.rpartition(".")[2], ("delivered", None)) if party else ("delivered", None)
            if act is not None:
                act(self, unit, party)
            self.count(f"kg_{what}", sum(self.parts.mass(unit.key)))
        self.parts.taken.pop(unit.key, None)

    def metered(self, unit: int, party: str, station: str, job: Turned) -> None:
        """Write down the energy of a job on a part of a unit (its key)."""
        if self._energy is not None:
            self._energy.append(self.world.now, unit, party, station, *job)

    def recycled(self, unit: int, party: str, found: tuple[float, ...]) -> None:
        """Write down what a recycler got out of a unit (its key) or its parts, in the order of the table."""
        if self._material is not None:
            self._material.append(self.world.now, unit, party, *found)

    def settle(self, unit: Unit, party: str, cost: float, margin: float) -> None:
        """Write down what a core cost its remanufacturer and what it earned, EUR."""
        if self._realised is not None:
            self._realised.append(self.world.now, unit.key, unit.lives, party, cost, margin)

    # --- outcomes ---

    def promise_outcome(self, unit: Unit, seller: str, margin: float) -> None:
        """Put the report of what a core earned on the calendar, for whom the remanufacturer tells it."""
        noise = self.reman.outcome_noise * _normal(self._outcome_noise(unit.key, unit.lives))
        day = self.world.now + self._outcome_days(self._outcome_luck(unit.key, unit.lives))
        told = (seller, unit.key, unit.lives, margin + noise)
        self.world.engine.at(day, REVIEW, unit.key, self.tell_outcome, told)

    def tell_outcome(self, entry: Entry) -> None:
        """Report the margin of a core to those who are told, and to the remanufacturer himself."""
        seller, unit, life, margin = entry.unit
        told: Mapping[str, str | float] = {"margin": margin, "profitable": float(margin > 0.0)}
        if self.reporter is not None:
            told = self.reporter.told("outcome", self.world.now, unit, life, self.remanufacturer, told)
        if self._outcomes is not None:
            for party in dict.fromkeys((*self._told(seller), self.remanufacturer)):
                self._outcomes.append(self.world.now, unit, life, party, told["margin"], told["profitable"])

    def _told(self, seller: str) -> tuple[str, ...]:
        """Return who learns beside the remanufacturer what a core earned."""
        match self.reman.outcome_to:
            case "seller":
                return (seller,)
            case "dismantlers":
                parties = self.sections.parties
                return tuple(name for name in sorted(parties) if isinstance(parties[name], Dismantler))
            case _:
                return ()

    # --- decisions ---

    def order_test(self, core: int, tester: str, kind: str) -> None:
        """Send a core to the bench instead of where its dismantler's rule would send it."""
        order(self, core, tester, kind)

    def decide(self, block: str, name: str, unit: Unit, answers: tuple[str, ...]) -> str:
        """Ask a decision of the party that runs the block, with its view of the unit."""
        party = self._owner[block]
        view = self.view(party, name, unit)
        if name == DISPOSITION:
            # a core that was held comes once more, and then it has to go somewhere
            view |= {"may_hold": float("hold" in answers)}
        question = Question(self.world.now, party, name, unit, view, answers)
        return self.decisions.ask(question, self._by_truth(unit) if self.oracle and name == DISPOSITION else None)

    def let_oracle_decide(self) -> None:
        """Let dispositions be taken by the truth from now on: a control, never a policy that a party could have."""
        self.oracle = True

    def _by_truth(self, unit: Unit) -> str:
        return "reman" if unit.body.margin > 0.0 else "recycle"

    def view(self, party: str, decision: str, unit: Unit) -> dict[str, str | float]:
        """Return what a party may read of a unit in its hands to take a decision: a new mapping, not the unit."""
        marks = unit.marks or {}
        keys: dict[str, str | float] = {"unit": unit.key, "life": unit.lives, "day": self.world.now, "party": party}
        return keys | {name: marks[name] for name in READS[decision] if name in marks}

    # --- counting ---

    def count_from(self, day: float) -> None:
        """Forget what was counted before `day`."""
        super().count_from(day)
        self.passage.count_from(day)
        self.parts.on_shelf.count_from(day)
        self.settled = [0.0, 0.0]

    def close_books(self) -> None:
        """Pay what is paid for by time and not by event, since counting began."""
        self.pay_for_time()

    def pay_for_time(self) -> None:
        """Pay for holding and backorders of the serviceable stock since they were paid last."""
        stock, day, costs = self.world.blocks[self.stock], self.world.now, self.today.costs
        held, owed = stock.area_until(day), stock.backorders.until(day)
        holding = costs.holding_per_day * (held - self.settled[0])
        penalty = costs.backorder_per_day * (owed - self.settled[1])
        self.settled = [held, owed]
        self.accounts.pay(day, self.remanufacturer, OUTSIDE, holding, "holding")
        self.accounts.pay(day, self.remanufacturer, OUTSIDE, penalty, "backorders")
