from __future__ import annotations

from statistics import NormalDist

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.normal import scores


@given(st.lists(st.floats(2.0**-53, 1.0 - 2.0**-53), min_size=1, max_size=40))
def test_many_quantiles_at_once_are_those_of_the_standard_library(uniforms: list[float]) -> None:
    found = scores(np.array(uniforms))

    # near the median the quantile is a difference of nearly equal numbers
    np.testing.assert_allclose(found, [NormalDist().inv_cdf(u) for u in uniforms], rtol=1e-14, atol=1e-15)


def test_a_table_keeps_its_shape_and_order() -> None:
    found = scores(np.array([[0.1, 0.5], [1e-9, 1.0 - 1e-9]]))

    assert found.shape == (2, 2)
    assert found[0, 1] == 0.0
    assert found[1, 0] < -5.9 < found[0, 0] < 0.0
    assert found[1, 1] > 5.9
