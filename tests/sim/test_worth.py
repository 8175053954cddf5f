"""What refitting a core costs and what it is worth, by hand and as laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.backends import FLOATS
from sim.wear import MECHANISMS
from sim.worth import NONE_FAILED, Refitting, Terms, condition, margin, refit_cost

LIMITS = Refitting(
    rework_above=(0.3, 9.0, 0.35, 9.0),
    rework_cost=(130.0, 0.0, 80.0, 0.0),
    replace_above=(0.65, 0.6, 0.6, 0.35),
    replace_cost=(480.0, 160.0, 280.0, 60.0),
)
TERMS = Terms(surplus=680.0, crack_loss=432.0)
damages = st.tuples(*[st.floats(0.0, 3.0)] * 4)
ends = st.integers(NONE_FAILED, len(MECHANISMS) - 1)


def test_a_core_is_worked_out_by_hand() -> None:
    """Gears reworked, bearings failed, lining as it is, seals replaced: 130 + 160 + 60."""
    damage = (0.4, 0.5, 0.1, 0.5)

    assert refit_cost(FLOATS, LIMITS, damage, 1) == 350.0
    assert margin(FLOATS, TERMS, LIMITS, damage, 1, False) == 330.0
    assert margin(FLOATS, TERMS, LIMITS, damage, 1, True) == -432.0


@given(damages, ends)
def test_the_cost_is_that_of_what_is_done_to_each_part(damage: tuple[float, ...], failed: int) -> None:
    price = {"reuse": (0.0,) * 4, "rework": LIMITS.rework_cost, "replace": LIMITS.replace_cost}
    done = [condition(spent, part == failed, LIMITS, part) for part, spent in enumerate(damage)]

    assert refit_cost(FLOATS, LIMITS, damage, failed) == sum(price[what][part] for part, what in enumerate(done))


@given(damages, ends, st.integers(0, 3), st.floats(0.0, 2.0))
def test_more_damage_never_makes_a_core_worth_more(
    damage: tuple[float, ...], failed: int, part: int, more: float
) -> None:
    worse = tuple(spent + more * (part == number) for number, spent in enumerate(damage))

    assert margin(FLOATS, TERMS, LIMITS, worse, failed, False) <= margin(FLOATS, TERMS, LIMITS, damage, failed, False)


@given(st.lists(st.tuples(damages, ends, st.booleans()), min_size=1, max_size=20))
def test_many_cores_at_once_are_worth_what_each_is(cores: list[tuple[tuple[float, ...], int, bool]]) -> None:
    damage, failed, cracked = (np.array(column) for column in zip(*cores, strict=True))

    together = margin(np, TERMS, LIMITS, tuple(damage.T), failed, cracked)

    assert together == pytest.approx([margin(FLOATS, TERMS, LIMITS, *core) for core in cores])
