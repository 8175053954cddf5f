"""A study of any finite rows: every column lies on its public scale, and no figure is further off than is told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.regression.config import Regression
from learning.regression.identified import grid_error, relative_error
from learning.regression.ranges import agreed, announced, gain, standardised
from learning.regression.rows import Rows
from learning.regression.study import study

NAMES = ("a", "b", "c")
Column = np.ndarray[tuple[int], np.dtype[np.float64]]


@st.composite
def columns(draw: st.DrawFn, rows: int) -> Column:
    """A column of any size and sign, constant ones and such of few values among them."""
    luck = np.random.Generator(np.random.Philox(draw(st.integers(0, 10**6))))
    size = 10.0 ** draw(st.integers(-6, 6))
    kind = draw(st.sampled_from(["spread", "positive", "constant", "nought", "few"]))
    match kind:
        case "spread":
            return size * luck.normal(size=rows)
        case "positive":
            return size * (1.0 + luck.random(rows))
        case "constant":
            return np.full(rows, size * draw(st.sampled_from([-4.0, -0.3, 0.7, 8.0])))
        case "nought":
            return np.zeros(rows)
        case _:
            return size * luck.integers(-2, 3, size=rows).astype(np.float64)


@st.composite
def sites(draw: st.DrawFn) -> tuple[Rows, ...]:
    made = []
    for party in ("east", "south", "west")[: draw(st.integers(2, 3))]:
        rows = draw(st.integers(2, 40))
        x = np.column_stack([draw(columns(rows)) for _ in NAMES])
        made.append(Rows(party, NAMES, x, draw(columns(rows)), "y"))
    return tuple(made)


@given(sites())
@settings(max_examples=150, deadline=None)
def test_every_column_of_every_party_lies_within_its_public_scale(found: tuple[Rows, ...]) -> None:
    ranges = agreed(announced(site) for site in found)

    for site in found:
        assert len(site) <= ranges.rows
        assert np.abs(standardised(site.y, ranges.target, None)).max() <= 1.0 + 1e-12
        for at, of in enumerate(ranges.features):
            assert np.abs(standardised(site.x[:, at], of, None)).max() <= 1.0 + 1e-12


@given(sites())
@settings(max_examples=100, deadline=None)
def test_no_study_is_refused_and_none_is_further_off_than_it_tells(found: tuple[Rows, ...]) -> None:
    done = study(found, Regression(models=["LR"], features=[*NAMES], target="y"), protect="plain")
    opened, pooled = done.federated["LR"], done.pooled["LR"]
    parties = len(found)
    bound = relative_error(done.sums["LR"], opened.solved, grid_error(parties, gain(done.ranges, parties)))

    assert opened.metrics["rows"] == pytest.approx(sum(map(len, found)))
    assert 0.0 <= opened.metrics["rss"] < math.inf
    if bound < 1e-3 and opened.solved.parameters == pooled.solved.parameters:
        assert opened.metrics["rss"] == pytest.approx(pooled.metrics["rss"], rel=2.0 * bound + 1e-12)
        assert opened.metrics["tss"] == pytest.approx(pooled.metrics["tss"], rel=2.0 * bound + 1e-12)
    if bound > 1e-6:
        assert any("take a constant off the column" in remark for remark in done.remarks)


@pytest.mark.parametrize(
    "pair", [(-4.0, -8.0), (-8.0, -4.0), (4.0, 8.0), (-4.0, 0.0), (0.0, 4.0), (-4.0, -4.0), (0.0, 0.0)]
)
def test_columns_that_are_constant_at_each_party_have_one_range_that_holds_them(pair: tuple[float, float]) -> None:
    made = [
        Rows(party, ("a",), np.full((3, 1), value), np.arange(3.0), "y")
        for party, value in zip(("east", "west"), pair, strict=True)
    ]
    (of,) = agreed(announced(site) for site in made).features

    assert of.lowest <= min(pair) <= max(pair) <= of.highest
    for site in made:
        assert np.abs(standardised(site.x[:, 0], of, None)).max() <= 1.0
