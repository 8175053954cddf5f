"""Training: a federation equals pooled rows, whatever the order and the split; what crossed and what was let out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning import metrics, models
from learning.arrays import FloatArray
from learning.config import Collaboration
from learning.crossings import COORDINATOR
from learning.faults import ProtectionError
from learning.features import SiteData, split
from learning.logistic import Logistic, State
from learning.protect import PROTECTIONS, protection
from learning.releases import UNSPENT
from learning.rounds import federate, fit, train

PLAIN = Collaboration(mode="federated", protection="plain")
SEALED = Collaboration(mode="federated", protection="shared_key")
NOBODYS = Collaboration(mode="federated", protection="threshold")
MASKED = Collaboration(mode="federated", protection="compact")


def weights_of(sites: list[SiteData], collaboration: Collaboration = PLAIN) -> FloatArray:
    """The common model on day 10."""
    found = train(sites, collaboration, 10.0).federated
    assert found is not None
    return found


@settings(max_examples=15, deadline=None)
@given(owners=st.lists(st.integers(0, 3), min_size=200, max_size=200), ridge=st.sampled_from([0.1, 1.0, 10.0]))
def test_a_federation_equals_pooled_training_for_any_split_of_the_rows(
    rows: Any, make_site: Callable[..., SiteData], owners: list[int], ridge: float
) -> None:
    x, y = rows
    owner = np.array(owners)
    sites = [make_site(f"site_{each}", x[owner == each], y[owner == each]) for each in range(4)]

    common = weights_of(sites, replace(PLAIN, ridge=ridge))

    assert common == pytest.approx(fit(Logistic(rounds=8, ridge=ridge), x, y), abs=1e-6)


def test_plain_and_encrypted_rounds_give_the_same_model_to_the_last_bit(sites: list[SiteData]) -> None:
    plain, sealed = weights_of(sites, PLAIN), weights_of(sites, SEALED)

    assert plain.tobytes() == sealed.tobytes() == weights_of(sites, NOBODYS).tobytes()
    assert plain.tobytes() == weights_of(sites, MASKED).tobytes()
    assert weights_of(sites, SEALED).tobytes() == sealed.tobytes()


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 2, 0]])
@pytest.mark.parametrize("word", sorted(PROTECTIONS))
def test_the_order_of_the_sites_changes_no_bit(sites: list[SiteData], order: list[int], word: str) -> None:
    collaboration = replace(PLAIN, protection=word)  # type: ignore[arg-type]
    turned = [sites[index] for index in order]
    one, other = train(sites, collaboration, 10.0), train(turned, collaboration, 10.0)

    assert one.federated is not None
    assert other.federated is not None
    assert one.federated.tobytes() == other.federated.tobytes()
    assert one.pooled.tobytes() == other.pooled.tobytes()
    assert one.scores(sites) == other.scores(turned)


def test_other_names_for_the_parties_change_no_bit(sites: list[SiteData]) -> None:
    renamed = [replace(site, party=f"z{9 - index}") for index, site in enumerate(sites)]

    assert weights_of(renamed).tobytes() == weights_of(sites).tobytes()


def test_labels_that_come_later_have_no_part(sites: list[SiteData]) -> None:
    turned = [replace(site, y=np.where(site.known_at_day > 10.0, 1.0 - site.y, site.y)) for site in sites]
    one, other = train(sites, PLAIN, 10.0), train(turned, PLAIN, 10.0)

    assert one.federated is not None
    assert other.federated is not None
    assert one.federated.tobytes() == other.federated.tobytes()
    assert all(np.array_equal(one.alone[party], other.alone[party]) for party in one.alone)


def test_every_model_is_scored_on_all_held_out_cores(sites: list[SiteData]) -> None:
    learned = train(sites, PLAIN, 10.0)
    held_out = [split(site, 10.0).test for site in sites]
    x, y = np.concatenate([site.x for site in held_out]), np.concatenate([site.y for site in held_out])

    scores = learned.scores(sites)

    assert scores["metric"] == "AUC"
    assert scores["alone"].keys() == {"north", "south", "east"}
    assert scores["alone"]["south"] == metrics.auc(y, models.predict(learned.alone["south"], x))
    assert learned.scores(held_out) == scores
    assert scores["federated"] == scores["pooled"]


def test_scores_without_held_out_cores_claim_nothing(sites: list[SiteData]) -> None:
    scores = train(sites, PLAIN, 20.0).scores(sites)

    assert (scores["federated"], scores["pooled"]) == (None, None)


def test_a_site_without_a_known_label_is_named_and_left_out(
    sites: list[SiteData], make_site: Callable[..., SiteData]
) -> None:
    late = make_site("west", sites[0].x, sites[0].y, np.full(len(sites[0]), 11.0))
    empty = make_site("void", np.empty((0, 4)), np.empty(0))
    learned = train([*sites, late, empty], PLAIN, 10.0)

    assert learned.left_out == ("void", "west")
    assert learned.federated is not None
    assert learned.federated.tobytes() == weights_of(sites).tobytes()
    assert learned.weights_for("west") is None
    assert not {"void", "west"} & {row.sender for row in learned.crossings}


def test_a_site_with_labels_of_one_kind_and_one_with_a_single_core_take_part(
    sites: list[SiteData], make_site: Callable[..., SiteData]
) -> None:
    alike = make_site("alike", sites[0].x[:7], np.ones(7))
    single = make_site("single", sites[0].x[:1], np.zeros(1))
    learned = train([*sites, alike, single], SEALED, 10.0)

    assert learned.federated is not None
    assert learned.federated == pytest.approx(learned.pooled, abs=1e-6)
    assert all(np.isfinite(weights).all() for weights in learned.alone.values())


def test_a_federation_of_one_site_is_refused_under_a_shared_key_and_says_whose_update_it_would_be(
    sites: list[SiteData],
) -> None:
    with pytest.raises(ProtectionError, match="'north' alone is its update"):
        train(sites[:1], SEALED, 10.0)

    assert train(sites[:1], PLAIN, 10.0).federated is not None


def test_two_sites_are_told_that_each_can_subtract_its_own_update(sites: list[SiteData]) -> None:
    assert "each can subtract its own update" in train(sites[:2], SEALED, 10.0).statement
    assert train(sites, SEALED, 10.0).statement == (
        "any one client and the server can read an update (experimental and unaudited); "
        f"custody simulated in one process; {UNSPENT}"
    )


@pytest.mark.parametrize("mode", ["none", "oracle"])
def test_without_a_collaboration_nothing_crosses_and_the_pooled_model_stays_a_yardstick(
    sites: list[SiteData], mode: Any
) -> None:
    learned = train(sites, Collaboration(mode=mode), 10.0)

    assert (learned.federated, learned.crossings, learned.releases) == (None, (), ())
    assert learned.weights_for("north") is learned.alone["north"]
    assert learned.statement == "no update and no row leaves a site"


def test_a_federation_adds_no_crossing_for_the_yardstick(sites: list[SiteData]) -> None:
    learned = train(sites, replace(SEALED, rounds=2), 10.0)

    assert {row.purpose for row in learned.crossings} == {
        "channel key",
        "shared secret key",
        "cipher parameters",
        "update",
        "sum",
    }
    assert [row.purpose for row in learned.crossings].count("update") == 2 * 3
    assert learned.weights_for("north") is learned.federated


def test_centralised_rows_cross_in_clear_and_say_what_they_hold(sites: list[SiteData]) -> None:
    learned = train(sites, Collaboration(mode="centralised"), 10.0)
    sent = [row for row in learned.crossings if row.purpose == "rows"]

    assert [row.sender for row in sent] == ["east", "north", "south"]
    assert {row.clear_or_cipher for row in learned.crossings} == {"clear"}
    assert {row.readable_by for row in sent} == {(COORDINATOR,)}
    assert sent[1].bytes == 60 * (4 + 1) * 8
    assert sent[1].content == "features and labels of 60 cores: feature_0, feature_1, feature_2, feature_3"
    assert [released.parties for released in learned.releases] == [
        ("east",),
        ("north",),
        ("south",),
        ("east", "north", "south"),
    ]
    assert learned.weights_for("north") is learned.pooled


def test_every_round_releases_one_sum_to_those_who_can_read_it(sites: list[SiteData]) -> None:
    sealed, plain = train(sites, SEALED, 10.0).releases, train(sites, PLAIN, 10.0).releases

    assert [released.round for released in sealed] == list(range(1, 9))
    assert {released.parties for released in sealed} == {("east", "north", "south")}
    assert {released.numbers for released in sealed} == {models.numbers(4)}
    assert {released.known_to for released in sealed} == {("east", "north", "south")}
    assert {released.known_to for released in plain} == {("east", "north", "south", COORDINATOR)}


def test_an_update_out_of_range_stops_the_round_names_the_site_and_releases_nothing(
    sites: list[SiteData], make_site: Callable[..., SiteData]
) -> None:
    wild = make_site("wild", np.full((3, 4), 1e7), np.array([0.0, 1.0, 0.0]))
    members = [*sites, wild]
    protected = protection("plain", [site.party for site in members], models.numbers(4))

    with pytest.raises(ProtectionError, match="'wild': entry") as refused:
        federate(Logistic(rounds=8, ridge=1.0), members, protected, day=10.0)
    assert refused.value.parties == ("wild",)
    assert protected.coordinator.summed_round == 0
    assert {client.sealed_round for client in protected.clients.values()} == {0}


def test_sites_that_do_not_fit_together_are_named(sites: list[SiteData]) -> None:
    other = replace(sites[1], names=("a", "b", "c", "d"))

    with pytest.raises(ValueError, match="'north' and 'south' have different features"):
        train([sites[0], other], PLAIN, 10.0)
    with pytest.raises(ValueError, match="'north' is given twice"):
        train([sites[0], sites[0]], PLAIN, 10.0)
    with pytest.raises(ValueError, match="no site has a label known by day 1: east, north, south"):
        train(sites, PLAIN, 1.0)
    with pytest.raises(ValueError, match="no site to learn from"):
        train([], PLAIN, 1.0)
    with pytest.raises(ValueError, match="'coordinator' is the name of who sums"):
        train([replace(sites[0], party=COORDINATOR)], PLAIN, 10.0)
    with pytest.raises(ValueError, match="'south': features are a, b, c, d"):
        train(sites, PLAIN, 10.0).scores([other])


def test_a_step_after_which_the_objective_rose_is_halved_and_a_rise_by_rounding_alone_is_not(rows: Any) -> None:
    at, best = np.full(5, 0.3), np.full(5, 0.1)
    sums, learner = models.statistics(at, *rows), Logistic(rounds=8, ridge=1.0)
    reached = models.objective(at, sums.loss, 1.0)

    halved = learner.apply(State(at, best, reached - 1e-3), models.flatten(sums))
    stepped = learner.apply(State(at, best, reached - 1e-6), models.flatten(sums))

    assert halved.weights == pytest.approx(np.full(5, 0.2))
    assert (halved.best is best, halved.best_objective) == (True, reached - 1e-3)
    assert stepped.weights == pytest.approx(models.newton_step(at, sums, 1.0))
    assert stepped.best_objective == reached


def test_a_first_step_that_goes_too_far_still_ends_at_the_best_model() -> None:
    x, y = np.array([[-1.0], [0.5], [2.0]]), np.array([0.0, 1.0, 1.0])
    learner = Logistic(rounds=20, ridge=0.1)
    state = learner.apply(learner.init(1), learner.update(learner.init(1), x, y))
    state = State(50.0 * state.weights, state.best, state.best_objective)
    for _ in range(20):
        state = learner.apply(state, learner.update(state, x, y))

    assert state.weights == pytest.approx(fit(Logistic(rounds=20, ridge=0.1), x, y), abs=1e-9)
