"""What a site holds, and what it may look at by a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.features import CLIP, Feature, SiteData, split, standardise


@given(days=st.lists(st.floats(0, 100), max_size=20), day=st.floats(0, 100))
def test_a_label_counts_only_when_it_was_known_by_then(
    make_site: Callable[..., SiteData], days: list[float], day: float
) -> None:
    site = make_site("north", np.arange(len(days))[:, None] * 1.0, np.zeros(len(days)), np.array(days))
    train, test = split(site, day)

    assert (train.known_at_day <= day).all()
    assert (test.known_at_day > day).all()
    assert set(train.unit_ids).isdisjoint(test.unit_ids)
    assert {*train.unit_ids, *test.unit_ids} == set(site.unit_ids)
    assert all(site.x[site.unit_ids.index(unit)] == x for unit, x in zip(train.unit_ids, train.x, strict=True))


def test_the_split_looks_at_no_feature_and_no_label(sites: list[SiteData]) -> None:
    site = sites[0]
    other = SiteData(
        party=site.party,
        names=site.names,
        x=-3 * site.x,
        y=1 - site.y,
        known_at_day=site.known_at_day,
        unit_ids=site.unit_ids,
    )

    assert split(other, 10.0).train.unit_ids == split(site, 10.0).train.unit_ids


def test_features_are_scaled_by_declared_numbers_alone(make_site: Callable[..., SiteData]) -> None:
    site = make_site("north", np.array([[10.0, 1.0], [30.0, 1e9]]), np.array([0.0, 1.0]))
    features = [Feature(name="feature_0", centre=20.0, scale=5.0), Feature(name="feature_1")]
    scaled = standardise(site, features)

    assert scaled.x.tolist() == [[-2.0, 1.0], [2.0, CLIP]]
    assert standardise(site.rows([0]), features).x.tolist() == [[-2.0, 1.0]]


def test_declared_features_must_be_the_sites_own_in_order(make_site: Callable[..., SiteData]) -> None:
    site = make_site("north", np.zeros((1, 2)), np.zeros(1))

    with pytest.raises(
        ValueError, match="'north': features are feature_0, feature_1; declared are feature_1, feature_0"
    ):
        standardise(site, [Feature(name="feature_1"), Feature(name="feature_0")])


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"y": [0.0, 2.0]}, "labels must be 0 or 1"),
        ({"y": [0.0]}, "do not fit"),
        ({"x": [[np.nan], [1.0]]}, "feature 'mass' is not finite"),
        ({"unit_ids": (1, 1)}, "unit ids must differ"),
        ({"known_at_day": [0.0, np.nan]}, "known_at_day must not be NaN"),
        ({"names": ("mass", "mass"), "x": [[1.0, 1.0], [1.0, 1.0]]}, "feature names must differ"),
    ],
)
def test_a_site_that_does_not_hold_together_is_refused_by_name(changed: dict[str, Any], fault: str) -> None:
    sound = {"names": ("mass",), "x": [[1.0], [2.0]], "y": [0.0, 1.0], "known_at_day": [0.0, 1.0], "unit_ids": (1, 2)}

    with pytest.raises(ValueError, match=f"'north': .*{fault}"):
        SiteData(party="north", **(sound | changed))


def test_a_sites_rows_cannot_be_written_to_and_do_not_follow_the_callers_array() -> None:
    x = np.array([[1.0], [2.0]])
    site = SiteData(party="north", names=("mass",), x=x, y=np.zeros(2), known_at_day=np.zeros(2), unit_ids=("a", "b"))
    x[0, 0] = 9.0

    assert site.x[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        site.x[0, 0] = 9.0


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_cannot_divide_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="'mass' needs a finite centre and a scale > 0"):
        Feature(name="mass", scale=scale)
