"""What parties observe of a core, and what they report: marks that travel with it, and rows of their own tables.

Truth, observation and report are three records. An observation is drawn here from the hidden body; the report is what
the party writes down of it: the same numbers, unless the scenario says that it reports otherwise (`reporter.py`).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

from sim.backends import FLOATS
from sim.log import Log
from sim.observe import (
    BENCH_NOISE,
    GRADED,
    Bench,
    Visual,
    bench_means,
    lab_means,
    leak_probability,
    to_class,
    visual_means,
)
from sim.parties.agreed import Policies
from sim.parties.body import Body
from sim.parties.config import Dismantler, Remanufacturer, Tester
from sim.parties.drawn import ByParty
from sim.parties.physics import Physics
from sim.parties.reports import KEYS, LAB, PASSPORT, SERVICE, TABLES
from sim.records import Unit
from sim.streams import Streams
from sim.units import DAYS_PER_YEAR
from sim.wear import MECHANISMS, Damage

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

NAMES = {table: tuple(columns) for table, columns in TABLES.items()}
"""Columns of each kind of report, after its keys."""

Row: TypeAlias = tuple[str | float, ...]
"""What one report says, in the order of `NAMES`."""

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
        self._logged = ByParty(streams, "sees.torque", "sees.shifts")
        self._booked = ByParty(streams, "sees.ambient", "sees.oil_interval")
        self._looked = ByParty(streams, *(f"sees.{name}" for name in GRADED), "leak", "crack_seen")
        self._rigs = ByParty(streams, *(f"sees.{name}" for name in Bench._fields))
        self._cut = ByParty(streams, *(f"sees.lab.{name}" for name in (*MECHANISMS, "margin")))
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
        torque, shifts = self._logged[fleet](unit.key, unit.lives)
        logged = (
            body.distance,
            body.age_days / DAYS_PER_YEAR,
            usage.torque_ratio * (1.0 + 0.1 * _normal(torque)),
            usage.shifts_per_km * max(0.1, 1.0 + 0.2 * _normal(shifts)),
        )
        self._report("passport", day, unit, fleet, logged)

    def service(self, day: float, unit: Unit, fleet: str) -> None:
        """Let a fleet close its own books on a removed unit; they travel nowhere, and nobody reports them otherwise."""
        if self._service is None:
            return
        usage = self._physics.use(unit).usage
        of_ambient, of_interval = self._booked[fleet](unit.key, unit.lives)
        ambient = usage.ambient_c + LOGGED_AMBIENT * _normal(of_ambient)
        interval = usage.oil_interval * math.exp(LOGGED_INTERVAL * _normal(of_interval))
        self._service.append(day, unit.key, unit.lives, fleet, ambient, interval, usage.overheats)

    def visual(self, day: float, unit: Unit, party: str, config: Dismantler) -> None:
        """Let a grader look: classes 0 to 4 with his bias and noise, a leak, a crack in half of the cases; a grade."""
        body: Body = unit.body
        damage = Damage(*body.damage)
        means = visual_means(FLOATS, damage, self._physics.oxidation(unit))
        *noises, leak, crack = self._looked[party](unit.key, unit.lives)
        pitting, debris, oil_colour = [
            float(to_class(mean + config.grader_bias + config.grader_noise * _normal(luck)))
            for mean, luck in zip(means, noises, strict=True)
        ]
        leaks, cracked = leak < leak_probability(FLOATS, damage.seal), crack < CRACK_SEEN[bool(body.crack)]
        seen = Visual(pitting, debris, oil_colour, float(leaks), float(cracked))
        travelled = unit.marks or {}
        passport = [float(travelled.get(name, math.nan)) for name in PASSPORT]
        row = (*passport, *seen, self.rules.grading.grade(seen._asdict()))
        self._report("visual", day, unit, party, row, travelled=len(passport))

    def bench(self, day: float, unit: Unit, party: str, config: Tester) -> None:
        """Let a rig measure, with its offset and noise."""
        body: Body = unit.body
        as_built = self._physics.backlash_as_built(unit) + config.rig_offset_mm
        means = bench_means(FLOATS, Damage(*body.damage), as_built, self._physics.worn_mm)
        noises = zip(means, BENCH_NOISE, self._rigs[party](unit.key, unit.lives), strict=True)
        measured = Bench(*(mean + sd * _normal(luck) for mean, sd, luck in noises))
        self._report("bench", day, unit, party, (*measured, self.rules.bench.score(measured._asdict())))

    def teardown(self, day: float, unit: Unit, party: str, conditions: tuple[str, ...]) -> None:
        """Let a remanufacturer write what component inspection found: of a cracked core nothing is refitted."""
        scrap = bool(unit.body.crack)
        replaced, reworked = (0, 0) if scrap else (conditions.count("replace"), conditions.count("rework"))
        finding = "scrap" if scrap else "rebuild"
        self._report("teardown", day, unit, party, (float(replaced), float(reworked), *conditions, finding))

    def destructive(self, day: float, unit: Unit, config: Tester, told: tuple[str, ...]) -> None:
        """Let a laboratory cut a core open: wear within a few per cent, cracks as they are, and what it was worth."""
        if self._lab is None:
            return
        body: Body = unit.body
        *noises, error = (_normal(luck) for luck in self._cut[told[0]](unit.key, unit.lives))
        means = lab_means(FLOATS, Damage(*body.damage))
        wear = [damage * math.exp(LAB_NOISE * noise) for damage, noise in zip(means, noises, strict=True)]
        margin = body.margin + config.appraisal_noise * error
        for party in told:
            row = (*wear, float(bool(body.crack)), margin, float(margin > 0.0))
            self._lab.append(day, unit.key, unit.lives, party, *row)

    def end_of_line(self, day: float, unit: Unit, party: str, config: Remanufacturer) -> None:
        """Test a rebuilt unit, and count the tries of this life."""
        before = int((unit.marks or {}).get("tries", 0))
        luck = self._streams.open(f"{party}.end_of_line.result")(unit.key, unit.lives * 8 + before)
        result = "pass" if luck < config.first_pass else "fail"
        self._report("end_of_line", day, unit, party, (before + 1.0, result))

    def _report(self, table: str, day: float, unit: Unit, party: str, row: Row, travelled: int = 0) -> None:
        """Write a row in the order of its table, nan where nothing is known, and let the unit carry it.

        travelled: how many of the first values came along with the unit.
        """
        names = NAMES[table]
        if unit.marks is None:
            unit.marks = {}
        if self._reporter is None:
            unit.marks.update(zip(names[travelled:], row[travelled:], strict=True))
        else:
            known = {name: value for name, value in zip(names, row, strict=True) if not _is_nothing(value)}
            told = self._reporter.told(table, day, unit.key, unit.lives, party, known)
            unit.marks.update(told)
            row = tuple(told.get(name, math.nan) for name in names)
        if self._tables:
            self._tables[table].append(day, unit.key, unit.lives, party, *row)


def _is_nothing(value: str | float) -> bool:
    return not isinstance(value, str) and math.isnan(value)
