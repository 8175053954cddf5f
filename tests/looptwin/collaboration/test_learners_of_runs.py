"""Learning from what the parties of a run saw: laws that hold for every learner, in a run and after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import looptwin as lt
from learning.protect import PROTECTIONS
from looptwin.collaboration.dataset import held
from tests.looptwin.collaboration import joined
from tests.looptwin.collaboration.joined import TRAINING_DAY
from tests.looptwin.collaboration.learnings import WORDS, bits, plainly, quiet

UNTIL = TRAINING_DAY + 1

IDLE = {
    "parties.spare": {"role": "dismantler"},
    "parties.museum": {"role": "fleet", "vehicles": 1, "duty": "parked", "vehicle_life_years": 100},
    "product.duties.parked": {"distance_per_year": 0.01, "torque_ratio": 1, "shifts_per_km": 1, "ambient_c": 10},
    "lanes.museum_spare": {"from": "museum", "to": "spare", "days": {"law": "exponential", "mean": 9}},
}
"""A dismantler for one fleet, whose only vehicle is never driven."""

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """The small chain under its own rules."""
    return joined.of("none")


def looking(patch: Patch, change: Callable[[str, pd.DataFrame], pd.DataFrame]) -> None:
    """Let every site see a changed view."""
    patch.setattr(
        "looptwin.collaboration.learn.held", lambda run, party, number: change(party, held(run, party, number))
    )


# --- laws ---


@pytest.mark.parametrize("word", WORDS)
def test_nothing_known_later_has_a_part(run: lt.Run, word: str, monkeypatch: Patch) -> None:
    """Neither a world that stops after the training nor views without all that came later give another model."""
    first = bits(plainly(run, word))
    brief = lt.run(quiet(**{"time.horizon_days": UNTIL}))
    assert bits(plainly(brief, word, until_day=TRAINING_DAY)) == first

    looking(monkeypatch, lambda _, view: view[view.day <= TRAINING_DAY])
    assert bits(plainly(run, word)) == first


@pytest.mark.parametrize("word", WORDS)
def test_deleting_a_sites_events_changes_the_common_model_and_leaves_the_others_alone(
    run: lt.Run, word: str, monkeypatch: Patch
) -> None:
    first = plainly(run, word)
    looking(monkeypatch, lambda party, view: view[view.day > TRAINING_DAY - 200] if party == "south" else view)
    second = plainly(run, word)

    assert second.federated.tobytes() != first.federated.tobytes()
    assert second.alone["south"].tobytes() != first.alone["south"].tobytes()
    assert second.alone["north"].tobytes() == first.alone["north"].tobytes()


@pytest.mark.parametrize("word", WORDS)
def test_planted_truth_changes_no_bit(run: lt.Run, word: str, monkeypatch: Patch) -> None:
    first = bits(plainly(run, word))
    truth = run.truth.drop(columns=["day", "party"], errors="ignore").drop_duplicates(["unit", "life"])

    def planted(_: str, view: pd.DataFrame) -> pd.DataFrame:
        return view.merge(truth, on=["unit", "life"], how="left")

    looking(monkeypatch, planted)
    assert any(str(name).startswith("true_") for name in planted("north", held(run, "north")))
    assert bits(plainly(run, word)) == first


def test_the_order_of_declaration_and_a_party_that_sees_no_core_change_no_bit(run: lt.Run, tmp_path: Path) -> None:
    data = yaml.safe_load(quiet(**IDLE).to_yaml())
    data["parties"] = dict(reversed(data["parties"].items()))
    (tmp_path / "turned.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    turned = lt.run(lt.load(tmp_path / "turned.yaml"))

    for word in WORDS:
        first, second = plainly(run, word), plainly(turned, word)
        assert second.learned.left_out == ("spare",)
        assert bits(second) == bits(first)
        assert second.scores == first.scores


@pytest.mark.parametrize("word", WORDS)
def test_every_protection_gives_the_same_models_and_scores(run: lt.Run, word: str) -> None:
    found = [lt.learn(run, mode=mode, learner=word) for mode in PROTECTIONS]

    assert len({bits(one) for one in found}) == 1
    assert all(one.summary()["learning"] == found[0].summary()["learning"] for one in found)
    assert len({one.statement for one in found}) == len(PROTECTIONS)


@pytest.mark.parametrize("word", ["logistic", "linear"])
def test_a_federation_is_the_pooled_model_but_for_the_grid_that_is_told(run: lt.Run, word: str) -> None:
    learned = plainly(run, word)

    # without the grid a sum over sites is that of the pooled rows
    difference = np.abs(learned.federated - learned.pooled).max()
    assert difference == pytest.approx(learned.learned.grid_error, abs=1e-9)


def test_a_saved_run_is_learned_from_like_the_run_itself(run: lt.Run, tmp_path: Path) -> None:
    opened = lt.open_run(run.save(tmp_path / "kept"))

    assert bits(plainly(opened, "linear")) == bits(plainly(run, "linear"))
