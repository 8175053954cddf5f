"""What parties observe of a core, and what they report: marks that travel with it, and rows of their own tables.

Truth, observation and report are three records. An observation is drawn here from the hidden body; the report is what
the party writes down of it: the same numbers, unless the scenario says that it reports otherwise (`reporter.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

from sim.log import Log
from sim.observe import (
    BENCH_NOISE,
    GRADED,
    Bench,
    Passport,
    Visual,
    bench_means,
    lab_means,
    leak_probability,
    to_class,
    visual_means,
)
from sim.parties.agreed import Policies
from sim.parties.body import Body, Physics
from sim.parties.config import Dismantler, Remanufacturer, Tester
from sim.parties.reports import KEYS, LAB, PASSPORT, SERVICE, TABLES
from sim.records import Unit
from sim.streams import Streams
from sim.units import DAYS_PER_YEAR
from sim.wear import FLOATS, MECHANISMS, PARTS, Damage

if TYPE_CHECKING:
    from sim.parties.reporter import Reporter

FEATURES = (*PASSPORT, *Visual._fields)
"""What a dismantler knows of a core when he decides: the numbers that learners and verifiers see, in this order."""

CRACK_SEEN = (0.01, 0.5)
"""Probability that a grader notes a crack where there is none, and where there is one."""

LOGGED_AMBIENT = 1.5
"""Standard deviation of the mean ambient temperature that a fleet logs, degrees Celsius."""

LOGGED_INTERVAL = 0.05
"""Standard deviation of the logarithm of the distance between oil changes in a fleet's books."""

LAB_NOISE = 0.05
"""Standard deviation of the logarithm of the wear that a laboratory measures."""

_normal = NormalDist().inv_cdf


