"""Rows of parties: what is refused before anything is computed."""

from __future__ import annotations

import numpy as np
import pytest

from learning.regression.rows import Rows, sites_of


def rows_of(party: str, count: int = 2, names: tuple[str, ...] = ("a", "b")) -> Rows:
    return Rows(party, names, np.ones((count, len(names))), np.ones(count), "energy")


def test_sites_stand_in_order_of_their_names_whatever_order_they_came_in() -> None:
    assert [site.party for site in sites_of([rows_of("west"), rows_of("east")])] == ["east", "west"]


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        ([], "no party"),
        ([rows_of("east", 0)], "'east' has no rows"),
        ([rows_of("east"), rows_of("east")], "'east' is given twice"),
        ([rows_of("east"), rows_of("west", names=("a", "c"))], "different columns"),
    ],
)
def test_sites_that_do_not_fit_together_are_refused(sites: list[Rows], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        sites_of(sites)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_missing_is_refused_by_the_partys_name(value: float) -> None:
    with pytest.raises(ValueError, match="'east': a value is missing"):
        Rows("east", ("a",), np.array([[1.0], [value]]), np.ones(2), "energy")


def test_rows_that_do_not_fit_their_names_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit 2 features"):
        Rows("east", ("a", "b"), np.ones((2, 3)), np.ones(2), "energy")
