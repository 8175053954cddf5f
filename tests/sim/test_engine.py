"""The calendar: days, phases and keys decide what comes first, never the order of insertion."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine import ARRIVE, COMPLETE, FAIL, REVIEW, Engine, Entry, StandstillError


class Diary:
    """An actor with a name that writes down what happens."""

    def __init__(self, name: str, engine: Engine, pages: list[tuple[float, str, object]]) -> None:
        self.name = name
        self.engine = engine
        self.pages = pages

    def note(self, entry: Entry) -> None:
        self.pages.append((self.engine.now, self.name, entry.unit))

    def remark(self, entry: Entry) -> None:
        self.pages.append((self.engine.now, f"{self.name}!", entry.unit))


def test_an_instant_goes_by_phase_and_key_whatever_was_planned_first() -> None:
    plans = [(COMPLETE, 9), (FAIL, 1), (ARRIVE, 5), (ARRIVE, 7), (REVIEW, 0)]
    for order in permutations(plans):
        engine, pages = Engine(), list[tuple[float, str, object]]()
        for phase, key in order:
            engine.at(2.0, phase, key, Diary("a", engine, pages).note, (phase, key))
        engine.run_until(3.0)

        assert [unit for *_, unit in pages] == plans


def test_two_events_of_one_unit_go_by_block_and_step() -> None:
    for order in permutations(range(3)):
        engine, pages = Engine(), list[tuple[float, str, object]]()
        first, second = Diary("a", engine, pages), Diary("b", engine, pages)
        steps = [first.note, first.remark, second.note]
        for place in order:
            engine.at(1.0, ARRIVE, 4, steps[place])
        engine.run_until(2.0)

        assert [name for _, name, _ in pages] == ["a", "a!", "b"]


def test_what_is_planned_for_the_present_instant_still_happens_in_it() -> None:
    engine, pages = Engine(), list[tuple[float, str, object]]()
    diary = Diary("a", engine, pages)

    class Planner(Diary):
        def plan(self, _: Entry) -> None:
            self.engine.at(self.engine.now, COMPLETE, 0, diary.note, "done at once")

    engine.at(1.0, ARRIVE, 1, Planner("b", engine, pages).plan)
    engine.at(1.0, ARRIVE, 2, diary.note, "second arrival")
    engine.run_until(2.0)

    assert pages == [(1.0, "a", "done at once"), (1.0, "a", "second arrival")]


def test_a_run_stops_at_its_day_to_the_last_bit_before_anything_of_that_day() -> None:
    engine, pages = Engine(), list[tuple[float, str, object]]()
    for day in (0.1, 0.3, 0.1 + 0.2):
        engine.at(day, ARRIVE, 0, Diary("a", engine, pages).note)
    engine.run_until(0.1)
    engine.run_until(0.3)

    assert engine.now == 0.3
    assert [day for day, *_ in pages] == [0.1]

    engine.run_until(1.0)

    assert [day for day, *_ in pages] == [0.1, 0.3, 0.1 + 0.2]


@pytest.mark.parametrize("day", [1.0, -3.0, math.nan])
def test_a_run_to_a_day_that_has_passed_or_is_no_number_is_refused(day: float) -> None:
    engine = Engine()
    engine.run_until(2.0)
    engine.run_until(2.0)

    with pytest.raises(ValueError, match="is at day 2 and cannot run until"):
        engine.run_until(day)

    assert engine.now == 2.0


def test_events_without_end_at_one_instant_are_told_with_who_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.MOST_AT_ONE_INSTANT", 100)

    class Restless:
        name = "restless"

        def again(self, entry: Entry) -> None:
            engine.at(engine.now, ARRIVE, 0, self.again)

    engine = Engine()
    engine.at(1.0, ARRIVE, 0, Restless().again)

    with pytest.raises(StandstillError, match="100 events on day 1 and no end, the next is 'again' of restless"):
        engine.run_until(2.0)


def test_a_cancelled_event_does_nothing_and_is_not_pending() -> None:
    engine, pages = Engine(), list[tuple[float, str, object]]()
    diary = Diary("a", engine, pages)
    kept, dropped = engine.at(1.0, ARRIVE, 0, diary.note, "kept"), engine.at(1.0, ARRIVE, 1, diary.note, "dropped")
    dropped.cancel()

    assert [entry for *_, entry in engine.pending()] == [kept]

    engine.run_until(2.0)

    assert [unit for *_, unit in pages] == ["kept"]
    assert engine.pending() == []


@given(st.lists(st.tuples(st.sampled_from([1.0, 2.0, 2.5]), st.integers(1, 4), st.integers(0, 3)), unique=True))
def test_pending_events_are_listed_as_they_will_happen(plans: list[tuple[float, int, int]]) -> None:
    engine, pages = Engine(), list[tuple[float, str, object]]()
    for day, phase, key in plans:
        engine.at(day, phase, key, Diary("a", engine, pages).note, (day, phase, key))
    listed = [(day, phase, key) for day, phase, key, _ in engine.pending()]
    engine.run_until(9.0)

    assert listed == sorted(plans) == [unit for *_, unit in pages]
