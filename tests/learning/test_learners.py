"""Three learners of one interface: what each learns, and that a federation of it is what it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning import metrics
from learning.arrays import FloatArray
from learning.config import Collaboration, Mlp
from learning.features import SiteData, Target
from learning.learner import Learner
from learning.learners import learner_of
from learning.logistic import Logistic
from learning.mlp import Network, held
from learning.network import descended, initial, key_of, outputs
from learning.protect import PROTECTIONS
from learning.quantise import dequantise, quantise
from learning.ridge import Linear
from learning.rounds import fit, summed, train

WORDS = ("logistic", "linear", "mlp")
SMALL = Mlp(hidden=3, rounds=4, local_steps=3)
MARGIN = Target(name="margin", unit="EUR", centre=100.0, scale=500.0)


def agreed(word: str, **changed: Any) -> Collaboration:
    """What sites agree on for a learner; plain, and small where it is a network."""
    return replace(Collaboration(mode="federated", protection="plain", learner=word, mlp=SMALL), **changed)  # type: ignore[arg-type]


def common(sites: list[SiteData], word: str, day: float = 10.0, **changed: Any) -> FloatArray:
    """The common model."""
    found = train(sites, agreed(word, **changed), day, seed=5).federated
    assert found is not None
    return found


def network(**changed: Any) -> Network:
    return replace(Network.of(SMALL), **changed)


def loss_of(weights: FloatArray, x: FloatArray, y: FloatArray, learner: Network) -> float:
    """The mean loss of a network, written out."""
    p = learner.predict(weights, x)
    nats = -np.mean(y * np.log(p) + (1.0 - y) * np.log1p(-p))
    return float(nats + 0.5 * learner.decay * weights @ weights)


def downhill(weights: FloatArray, x: FloatArray, y: FloatArray, learner: Network) -> FloatArray:
    """One plain step of gradient descent, its gradient by central differences of the loss."""
    gradient = np.empty_like(weights)
    for at in range(len(weights)):
        nudge = np.zeros_like(weights)
        nudge[at] = 1e-5
        rise = loss_of(weights + nudge, x, y, learner) - loss_of(weights - nudge, x, y, learner)
        gradient[at] = rise / 2e-5
    return weights - learner.learning_rate * gradient


# --- what each one learns ---


def test_linear_finds_the_ridge_solution_in_one_round(rows: Any) -> None:
    x, _ = rows
    y = x @ np.array([2.0, -1.0, 0.0, 0.5]) + 3.0
    centred = x - x.mean(axis=0)
    slopes = np.linalg.solve(centred.T @ centred + 2.0 * np.eye(4), centred.T @ (y - y.mean()))

    found = fit(Linear(ridge=2.0), x, y)

    assert found[1:] == pytest.approx(slopes, abs=1e-10)
    assert found[0] == pytest.approx(y.mean() - x.mean(axis=0) @ slopes, abs=1e-10)
    assert Linear.rounds == 1


def test_a_network_learns_what_no_linear_model_can() -> None:
    x = np.random.default_rng(3).normal(size=(200, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    curved, straight = Network.of(Mlp(rounds=60, learning_rate=1.0)), Logistic(rounds=8, ridge=1.0)

    by_network = metrics.auc(y, curved.predict(fit(curved, x, y, seed=1), x))
    by_line = metrics.auc(y, straight.predict(fit(straight, x, y), x))

    assert by_network is not None
    assert by_line is not None
    assert by_network > 0.95
    assert by_line < 0.65


def test_a_networks_prediction_without_jax_is_equinoxs_own(rows: Any) -> None:
    x, _ = rows
    weights = initial(key_of(1), 4, 3)

    assert weights.shape == (3 * (4 + 2) + 1,)
    expected = 1.0 / (1.0 + np.exp(-outputs(weights, x, 3)))
    assert network().predict(weights, x) == pytest.approx(expected, abs=1e-14)


def test_the_first_weights_of_a_network_come_from_the_seed_alone() -> None:
    one, again, other = (network().init(4, seed) for seed in (1, 1, 10**40))

    assert one.tobytes() == again.tobytes()
    assert not np.array_equal(one, other)
    assert one.dtype == np.float64
    with pytest.raises(ValueError, match="mlp draws its first weights, so it needs a seed"):
        network().init(4, None)


@pytest.mark.parametrize("size", [1, 32, 33, 200])
def test_a_local_step_is_one_of_gradient_descent_for_any_number_of_rows(rows: Any, size: int) -> None:
    x, y = (value[:size] for value in rows)
    learner = network(local_steps=1)
    start = learner.init(4, 7)

    after = descended(start, x, y, "log loss", hidden=3, steps=1, rate=learner.learning_rate, decay=learner.decay)

    assert after == pytest.approx(downhill(start, x, y, learner), abs=1e-9)


def test_several_local_steps_are_one_after_another(rows: Any) -> None:
    start, steps = network().init(4, 7), {"hidden": 3, "rate": 0.3, "decay": 0.01}
    twice = descended(descended(start, *rows, "log loss", steps=1, **steps), *rows, "log loss", steps=1, **steps)  # type: ignore[arg-type]

    assert descended(start, *rows, "log loss", steps=2, **steps) == pytest.approx(twice, abs=1e-13)  # type: ignore[arg-type]


# --- federated averaging ---


@pytest.mark.parametrize("owners", [(200,), (90, 30, 80), (1, 199)])
def test_with_one_local_step_a_federation_is_gradient_descent_on_the_pooled_rows(
    rows: Any, make_site: Callable[..., SiteData], owners: tuple[int, ...]
) -> None:
    """FedSGD: a round's mean over all cores is the step of all rows together, if no site's change is held back."""
    x, y = rows
    cuts = np.cumsum((0, *owners))
    sites = [make_site(f"site_{a}", x[a:b], y[a:b]) for a, b in pairwise(cuts)]
    learner = network(local_steps=1, clip=1000.0)
    expected = learner.init(4, 5)
    for _ in range(learner.rounds):
        expected = downhill(expected, x, y, learner)

    assert summed(learner, sites, seed=5) == pytest.approx(expected, abs=1e-8)
    section = replace(SMALL, local_steps=1, clip=1000.0)
    assert common(sites, "mlp", mlp=section) == pytest.approx(expected, abs=1e-6)


def test_a_change_is_held_to_the_length_that_everybody_knows(rows: Any) -> None:
    x, y = rows
    learner = network(clip=0.01, local_steps=50)
    update = learner.update(learner.init(4, 1), x, y)

    assert np.linalg.norm(update[:-1]) == pytest.approx(0.01 * len(y))
    assert update[-1] == len(y)
    assert held(np.array([3.0, 4.0]), 5.0).tolist() == [3.0, 4.0]
    assert held(np.array([3.0, 4.0]), 1.0) == pytest.approx([0.6, 0.8])
    assert "held to a length of 0.01" in learner.content


def test_steps_that_grow_without_bound_are_told_and_not_sent(sites: list[SiteData]) -> None:
    section = replace(SMALL, learning_rate=10.0, decay=1e3, local_steps=200)

    with pytest.raises(ValueError, match="local steps do not come to an end at learning_rate 10; lower it"):
        train(sites, agreed("mlp", mlp=section), 10.0, seed=5)


def test_a_site_weighs_as_many_cores_as_it_has(rows: Any) -> None:
    learner = network()
    start = learner.init(4, 1)
    one = np.concatenate([np.full(len(start), 10 * 0.5), [10.0]])
    other = np.concatenate([np.full(len(start), 30 * -0.1), [30.0]])

    assert learner.apply(start, one + other) == pytest.approx(start + 0.05)


# --- federations of every learner ---


@settings(max_examples=15, deadline=None)
@given(owners=st.lists(st.integers(0, 3), min_size=200, max_size=200), ridge=st.sampled_from([0.1, 1.0, 10.0]))
@pytest.mark.parametrize("word", ["logistic", "linear"])
def test_sums_over_sites_lose_nothing_for_any_split_of_the_rows(
    rows: Any, make_site: Callable[..., SiteData], word: str, owners: list[int], ridge: float
) -> None:
    x, y = rows
    owner = np.array(owners)
    sites = [make_site(f"site_{each}", x[owner == each], y[owner == each]) for each in range(4)]
    learner = learner_of(agreed(word, ridge=ridge))

    assert summed(learner, sites) == pytest.approx(fit(learner, x, y), abs=1e-9)


@pytest.mark.parametrize("word", WORDS)
def test_every_protection_gives_one_model_to_the_last_bit_and_its_distance_from_no_grid_is_told(
    sites: list[SiteData], word: str
) -> None:
    found = [train(sites, agreed(word, protection=one), 10.0, seed=5) for one in sorted(PROTECTIONS)]

    assert len({one.federated.tobytes() for one in found if one.federated is not None}) == 1
    learner = learner_of(agreed(word))
    known = [site.rows(np.flatnonzero(site.known_at_day <= 10.0).tolist()) for site in sites]
    exact = summed(learner, sorted(known, key=lambda site: site.party), seed=5)
    for one in found:
        assert one.federated is not None
        assert one.grid_error == pytest.approx(np.abs(one.federated - exact).max(), rel=0.06)
        assert 0.0 < one.grid_error < 1e-6


@pytest.mark.parametrize("word", WORDS)
def test_a_federation_is_the_plain_sum_of_the_same_whole_steps(sites: list[SiteData], word: str) -> None:
    learner = learner_of(agreed(word))
    state = learner.init(4, 5)
    for _ in range(learner.rounds):
        steps = [
            quantise(learner.update(state, site.x, site.y), party=site.party, parties=len(sites)) for site in sites
        ]
        state = learner.apply(state, dequantise(np.sum(steps, axis=0)))

    assert common(sites, word, day=20.0).tobytes() == learner.weights(state).tobytes()


@pytest.mark.parametrize("word", WORDS)
def test_the_order_and_the_names_of_the_sites_change_no_bit(sites: list[SiteData], word: str) -> None:
    renamed = [replace(site, party=f"z{9 - index}") for index, site in enumerate(sites)]

    first = common(sites, word).tobytes()
    assert common([sites[1], sites[2], sites[0]], word).tobytes() == first
    assert common(renamed, word).tobytes() == first


@pytest.mark.parametrize("word", WORDS)
def test_a_site_that_knows_nothing_yet_changes_no_bit_and_one_that_is_deleted_does(
    sites: list[SiteData], word: str
) -> None:
    late = replace(sites[0], party="late", known_at_day=np.full(len(sites[0]), 11.0))

    first = common(sites, word).tobytes()
    assert common([*sites, late], word).tobytes() == first
    assert common(sites[1:], word).tobytes() != first


@pytest.mark.parametrize("word", WORDS)
def test_labels_that_come_later_have_no_part(sites: list[SiteData], word: str) -> None:
    turned = [replace(site, y=np.where(site.known_at_day > 10.0, 1.0 - site.y, site.y)) for site in sites]

    one, other = (train(each, agreed(word), 10.0, seed=5) for each in (sites, turned))

    assert one.federated is not None
    assert other.federated is not None
    assert one.federated.tobytes() == other.federated.tobytes()
    assert one.pooled.tobytes() == other.pooled.tobytes()
    assert all(one.alone[party].tobytes() == other.alone[party].tobytes() for party in one.alone)


@pytest.mark.parametrize("word", WORDS)
def test_crossings_and_releases_say_what_this_learner_sends(sites: list[SiteData], word: str) -> None:
    learned = train(sites, agreed(word, protection="threshold"), 10.0, seed=5)
    learner = learner_of(agreed(word))
    updates = [row for row in learned.crossings if row.purpose == "update"]

    assert len(updates) == 3 * learner.rounds
    assert {row.content for row in updates} == {f"{learner.content} of one party"}
    assert [one.round for one in learned.releases] == list(range(1, learner.rounds + 1))
    assert {(one.what, one.numbers) for one in learned.releases} == {(learner.released, learner.numbers(4))}
    assert len(learner.update(learner.init(4, 0), sites[0].x, sites[0].y)) == learner.numbers(4)


# --- labels that are numbers ---


def test_numbers_are_learned_on_a_public_scale_and_predicted_in_their_unit(
    rows: Any, make_site: Callable[..., SiteData]
) -> None:
    x, _ = rows
    margin = 100.0 + 500.0 * (x @ np.array([1.0, 0.0, -0.5, 0.0]))
    days = np.where(np.arange(200) < 150, 0.0, 20.0)
    site = replace(make_site("north", x, np.zeros(200), days), y=MARGIN.learned(margin), target=MARGIN)
    learned = train([site], agreed("linear", ridge=1e-9), 10.0)

    assert learned.predict(learned.pooled, x) == pytest.approx(margin, abs=1e-3)
    scores, details = learned.scores([site]), learned.details([site])
    assert (scores["metric"], scores["federated"]) == ("R2", pytest.approx(1.0, abs=1e-9))
    assert details["on_all"]["cores"] == 50
    assert details["on_own"]["north"]["pooled"]["RMSE"] == pytest.approx(0.0, abs=1e-3)
    assert MARGIN.learned(np.array([1e9, -1e9])).tolist() == [8.0, -8.0]


def test_a_network_learns_numbers_that_bend(make_site: Callable[..., SiteData]) -> None:
    x = np.random.default_rng(4).normal(size=(300, 2))
    margin = 100.0 + 500.0 * np.abs(x[:, 0])
    cuts = ((0, 60), (60, 150), (150, 300))
    sites = [
        replace(make_site(f"site_{a}", x[a:b], np.zeros(b - a)), y=MARGIN.learned(margin[a:b]), target=MARGIN)
        for a, b in cuts
    ]
    bent = train(sites, agreed("mlp", mlp=Mlp(rounds=60)), 10.0, seed=1)
    straight = train(sites, agreed("linear"), 10.0)

    assert bent.learner.predicts == "number"
    assert bent.federated is not None
    assert straight.federated is not None
    assert (metrics.r2(margin, bent.predict(bent.federated, x)) or 0.0) > 0.9
    assert (metrics.r2(margin, straight.predict(straight.federated, x)) or 0.0) < 0.2


def test_a_step_on_numbers_is_down_the_squared_error(rows: Any) -> None:
    x, y = rows
    learner = network(local_steps=1, predicts="number", clip=1000.0)
    start = learner.init(4, 7)
    error = learner.predict(start, x) - y
    last = start[-1] - learner.learning_rate * (error.mean() + learner.decay * start[-1])

    after = start + learner.update(start, x, y)[:-1] / len(y)

    assert after[-1] == pytest.approx(last, abs=1e-12)
    assert learner.predict(start, x) == pytest.approx(outputs(start, x, 3), abs=1e-13)


def test_a_learner_of_probabilities_refuses_numbers_by_name(sites: list[SiteData]) -> None:
    numbers = [replace(site, target=MARGIN) for site in sites]

    with pytest.raises(ValueError, match="logistic learns labels of 0 or 1, and 'margin' is a number"):
        train(numbers, agreed("logistic"), 10.0)
    with pytest.raises(ValueError, match="'north' and 'south' have different labels"):
        train([numbers[0], sites[1]], agreed("linear"), 10.0)
    with pytest.raises(ValueError, match="'north': label 'margin' is not finite everywhere"):
        replace(numbers[0], y=np.full(len(numbers[0]), np.nan))


def test_the_scenarios_word_and_numbers_make_the_learner() -> None:
    found: list[Learner] = [learner_of(agreed(word, rounds=5, ridge=2.0)) for word in WORDS]

    assert found == [
        Logistic(rounds=5, ridge=2.0),
        Linear(ridge=2.0),
        Network(hidden=3, rounds=4, local_steps=3, learning_rate=0.15, decay=0.003, clip=2.0),
    ]
    assert [learner.word for learner in found] == list(WORDS)
    assert learner_of(Collaboration(learner="mlp")).rounds == Mlp().rounds


# --- whether a training came to its end ---


def test_what_another_round_promises_is_what_it_gains_near_the_optimum(rows: Any) -> None:
    x, y = rows
    learner = Logistic(rounds=4, ridge=0.5)

    def objective(weights: FloatArray) -> float:
        p = learner.predict(weights, x)
        return float(-np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)) + 0.25 * weights @ weights)

    best = fit(replace(learner, rounds=30), x, y)
    near = best + 1e-3
    assert learner.promised(best, x, y) == pytest.approx(0.0, abs=1e-15)
    assert learner.promised(near, x, y) * len(y) == pytest.approx(objective(near) - objective(best), rel=1e-2)
    assert Linear(ridge=1.0).promised(best, x, y) == 0.0
    assert network().promised(best, x, y) is None


def test_rounds_that_are_too_few_for_a_weak_prior_are_told_of_each_model(sites: list[SiteData]) -> None:
    """Labels that a plane separates pull the weights far out: eight rounds end on the way there."""
    apart = [replace(site, y=(site.x[:, 0] > 0).astype(float)) for site in sites]
    few, many = (train(apart, agreed("logistic", ridge=1e-4, rounds=rounds), 10.0) for rounds in (8, 50))
    usual = train(sites, agreed("logistic"), 10.0)

    assert set(few.unsettled) == {*few.alone, "pooled", "federated"}
    assert few.federated is not None
    assert many.federated is not None
    assert np.abs(few.federated - many.federated).max() > 1.0, "and far from it"
    assert many.unsettled == usual.unsettled == ()
    assert train(sites, agreed("mlp"), 10.0, seed=1).unsettled == ()
