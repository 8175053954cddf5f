"""The grid: how near, how far, and who is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.faults import ProtectionError
from learning.quantise import FRACTION_BITS, SUM_BITS, budget_steps, dequantise, quantise


@given(st.lists(st.floats(-1e7, 1e7), max_size=20))
def test_a_number_comes_back_within_half_a_step(numbers: list[float]) -> None:
    values = np.array(numbers)
    back = dequantise(quantise(values, party="north", parties=3))

    assert back == pytest.approx(values, rel=0, abs=2.0 ** -(FRACTION_BITS + 1))


@given(st.integers(1, 1024))
def test_a_sum_of_full_budgets_is_an_exact_float(parties: int) -> None:
    total = parties * budget_steps(parties)

    assert total <= 2**SUM_BITS
    assert int(float(total)) == total


@pytest.mark.parametrize("value", [2.0**30, -(2.0**30), 1e300, -1e308, float("nan"), float("inf")])
def test_a_number_outside_the_range_is_refused_naming_the_party_but_not_the_number(value: float) -> None:
    with pytest.raises(ProtectionError, match="'north': entry 1 of its update is outside") as refused:
        quantise(np.array([0.0, value]), party="north", parties=3)

    assert refused.value.parties == ("north",)
    assert repr(value) not in str(refused.value)


def test_the_last_step_of_the_budget_is_inside_and_the_next_is_not() -> None:
    limit = budget_steps(4) / 2.0**FRACTION_BITS

    assert quantise(np.array([limit, -limit]), party="north", parties=4).tolist() == [2**50, -(2**50)]
    with pytest.raises(ProtectionError):
        quantise(np.array([limit + 2.0**-FRACTION_BITS]), party="north", parties=4)
