"""The section of the scenario file, and what importing the room costs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from learning.config import Collaboration, Mlp

ROOT = Path(__file__).resolve().parents[2]


def test_training_is_on_the_named_day_or_after_two_fifths_of_the_horizon() -> None:
    assert Collaboration().training_day(1000.0) == 400.0
    assert Collaboration(train_until_days=30.0).training_day(1000.0) == 30.0


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"mode": "federatd"}, "mode"),
        ({"protection": "none"}, "protection"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": 51}, "rounds"),
        ({"ridge": 0.0}, "ridge"),
        ({"train_until_days": 0.0}, "train_until_days"),
        ({"ridges": 1.0}, "ridges"),
        ({"learner": "logit"}, "learner"),
        ({"mlp": {"hidden": 0}}, "mlp.hidden"),
        ({"mlp": {"learning_rate": 11.0}}, "mlp.learning_rate"),
        ({"mlp": {"clip": 0.0}}, "mlp.clip"),
        ({"mlp": {"epochs": 3}}, "mlp.epochs"),
    ],
)
def test_a_scenario_file_with_a_wrong_value_is_refused_at_its_key(given: dict[str, Any], place: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Collaboration).validate_python(given)
    assert [error["loc"] for error in refused.value.errors()] == [tuple(place.split("."))]


@pytest.mark.parametrize("section", [Collaboration, Mlp])
def test_every_field_of_the_section_is_documented(section: type) -> None:
    source = inspect.getsource(section)
    found = re.findall(r'^    (\w+): .*\n    """', source, flags=re.MULTILINE)

    assert found == [field.name for field in fields(section)]


def test_the_numbers_of_a_network_stand_in_a_scenario_that_asks_for_one_and_in_no_other() -> None:
    assert Collaboration().mlp is None
    assert Collaboration(learner="mlp").mlp == Mlp()
    assert Collaboration(learner="mlp", mlp=Mlp(hidden=3)).network.hidden == 3


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("learning", "numpy"),
        ("learning.config", "numpy"),
        ("learning.crossings", "numpy"),
        ("learning.releases", "numpy"),
        ("learning.rounds", "tenseal"),
        ("learning.rounds", "scipy"),
        ("learning.rounds", "pandas"),
        ("learning.rounds", "jax"),
        ("learning.mlp", "jax"),
        ("learning.crypto.shared_key", "tenseal"),
    ],
)
def test_importing_the_room_stays_light(module: str, heavy: str) -> None:
    code = f"import {module}, sys; print({heavy!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
