"""Whole rounds against a coordinator with two of five parties: their order is a coin's, and each control reads it."""

from __future__ import annotations

import secrets

import numpy as np
import pytest

from learning.crypto.plain import PlainCipher
from learning.protect import protection
from tests.learning.by_hand import LAYOUT, by_hand
from tests.learning.by_hand import PARTIES as THREE
from tests.learning.game import ATTACKS, NAMED, PARTIES, QUORUM, READINGS, Game, band, correlation
from tests.learning.test_threshold_active_server import checks_alone
from tests.learning.threshold_by_hand import made_to_fit

CONTROLS = 20


@pytest.fixture(scope="module")
def game(trials: int) -> Game:
    """As many rounds as were asked for."""
    return Game().play(trials)


def test_the_order_is_guessed_no_better_than_by_a_coin_whatever_is_read(game: Game, trials: int) -> None:
    assert game.wins.shape == (len(READINGS),)
    assert np.abs(game.wins - trials / 2).max() <= band(trials)


def test_every_attempt_of_the_active_server_is_refused_in_every_round(game: Game, trials: int) -> None:
    assert game.refused.total() == 2 * trials
    assert set(game.refused) == set(ATTACKS)


def test_the_adversary_reads_the_sum_with_the_honest_answer_so_it_was_one_share_short(game: Game) -> None:
    packing = game.one.clients["up"].packing
    nothing = np.zeros(4, dtype=np.int64)
    given = [*NAMED, nothing, nothing, nothing]
    packed = np.sum([packing.pack(update, party)[0] for update, party in zip(given, PARTIES, strict=True)], axis=0)

    assert game.opened == pytest.approx(packed, abs=0.25)


def test_the_best_linear_mixture_of_all_readings_is_noise(game: Game) -> None:
    seen, truth = np.array(game.seen), np.array(game.truth)
    judged = truth[len(truth) // 2 :].size

    assert abs(correlation(seen, truth)) < 5 / np.sqrt(judged)


def test_with_one_traitor_more_the_same_readings_are_right_every_time() -> None:
    game = Game(traitors=("south", "up", "west")).play(CONTROLS)

    assert game.wins[1] == CONTROLS
    assert correlation(np.array(game.seen), np.array(game.truth)) > 0.999999


def test_in_clear_the_server_alone_is_right_every_time() -> None:
    one, wins = protection("plain", THREE, 4), 0
    for number in range(1, CONTROLS + 1):
        order = secrets.randbelow(2)
        wire = one.clients["east"].seal(NAMED[order], number)  # type: ignore[attr-defined]
        slots = one.layout.slot_counts()[0]
        seen = PlainCipher().open(wire[-32 - 8 * slots : -32], slots)[:16]
        wins += bool((seen @ one.layout.spread(NAMED[0], "east")[0][:16] > 0) == (order == 0))

    assert wins == CONTROLS


def test_under_a_shared_key_an_active_server_and_any_opened_sum_are_right_every_time() -> None:
    """It counts one update twice, corrects the public checks, and hears what a party opens."""
    import tenseal as ts

    from learning.crypto.envelope import wrap
    from tests.learning.by_hand import framed

    ends, wins = by_hand(), 0
    for number in range(1, CONTROLS + 1):
        order = secrets.randbelow(2)
        named = [np.full(LAYOUT.values, sign * 2**40) for sign in (1, -1)]
        updates = dict(zip(THREE, (named[order], named[1 - order], 0 * named[0]), strict=True))
        slots = {party: LAYOUT.spread(update, party)[0] for party, update in updates.items()}
        for party in THREE:
            ends.clients[party].seal(updates[party], number)
        context = ends.coordinator.adder.context
        first, second, third = (ts.ckks_vector_from(context, ends.key.seal(slots[party])) for party in THREE)
        known = checks_alone(slots["east"]) * 2 + checks_alone(slots["north"]) + checks_alone(slots["south"])
        forged = first + first + second + third + made_to_fit(LAYOUT, known).astype(float).tolist()
        wire = wrap(ends.terms.total("south", number), framed(forged.serialize()), ends.keys["south"])
        wins += bool((ends.clients["south"].open(wire, number)[0] > 0) == (order == 0))

    assert wins == CONTROLS
    assert len(QUORUM) == 3
