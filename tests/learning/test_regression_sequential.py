"""Learning by turns: any order ends at the pooled ridge, and what the announcements give away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning import linear
from learning.linear import Gram
from learning.regression.config import Regression
from learning.regression.fixture import fixture
from learning.regression.sequential import course, explained, mean_only, revealed, turns
from learning.regression.study import Study, study
from learning.regression.turns import Sequential, sequential


def drawn_grams(count: int = 4, features: int = 3) -> list[Gram]:
    draw = np.random.Generator(np.random.Philox(3))
    grams = []
    for _ in range(count):
        x = draw.standard_normal((20, features))
        grams.append(linear.gram(x, x @ np.ones(features) + 0.5 * draw.standard_normal(20)))
    return grams


GRAMS = drawn_grams()


def own_of(found: Study) -> dict[str, Gram]:
    return {party: grams["DTM 0"] for party, grams in found.own.items()}


@pytest.fixture(scope="module")
def by_turns() -> Sequential:
    config = Regression(models=["DTM"], lambdas=[0.0], ridge=0.01)
    found = study(fixture(), config, protect="plain")
    return sequential(fixture(), own_of(found), found.models[0], found.ranges, 0.01, seed=1)


def test_a_mean_known_as_well_as_its_data_ends_half_way_between_prior_and_data() -> None:
    """One feature, two rows at x = 1 and -1 with y = x, prior of precision 2: posterior mean 2 / (2 + 2)."""
    sums = linear.gram(np.array([[1.0], [-1.0]]), np.array([1.0, -1.0]))

    end = turns([sums], 1, 2.0)[-1]

    assert end.mean == pytest.approx([0.0, 0.5])
    assert end.precision == pytest.approx(np.diag([2.0, 4.0]))


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)), st.sampled_from([0.0, 0.01, 3.0]))
def test_any_order_of_parties_ends_at_the_ridge_of_all_rows(order: list[int], ridge: float) -> None:
    expected = linear.solve(linear.add(*GRAMS), ridge).weights

    assert turns([GRAMS[at] for at in order], 3, ridge)[-1].mean == pytest.approx(expected, abs=1e-9)


def test_batches_of_random_parties_end_at_the_ridge_of_all_rows_of_the_fixture(by_turns: Sequential) -> None:
    assert by_turns.distance < 1e-9
    assert by_turns.by_batch[-1][0] == 2050.0


def test_the_fixture_is_learned_to_a_hundredth_after_a_quarter_of_its_rows(by_turns: Sequential) -> None:
    seen = dict(by_turns.by_batch)

    assert seen[500.0] == pytest.approx(seen[2050.0], abs=0.01)


def test_both_orders_of_factories_end_at_the_same_r2_after_far_worse_beginnings(by_turns: Sequential) -> None:
    forth, back = (passed for passed in by_turns.by_party.values())

    assert forth[-1][1] == pytest.approx(back[-1][1], abs=1e-12)
    assert min(forth[0][1], back[0][1]) < 0.3


def test_two_announcements_give_away_the_whole_gram_of_the_party_between_them(by_turns: Sequential) -> None:
    told = turns(GRAMS, 3, 0.1)

    for before, after, own in zip(told, told[1:], GRAMS, strict=False):
        found = revealed(before, after)
        assert found.xx == pytest.approx(own.xx, abs=1e-9)
        assert found.xy == pytest.approx(own.xy, abs=1e-9)
    assert by_turns.revealed < 1e-9


def test_announcing_the_mean_alone_forgets_what_the_others_knew(by_turns: Sequential) -> None:
    end = dict(by_turns.by_batch)[2050.0]

    assert np.mean(by_turns.mean_only) < end - 0.5
    assert min(by_turns.mean_only) < 0.0


def test_a_mean_alone_that_is_held_lightly_is_the_last_partys_own_model() -> None:
    assert mean_only(GRAMS, 3, 1e-12) == pytest.approx(linear.solve(GRAMS[-1]).weights, abs=1e-9)


def test_a_course_tells_rows_and_r2_after_each_turn() -> None:
    sums = linear.add(*GRAMS)

    told = course(GRAMS, sums, 0.0)

    assert [seen for seen, _ in told] == [20.0, 40.0, 60.0, 80.0]
    assert told[-1][1] == pytest.approx(explained(sums, linear.solve(sums).weights))


def test_turns_on_sums_that_each_factory_opened_with_its_own_key_end_where_plain_ones_do(by_turns: Sequential) -> None:
    """As the study was published: rows lie encrypted under each factory's key, and what it opens it announces."""
    config = Regression(models=["DTM"], lambdas=[0.0], ridge=0.01, mode="outsourced")
    found = study(fixture(), config, protect="plain")

    opened = sequential(fixture(), own_of(found), found.models[0], found.ranges, 0.01, seed=1)

    for order, passed in opened.by_party.items():
        plain = dict(by_turns.by_party[order])
        assert passed[-1][1] == pytest.approx(plain[passed[-1][0]], abs=1e-6)
    assert opened.revealed < 1e-9
