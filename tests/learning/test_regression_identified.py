"""What rows can tell apart, and who is told of it."""

from __future__ import annotations

import numpy as np
import pytest

from learning import linear
from learning.regression.config import Regression
from learning.regression.identified import grid_error, inflation, rank, relative_error, remarks
from learning.regression.leaving import RANK
from learning.regression.ranges import Range, Ranges, gain
from learning.regression.rows import Rows
from learning.regression.study import Study, study

ROWS = 400
NAMES = ("a", "b", "c")


def columns(share: float, rows: int = ROWS) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Three columns; the third is the sum of the others plus noise of this share."""
    luck = np.random.Generator(np.random.Philox(7))
    a, b, noise = luck.normal(size=(3, rows))
    return np.column_stack([a, b, a + b + share * noise])


def site(party: str, x: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Rows:
    luck = np.random.Generator(np.random.Philox(len(party)))
    y = 3.0 + x @ [1.0, 2.0, 0.5] + 0.1 * luck.normal(size=len(x))
    return Rows(party, NAMES, x, y, "y")


def sums(x: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> linear.Gram:
    return linear.gram(x, x[:, 0])


def test_the_inflation_is_one_over_what_the_other_features_leave_unexplained() -> None:
    x = columns(0.3)
    found = inflation(sums(x), linear.solve(sums(x)))

    for at in range(3):
        rest = np.column_stack([np.ones(ROWS), np.delete(x, at, axis=1)])
        left = x[:, at] - rest @ np.linalg.lstsq(rest, x[:, at], rcond=None)[0]
        unexplained = (left @ left) / np.sum((x[:, at] - x[:, at].mean()) ** 2)
        assert found[at] == pytest.approx(1.0 / unexplained, rel=1e-9)


def test_unrelated_features_have_an_inflation_of_one() -> None:
    x = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])

    assert inflation(sums(x), linear.solve(sums(x))) == pytest.approx([1.0, 1.0])


def test_a_feature_without_a_weight_has_none() -> None:
    constant = np.column_stack([columns(0.3)[:, :2], np.full(ROWS, 5.0)])
    exact = columns(0.0)

    assert np.isnan(inflation(sums(constant), linear.solve(sums(constant)))[2])
    assert np.isnan(inflation(sums(exact), linear.solve(sums(exact)))[2])
    assert rank(linear.solve(sums(exact))) == 2


def test_a_sentence_names_the_models_in_which_it_holds_unless_in_all() -> None:
    near, apart = (sums(columns(share)) for share in (0.05, 5.0))
    fitted = {"one": (near, linear.solve(near)), "two": (apart, linear.solve(apart))}

    assert remarks(fitted, NAMES) == (
        "'a', 'b' and 'c' follow nearly from the others: predictions hold, their weights say little (one)",
    )
    assert remarks({"two": fitted["two"]}, NAMES) == ()


def test_near_collinear_rows_give_the_same_study_as_rows_in_one_place() -> None:
    sites = (site("east", columns(0.01)), site("south", columns(0.01, 200)), site("west", columns(0.01, 90)))
    found = study(sites, Regression(models=["LR"], features=[*NAMES], target="y"), protect="plain")
    x, y = np.vstack([one.x for one in sites]), np.concatenate([one.y for one in sites])
    rest = y - np.column_stack([np.ones(len(x)), x]) @ np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y)[0]
    r2 = 1.0 - rest @ rest / np.sum((y - y.mean()) ** 2)

    assert found.federated["LR"].metrics["r2"] == pytest.approx(r2, rel=1e-6)
    assert found.remarks == (
        "'a', 'b' and 'c' follow nearly from the others: predictions hold, their weights say little",
    )


def test_a_constant_column_is_told_to_its_party_only_and_the_rank_to_all_who_agreed() -> None:
    x = columns(5.0)
    sites = (site("east", np.column_stack([x[:, :2], np.full(ROWS, 5.0)])), site("west", x))
    config = Regression(models=["LR"], features=[*NAMES], target="y", tells_rank=True)
    found = study(sites, config, protect="plain")
    silent = study(sites, Regression(models=["LR"], features=[*NAMES], target="y"), protect="plain")

    assert found.remarks == ()
    assert found.own_remarks == {"east": ("'c' does not vary, so it has no weight",), "west": ()}
    assert found.ranks == {"east": 2, "west": 3}
    assert [row.sender for row in found.crossings if row.content == RANK] == ["east", "west"]
    assert [one.parties for one in found.releases if one.what == RANK] == [("east",), ("west",)]
    assert silent.ranks == {}
    assert not [row for row in silent.crossings if row.content == RANK]


def test_no_crossing_of_a_study_names_a_column() -> None:
    x = columns(5.0)
    sites = (site("east", np.column_stack([x[:, :2], np.full(ROWS, 5.0)])), site("west", x))
    config = Regression(models=["LR"], features=[*NAMES], target="y", tells_rank=True)
    found = study(sites, config, protect="plain")

    assert not [row for row in found.crossings if any(f"'{name}'" in row.content for name in NAMES)]


def narrow(party: str, rows: int, width: float) -> Rows:
    """Two features, the first within this width of 100, that say nearly all of the target."""
    luck = np.random.Generator(np.random.Philox(rows))
    u, v = 100.0 + width * luck.random(rows), luck.normal(size=rows)
    return Rows(
        party, ("u", "v"), np.column_stack([u, v]), 5.0 + 3.0 * u + v + 0.1 * width * luck.normal(size=rows), "y"
    )


def studied(width: float) -> Study:
    sites = (narrow("east", 100, width), narrow("south", 60, width), narrow("west", 30, width))
    return study(sites, Regression(models=["LR"], features=["u", "v"], target="y"), protect="plain")


@pytest.mark.parametrize("width", [10.0, 1.0, 0.1, 0.01])
def test_no_figure_is_further_off_than_the_bound_that_is_told(width: float) -> None:
    found = studied(width)
    opened, pooled = found.federated["LR"], found.pooled["LR"]
    bound = relative_error(found.sums["LR"], opened.solved, grid_error(3, gain(found.ranges, 3)))

    for metric in ("rss", "tss"):
        assert opened.metrics[metric] == pytest.approx(pooled.metrics[metric], rel=bound)
    told = [one for one in found.remarks if "take a constant off the column" in one]
    assert bool(told) == (bound > 1e-6)
    assert bool(told) == (width <= 0.1)


def test_what_the_range_of_the_grid_has_left_over_goes_into_its_step() -> None:
    """A sum of 128 rows on a grid of 52 bits for three parties, of which one is kept in hand: 2^(50 - 24 - 1 - 7)."""
    assert gain(Ranges((), Range(0.0, 1.0), 128.0), 3) == 2.0**18
    assert gain(Ranges((), Range(0.0, 1.0), 2.0**26), 3) == 0.5


@pytest.mark.parametrize("rows", [1, 2, 3, 1000, 1024, 1025])
def test_no_party_of_so_many_rows_is_refused_by_the_grid(rows: int) -> None:
    x, y = np.ones((rows, 1)) * [[1.0]], np.ones(rows)
    site = Rows("east", ("a",), x, y, "y")
    other = Rows("west", ("a",), -x, -y, "y")

    found = study((site, other), Regression(models=["LR"], features=["a"], target="y"), protect="plain")

    assert found.sums["LR"].n == pytest.approx(2 * rows, rel=1e-12)


def test_on_encrypted_rows_what_rounding_them_may_do_is_told_too() -> None:
    sites = (narrow("east", 100, 0.1), narrow("south", 60, 0.1), narrow("west", 30, 0.1))
    wide = (narrow("east", 100, 400.0), narrow("south", 60, 400.0), narrow("west", 30, 400.0))
    config = Regression(mode="outsourced", models=["TM-T"], lambdas=[0.0], features=["u", "v"], target="y")

    assert any("cannot be told from rounding" in one for one in study(sites, config, protect="plain").remarks)
    assert study(wide, config, protect="plain").remarks == ()
