from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.backends import FLOATS
from sim.lubrication import Oil, arrhenius, film_of, mean_oxidation, oil_temperature, oxidation_rate
from sim.usage import Usage

OIL = Oil()
USAGE = Usage(torque_ratio=1.2, shifts_per_km=2.0, ambient_c=15.0, oil_interval=60.0, overheats=5.0)


def test_oil_is_as_hot_as_its_losses_over_the_conductance() -> None:
    """15 + (990 x 1.2 + 300 x 2) / 28 + 5 x 0.6."""
    assert oil_temperature(USAGE, OIL) == pytest.approx(15.0 + (1188.0 + 600.0) / 28.0 + 3.0)


def test_ten_kelvin_near_ninety_degrees_more_than_double_the_oxidation() -> None:
    """exp(95000 / 8.314 x (1 / 358.15 - 1 / 368.15)): the rule of thumb that 95 kJ/mol stand for."""
    rates = [oxidation_rate(FLOATS, 1.0, celsius + 273.15, OIL) for celsius in (85.0, 95.0)]

    assert rates[1] / rates[0] == pytest.approx(2.3788, abs=1e-4)
    assert arrhenius(FLOATS, 363.15, 95.0e3, 90.0) == 1.0


@given(st.floats(1e-7, 2.0), st.floats(1.0, 300.0))
def test_the_mean_oxidation_is_the_integral_over_the_interval(rate: float, interval: float) -> None:
    steps = 2000
    middle = (interval * (step + 0.5) / steps for step in range(steps))
    integral = math.fsum(-math.expm1(-rate * x) for x in middle) / steps
    # the midpoint rule is this far off at most: second derivative k^2, step^2 / 24
    error = (rate * interval / steps) ** 2 / 24.0

    assert mean_oxidation(FLOATS, rate, interval) == pytest.approx(integral, rel=1e-6, abs=error + 1e-15)


def test_the_two_forms_of_the_mean_meet_where_one_takes_over() -> None:
    assert mean_oxidation(FLOATS, 0.02 * (1 - 1e-12), 1.0) == pytest.approx(mean_oxidation(FLOATS, 0.02, 1.0), rel=1e-9)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_oxidised_oil_never_has_the_thicker_film(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert math.exp(-1.2) <= film_of(FLOATS, high, OIL) <= film_of(FLOATS, low, OIL) <= 1.0