class Inspections:
    """Draws observations and writes reports. Holds no state but the log's tables.

    rules: how findings become grades and scores, as the policies stand today. reporter: what dishonest parties report
    instead; None where all are honest.
    """

    def __init__(
        self, streams: Streams, log: Log, physics: Physics, rules: Policies, reporter: Reporter | None = None
    ) -> None:
        self.rules = rules
        self._streams = streams
        self._physics = physics
        self._reporter = reporter
        self._tables = (
            {name: log.table(name, KEYS | dict(columns)) for name, columns in TABLES.items()}
            if log.keeps_events
            else {}
        )
        self._lab = log.table("lab", LAB) if log.keeps_events else None
        self._service = log.table("service", SERVICE) if log.keeps_events else None

    def passport(self, day: float, unit: Unit, fleet: str) -> None:
        """Let a fleet write what travels with a removed unit: distance and age exact, use as its vehicle logged it."""
        body: Body = unit.body
        usage = self._physics.use(unit).usage
        logged = Passport(
            distance=body.distance,
            age_years=body.age_days / DAYS_PER_YEAR,
            torque_ratio=usage.torque_ratio * (1.0 + 0.1 * self._z("torque", fleet, unit)),
            shifts_per_km=usage.shifts_per_km * max(0.1, 1.0 + 0.2 * self._z("shifts", fleet, unit)),
        )
        self._report("passport", day, unit, fleet, logged._asdict())

    def service(self, day: float, unit: Unit, fleet: str) -> None:
        """Let a fleet close its own books on a removed unit; they travel nowhere, and nobody reports them otherwise."""
        if self._service is None:
            return
        usage = self._physics.use(unit).usage
        ambient = usage.ambient_c + LOGGED_AMBIENT * self._z("ambient", fleet, unit)
        interval = usage.oil_interval * math.exp(LOGGED_INTERVAL * self._z("oil_interval", fleet, unit))
        self._service.append(day, unit.key, unit.lives, fleet, ambient, interval, usage.overheats)

    def visual(self, day: float, unit: Unit, party: str, config: Dismantler) -> None:
        """Let a grader look: classes 0 to 4 with his bias and noise, a leak, a crack in half of the cases; a grade."""
        body: Body = unit.body
        damage = Damage(*body.damage)
        means = visual_means(FLOATS, damage, self._physics.oxidation(unit))
        seen = {
            name: float(to_class(mean + config.grader_bias + config.grader_noise * self._z(name, party, unit)))
            for name, mean in zip(GRADED, means, strict=True)
        }
        leak, crack = (self._streams.open(f"{party}.{name}")(unit.key, unit.lives) for name in ("leak", "crack_seen"))
        seen["leak"] = float(leak < leak_probability(FLOATS, damage.seal))
        seen["crack_seen"] = float(crack < CRACK_SEEN[bool(body.crack)])
        travelled = unit.marks or {}
        passport = {name: float(travelled[name]) for name in PASSPORT if name in travelled}
        self._report("visual", day, unit, party, {**passport, **seen, "grade": self.rules.grading.grade(seen)})

    def bench(self, day: float, unit: Unit, party: str, config: Tester) -> None:
        """Let a rig measure, with its offset and noise."""
        body: Body = unit.body
        as_built = self._physics.backlash_as_built(unit) + config.rig_offset_mm
        means = bench_means(FLOATS, Damage(*body.damage), as_built, self._physics.worn_mm)
        readings = [
            mean + sd * self._z(name, party, unit)
            for name, mean, sd in zip(Bench._fields, means, BENCH_NOISE, strict=True)
        ]
        measured = dict(zip(Bench._fields, readings, strict=True))
        self._report("bench", day, unit, party, {**measured, "bench_score": self.rules.bench.score(measured)})

    def teardown(self, day: float, unit: Unit, party: str, conditions: tuple[str, ...]) -> None:
        """Let a remanufacturer write what component inspection found: of a cracked core nothing is refitted."""
        scrap = bool(unit.body.crack)
        found: dict[str, str | float] = {
            "parts_replaced": 0.0 if scrap else float(conditions.count("replace")),
            "parts_reworked": 0.0 if scrap else float(conditions.count("rework")),
            "finding": "scrap" if scrap else "rebuild",
        }
        found.update(zip(PARTS, conditions, strict=True))
        self._report("teardown", day, unit, party, found)

    def destructive(self, day: float, unit: Unit, config: Tester, told: tuple[str, ...]) -> None:
        """Let a laboratory cut a core open: wear within a few per cent, cracks as they are, and what it was worth."""
        if self._lab is None:
            return
        body: Body = unit.body
        wear = [
            damage * math.exp(LAB_NOISE * self._z(f"lab.{name}", told[0], unit))
            for name, damage in zip(MECHANISMS, lab_means(FLOATS, Damage(*body.damage)), strict=True)
        ]
        margin = body.margin + config.appraisal_noise * self._z("lab.margin", told[0], unit)
        for party in told:
            row = (*wear, float(bool(body.crack)), margin, float(margin > 0.0))
            self._lab.append(day, unit.key, unit.lives, party, *row)

    def end_of_line(self, day: float, unit: Unit, party: str, config: Remanufacturer) -> None:
        """Test a rebuilt unit, and count the tries of this life."""
        before = int((unit.marks or {}).get("tries", 0))
        luck = self._streams.open(f"{party}.end_of_line.result")(unit.key, unit.lives * 8 + before)
        result = "pass" if luck < config.first_pass else "fail"
        self._report("end_of_line", day, unit, party, {"tries": before + 1.0, "end_of_line": result})

    def _z(self, purpose: str, party: str, unit: Unit) -> float:
        return _normal(self._streams.open(f"{party}.sees.{purpose}")(unit.key, unit.lives))

    def _report(self, table: str, day: float, unit: Unit, party: str, values: Mapping[str, str | float]) -> None:
        if self._reporter is not None:
            values = self._reporter.told(table, day, unit.key, unit.lives, party, values)
        if unit.marks is None:
            unit.marks = {}
        unit.marks.update(values)
        if self._tables:
            row = (values.get(name, math.nan) for name in TABLES[table])
            self._tables[table].append(day, unit.key, unit.lives, party, *row)
