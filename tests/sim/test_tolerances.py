from __future__ import annotations

import math
from itertools import product
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.backends import FLOATS
from sim.parties.design import Backlash
from sim.tolerances import capability, gap, spread, worst_case

several = st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 1)), min_size=1, max_size=6)


def test_a_stack_of_two_dimensions_is_worked_out_by_hand() -> None:
    """0.1 + 2 x 0.03 - 0.04; root of (2 x 0.3)^2 + 0.8^2; 2 x 0.3 + 0.8."""
    assert gap(0.1, (2.0, -1.0), (0.03, 0.04)) == pytest.approx(0.12)
    assert spread(FLOATS, (2.0, -1.0), (0.3, 0.8)) == pytest.approx(1.0)
    assert worst_case((2.0, -1.0), (0.3, 0.8)) == pytest.approx(1.4)


@given(several)
def test_no_corner_of_the_tolerances_is_further_out_than_the_worst_case(dimensions: list[tuple[float, float]]) -> None:
    sensitivities, tolerances = zip(*dimensions, strict=True)
    corners = [
        gap(0.0, sensitivities, [sign * tolerance for sign, tolerance in zip(signs, tolerances, strict=True)])
        for signs in product((-1.0, 1.0), repeat=len(tolerances))
    ]

    assert max(map(abs, corners)) == pytest.approx(worst_case(sensitivities, tolerances), abs=1e-12)
    assert spread(FLOATS, sensitivities, tolerances) <= worst_case(sensitivities, tolerances) + 1e-12


@pytest.mark.parametrize(("cpk", "outside"), [(1.0, 2.7e-3), (1.33, 6.6e-5)])
def test_a_centred_process_leaves_its_limits_as_often_as_its_cpk_says(cpk: float, outside: float) -> None:
    sd = 1.0 / (3.0 * cpk)

    assert capability(FLOATS, 0.0, sd, -1.0, 1.0) == pytest.approx(cpk)
    assert 2.0 * NormalDist(0.0, sd).cdf(-1.0) == pytest.approx(outside, rel=0.02)


def test_the_nearer_limit_decides() -> None:
    assert capability(FLOATS, 0.4, 0.1, 0.0, 1.0) == pytest.approx(0.4 / 0.3)
    assert capability(FLOATS, 0.7, 0.1, 0.0, 1.0) == pytest.approx(0.3 / 0.3)


def test_the_packaged_chain_keeps_to_its_limits_statistically_and_not_in_the_worst_case() -> None:
    """Why tolerances are stacked by squares: Cpk above 1.33, while all at their limits would be rejected."""
    backlash = Backlash()

    assert backlash.sd() == pytest.approx(math.sqrt(2 * 0.008**2 + (0.73 * 0.010) ** 2 + (0.73 * 0.005) ** 2))
    assert backlash.cpk() > 1.33
    assert backlash.worst() > backlash.nominal_mm - backlash.lower_mm
