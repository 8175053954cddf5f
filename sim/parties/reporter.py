"""What dishonest parties report instead of what they observed, and the truth about it for the twin's owner.

A party reports one thing only: its own view, what travels with a core and what learners get are all the report. What
was observed stands in the table `altered`, an offset that grew in the table `drift`; both are truth, in no view.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import median_low, mode
from typing import Any

from sim.log import Log
from sim.parties.agreed import Policies
from sim.parties.config import Dismantler, PartyConfig, Tester
from sim.parties.reporting import (
    REPORT_OF,
    Drift,
    FabricatedBlock,
    LabelFraud,
    Lazy,
    Reporting,
    Stale,
    Swapped,
)
from sim.parties.reports import KEYS, PASSPORT, WORDS
from sim.streams import Streams
from sim.units import DAYS_PER_YEAR

ALTERED = KEYS | {
    "report": "U",
    "column": "U",
    "true_reporting": "U",
    "true_observed": "f8",
    "true_observed_word": "U",
}
"""A row for each value that was told without being what was observed, also where it happens to be the same."""

DRIFT = KEYS | {"true_offset": "f8"}
"""A row for each observation that was off by what drift had added."""

MEMORY = 32
"""How many of its last real observations a party writes its inventions from."""

Values = Mapping[str, str | float]


class Reporter:
    """Turns observations into reports. Part of the world's state, by party. rules: the policies as they stand today.

    looked: the last observations that were really made. seen: the last observation. said: the last report. invented:
    how many reports of a block are invented already, by the name of the reporting.
    """

    STATE = ("looked", "seen", "said", "invented")
    name = "reporter"

    def __init__(
        self,
        reporting: Mapping[str, Reporting],
        parties: Mapping[str, PartyConfig],
        rules: Policies,
        streams: Streams,
        log: Log,
    ) -> None:
        self.rules = rules
        self._streams = streams
        self._ways: dict[str, list[tuple[str, Reporting]]] = {}
        self._drifts: dict[str, list[Drift]] = {}
        for name, way in sorted(reporting.items()):
            if isinstance(way, Drift):
                self._drifts.setdefault(way.party, []).append(way)
            else:
                self._ways.setdefault(way.party, []).append((name, way))
        self._reports = {party: REPORT_OF[parties[party].role] for party in self._ways}
        self._altered = log.table("altered", ALTERED) if log.keeps_events else None
        self._drift = log.table("drift", DRIFT) if log.keeps_events else None
        self.looked: dict[str, list[dict[str, str | float]]] = {}
        self.seen: dict[str, dict[str, str | float]] = {}
        self.said: dict[str, dict[str, str | float]] = {}
        self.invented: dict[str, int] = {}

    def told(self, table: str, day: float, unit: int, life: int, party: str, values: Values) -> Values:
        """Return what a party reports of what it observed of a unit (its key) after so many lives.

        Of several ways of the same party, the first by name that applies to a report is taken.
        """
        if self._reports.get(party) != table:
            return values
        own = {name: value for name, value in values.items() if table == "passport" or name not in PASSPORT}
        found = next(self._changes(day, unit, life, party, table, own), None)
        if found is None:
            self.looked[party] = [*self.looked.get(party, ())[-MEMORY + 1 :], own]
            told = own
        else:
            reporting, changes = found
            told = own | changes
            self._note(day, unit, life, party, table, reporting, {name: own[name] for name in changes})
        self.seen[party], self.said[party] = own, told
        return {**values, **told}

    def observing(self, day: float, unit: int, life: int, party: str, config: Any) -> Any:
        """Return a party's section with what drift has added by a day to the offset of its rig, or its graders."""
        years = [
            (day - way.from_day) / DAYS_PER_YEAR * way.per_year
            for way in self._drifts.get(party, ())
            if _applies(way, day)
        ]
        if not years:
            return config
        added = math.fsum(years)
        if self._drift is not None:
            self._drift.append(day, unit, life, party, added)
        offset = {Dismantler: "grader_bias", Tester: "rig_offset_mm"}[type(config)]
        return replace(config, **{offset: getattr(config, offset) + added})

    def _changes(self, day: float, unit: int, life: int, party: str, table: str, own: dict[str, str | float]) -> Any:
        """Yield, for each way of a party that applies to this report, its name and the values that it puts."""
        for name, way in self._ways[party]:
            if not _applies(way, day):
                continue
            stream = f"{party}.reporting.{name}"
            if isinstance(way, FabricatedBlock):
                if self.invented.get(name, 0) < way.reports and self.looked.get(party):
                    self.invented[name] = self.invented.get(name, 0) + 1
                    yield name, self._worked_out(table, self._invented(stream, unit, life, self.looked[party]))
            elif self._streams.open(stream)(unit, life) < way.share:  # type: ignore[attr-defined]
                changes = self._told_by(way, party, table, own)
                if changes:
                    yield name, changes

    def _told_by(self, way: Reporting, party: str, table: str, own: dict[str, str | float]) -> dict[str, str | float]:
        if isinstance(way, LabelFraud):
            return _shifted(table, own, way.amount)
        if isinstance(way, Stale):
            return self.said.get(party, {})
        if isinstance(way, Swapped):
            return self.seen.get(party, {})
        assert isinstance(way, Lazy)
        looked = self.looked.get(party)
        return self._worked_out(table, _usual(looked)) if looked else {}

    def _invented(
        self, stream: str, unit: int, life: int, looked: list[dict[str, str | float]]
    ) -> dict[str, str | float]:
        def pick(name: str) -> str | float:
            luck = self._streams.open(f"{stream}.{name}")(unit, life)
            return looked[int(luck * len(looked))][name]

        return {name: pick(name) for name in looked[-1]}

    def _worked_out(self, table: str, values: dict[str, Any]) -> dict[str, str | float]:
        """Return invented values with what a form works out from them, so that they do not contradict each other."""
        match table:
            case "visual":
                return values | {"grade": self.rules.grading.grade(values)}
            case "bench":
                return values | {"bench_score": self.rules.bench.score(values)}
            case "outcome":
                return values | {"profitable": float(values["margin"] > 0.0)}
        return values

    def _note(self, day: float, unit: int, life: int, party: str, table: str, reporting: str, observed: Values) -> None:
        if self._altered is None:
            return
        for column, value in observed.items():
            number, word = (math.nan, value) if isinstance(value, str) else (value, "")
            self._altered.append(day, unit, life, party, table, column, reporting, number, word)


def _applies(way: Reporting, day: float) -> bool:
    return way.from_day <= day and (way.to_day is None or day < way.to_day)


def _shifted(table: str, own: Values, amount: float) -> dict[str, str | float]:
    if table == "outcome":
        margin = float(own["margin"]) + amount
        return {"margin": margin, "profitable": float(margin > 0.0)}
    letters = WORDS["grade"]
    place = letters.index(str(own["grade"])) - round(amount)
    return {"grade": letters[min(max(place, 0), len(letters) - 1)]}


def _usual(looked: list[dict[str, str | float]]) -> dict[str, str | float]:
    def middle(values: list[Any]) -> str | float:
        usual: str | float = mode(values) if isinstance(values[0], str) else median_low(values)
        return usual

    return {name: middle([one[name] for one in looked]) for name in looked[-1]}
