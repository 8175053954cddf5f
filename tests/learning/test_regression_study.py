"""The study: federated equals pooled, whatever the order, the protection and the units; what never leaves a party."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning import linear
from learning.arrays import FloatArray
from learning.regression.config import Regression
from learning.regression.ranges import Range, agreed, announced, scale, standardised
from learning.regression.residuals import residuals
from learning.regression.rows import Rows, sites_of
from learning.regression.statistics import features_of
from learning.regression.study import CONTENT, Study, refuse_constant, study
from learning.regression.transforms import box_cox

CONFIG = Regression(features=["a", "b"], target="y", models=["LR", "TM-P", "TM-T", "DTM"], lambdas=[-0.5, 0.0])


def drawn_sites(sizes: dict[str, int]) -> tuple[Rows, ...]:
    draw = np.random.Generator(np.random.Philox(9))
    sites = []
    for party, size in sizes.items():
        x = np.exp(draw.standard_normal((size, 2))) * [3.0, 20.0]
        y = np.exp(0.4 * np.log(x[:, 0]) + 0.1 * draw.standard_normal(size)) * (20.0 + x[:, 1])
        sites.append(Rows(party, ("a", "b"), x, y, "y"))
    return sites_of(sites)


SITES = drawn_sites({"east": 40, "north": 25, "west": 60})


@pytest.fixture(scope="module", params=["plain", "shared_key", "threshold", "compact"])
def protected(request: pytest.FixtureRequest) -> Study:
    return study(SITES, CONFIG, protect=request.param)


def own_r2(x: FloatArray, y: FloatArray) -> float:
    """R2 by another solver, on the rows themselves."""
    design = np.column_stack([np.ones(len(x)), x])
    weights, *_ = np.linalg.lstsq(design, y, rcond=None)
    return float(1.0 - ((y - design @ weights) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def test_every_metric_through_a_protection_is_that_of_rows_in_one_place_to_a_millionth(protected: Study) -> None:
    for model, fit in protected.pooled.items():
        assert protected.federated[model].metrics == pytest.approx(fit.metrics, rel=1e-6)


def test_every_r2_is_that_of_another_solver_on_the_transformed_rows(protected: Study) -> None:
    x, y = np.concatenate([site.x for site in SITES]), np.concatenate([site.y for site in SITES])

    for model in protected.models:
        expected = own_r2(box_cox(x, model.on_features), box_cox(y, model.on_target))
        assert protected.pooled[model.name].metrics["r2"] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(3)), st.sampled_from([0.0, 0.01, 5.0]))
def test_the_order_of_parties_changes_nothing(order: list[int], ridge: float) -> None:
    config = replace(CONFIG, ridge=ridge)
    first = study(SITES, config, protect="plain")
    found = study(sites_of(SITES[at] for at in order), config, protect="plain")

    for model, fit in first.federated.items():
        assert np.array_equal(found.federated[model].weights, fit.weights)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 124), st.sampled_from([0.0, 0.5]))
def test_who_holds_which_row_changes_nothing_but_the_last_digits(cut: int, ridge: float) -> None:
    x, y = np.concatenate([site.x for site in SITES]), np.concatenate([site.y for site in SITES])
    parts = [Rows("a", ("a", "b"), x[:cut], y[:cut], "y"), Rows("b", ("a", "b"), x[cut:], y[cut:], "y")]
    config = replace(CONFIG, ridge=ridge)

    whole = study(SITES, config, protect="plain")
    divided = study(sites_of(parts), config, protect="plain")

    for model, fit in whole.pooled.items():
        assert divided.pooled[model].weights == pytest.approx(fit.weights, abs=1e-9)


def test_a_change_of_units_that_is_a_power_of_two_changes_no_r2() -> None:
    """Public ranges are powers of two, so the scaled rows are the same rows."""
    other = tuple(replace(site, x=site.x * [1.0, 1024.0], y=site.y / 8.0) for site in SITES)
    config = replace(CONFIG, models=["LR", "DTM"], lambdas=[0.0])

    first, second = study(SITES, config, protect="plain"), study(other, config, protect="plain")

    for model in ("LR", "DTM 0"):
        assert second.federated[model].metrics["r2"] == pytest.approx(first.federated[model].metrics["r2"], abs=1e-9)


def test_what_leaves_a_party_are_bounds_and_one_update_and_nothing_is_as_long_as_its_rows() -> None:
    found = study(SITES, CONFIG, protect="threshold")
    purposes = [row.purpose for row in found.crossings if row.sender == "west"]

    assert purposes.count("range") == 1
    assert purposes.count("update") == 1
    assert all(CONTENT in row.content for row in found.crossings if row.purpose in ("update", "sum"))
    assert {one.numbers for one in found.releases} == {7, 7 * linear.numbers(2)}


def test_a_partys_own_model_is_that_of_its_own_rows() -> None:
    found = study(SITES, CONFIG, protect="plain").alone["north"]

    assert found["DTM 0"].fit.metrics["r2"] == pytest.approx(own_r2(np.log(SITES[1].x), np.log(SITES[1].y)), abs=1e-9)
    assert found["DTM 0"].fit.metrics["rows"] == 25.0
    assert found["DTM 0"].on_all["rows"] == 125.0


def test_a_party_whose_column_does_not_vary_is_said_and_helps_the_others_nevertheless() -> None:
    constant = replace(SITES[0], x=np.column_stack([SITES[0].x[:, 0], np.full(40, 20.0)]))
    found = study((constant, *SITES[1:]), CONFIG, protect="plain")

    assert found.remarks == ()
    assert found.own_remarks["east"] == ("'b' does not vary, so it has no weight",)
    assert found.federated["LR"].solved.parameters == 3
    assert found.alone["east"]["LR"].fit.solved.parameters == 2


def test_powers_of_values_that_are_not_above_0_are_refused_by_party_and_column() -> None:
    zero = replace(SITES[1], x=SITES[1].x * [0.0, 1.0])

    with pytest.raises(ValueError, match="takes powers of 'a', and 'north' holds values that are not above 0"):
        study((SITES[0], zero), CONFIG, protect="plain")
    assert study((SITES[0], zero), replace(CONFIG, models=["LR", "TM-T"]), protect="plain").federated


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0, 5.0], (2.0, 8.0)),
        ([4.0, 4.0], (4.0, 8.0)),
        ([0.0, 0.3], (0.0, 0.5)),
        ([-3.0, 0.3], (-4.0, 0.5)),
        ([-3.0, -1.5], (-4.0, -1.0)),
        ([0.0, 0.0], (0.0, 0.0)),
    ],
)
def test_a_range_says_the_powers_of_two_around_a_column_and_no_more(
    values: list[float], expected: tuple[float, float]
) -> None:
    rows = Rows("a", ("x",), np.array(values)[:, None], np.ones(2), "y")

    assert announced(rows).features == (Range(*expected),)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.integers(1, 19))
def test_rows_on_their_public_scale_lie_within_one_of_0(values: list[float], cut: int) -> None:
    column = np.array(values)[:, None]
    parts = [part for part in np.split(column, [min(cut, len(values) - 1)]) if len(part)]
    sites = [Rows(f"p{at}", ("x",), part, np.ones(len(part)), "y") for at, part in enumerate(parts)]
    common = agreed(announced(site) for site in sites).features[0]

    for site in sites:
        assert np.abs(standardised(site.x[:, 0], common, None)).max() <= 1.0


def test_residuals_at_a_party_are_those_of_the_common_model_on_its_rows() -> None:
    found = study(SITES, CONFIG, protect="plain")
    model = next(one for one in found.models if one.name == "DTM 0")
    weights = found.federated["DTM 0"].weights

    own = [residuals(site, model, weights, found.ranges) for site in SITES]

    total = sum(float(one.residual @ one.residual) for one in own)
    assert total == pytest.approx(found.federated["DTM 0"].metrics["rss"], rel=1e-6)
    for site, one in zip(SITES, own, strict=True):
        assert one.fitted + one.residual == pytest.approx(np.log(site.y))
        on = scale(found.ranges.target, 0.0)
        assert one.fitted == pytest.approx(
            on.middle + on.half * linear.predict(weights, features_of(site, found.ranges, 0.0))
        )


# --- rows that are hard ---


def parties(x: FloatArray, y: FloatArray) -> tuple[Rows, ...]:
    """The rows shared out among three parties."""
    thirds = np.array_split(np.arange(len(y)), 3)
    names = tuple("abcdefgh"[: x.shape[1]])
    return sites_of(
        Rows(name, names, x[at], y[at], "y") for name, at in zip(("east", "north", "west"), thirds, strict=True)
    )


def straight(sites: tuple[Rows, ...]) -> Study:
    config = Regression(features=list(sites[0].names), target="y", models=["LR"])
    return study(sites, config, protect="plain")


def test_the_yardstick_keeps_the_digits_that_sums_of_squares_lose() -> None:
    """Far from 0 a Gram has lost them: the yardstick has not, so what the sums lost shows as a difference."""
    draw = np.random.Generator(np.random.Philox(3))
    x = draw.standard_normal((90, 2))
    y = 1e5 + x @ [1.0, 2.0] + 1e-3 * draw.standard_normal(90)
    found = straight(parties(x, y))
    design = np.column_stack([np.ones(90), x])
    rss = float(((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum())

    assert found.pooled["LR"].metrics["rss"] == pytest.approx(rss, rel=1e-6)
    assert abs(found.federated["LR"].metrics["rss"] / rss - 1.0) > 1e-6
    assert any("figures" in remark for remark in found.remarks)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_the_yardstick_is_another_solvers_answer_on_the_rows(ridge: float) -> None:
    found = study(SITES, replace(CONFIG, ridge=ridge), protect="plain")
    x, y = np.concatenate([site.x for site in SITES]), np.concatenate([site.y for site in SITES])
    scales = [scale(of, None) for of in found.ranges.features]
    on, of = (x - [one.middle for one in scales]) / [one.half for one in scales], scale(found.ranges.target, None)
    centred = on - on.mean(axis=0)
    slopes = np.linalg.solve(centred.T @ centred + ridge * np.eye(2), centred.T @ (y - y.mean()) / of.half)

    assert found.pooled["LR"].weights[1:] == pytest.approx(slopes, rel=1e-10)
    assert found.pooled["LR"].metrics["parameters"] == 3


@pytest.mark.parametrize("value", [0.0, 3.0, -7.5])
def test_a_target_that_does_not_vary_is_refused_in_words(value: float) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.raises(ValueError, match="LR: over all parties 'y' does not vary"):
        refuse_constant(straight(parties(x, np.full(30, value))), "y")


def test_a_target_that_does_not_vary_at_one_party_is_learned_with_the_others() -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    y = x @ [1.0, 2.0]
    y[:10] = 4.0
    found = straight(parties(x, y))

    assert np.isnan(found.alone["east"]["LR"].fit.metrics["r2"])
    assert 0.0 < found.federated["LR"].metrics["r2"] < 1.0


@pytest.mark.parametrize(
    ("size", "said"),
    [(1e300, r"'east': 'y' holds a value above 1e\+60 in size"), (1e-300, "'y' holds no value above 1e-60 in size")],
)
def test_a_target_whose_squares_are_no_numbers_is_refused_by_name(size: float, said: str) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.raises(ValueError, match=said):
        refuse_constant(straight(parties(x, size * (1.0 + x[:, 0] ** 2))), "y")


def test_features_that_vary_nowhere_explain_nothing_and_break_nothing() -> None:
    y = np.random.default_rng(0).normal(size=30)
    found = straight(parties(np.zeros((30, 2)), y))

    assert found.federated["LR"].metrics["r2"] == pytest.approx(0.0, abs=1e-12)
    assert found.federated["LR"].metrics["parameters"] == 1


def test_rows_given_ten_times_over_have_the_same_weights() -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    y = x @ [1.0, 2.0] + np.random.default_rng(1).normal(size=30)
    once, often = straight(parties(x, y)), straight(parties(np.tile(x, (10, 1)), np.tile(y, 10)))

    assert often.federated["LR"].weights == pytest.approx(once.federated["LR"].weights, rel=1e-9)
    assert often.federated["LR"].metrics["rows"] == 300
