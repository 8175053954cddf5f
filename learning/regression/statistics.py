"""What a party adds up for all models together, and what the opened sum says: one Gram for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.linear import Gram
from learning.regression.ranges import Ranges, standardised
from learning.regression.rows import Rows
from learning.regression.transforms import Model


def grams(rows: Rows, models: Sequence[Model], ranges: Ranges) -> dict[str, Gram]:
    """Return the Gram of a party's rows for each model, by its name, on the public scales of its columns."""
    features = {model.on_features for model in models}
    targets = {model.on_target for model in models}
    x = {power: features_of(rows, ranges, power) for power in features}
    y = {power: standardised(rows.y, ranges.target, power) for power in targets}
    return {model.name: linear.gram(x[model.on_features], y[model.on_target]) for model in models}


def features_of(rows: Rows, ranges: Ranges, power: float | None) -> FloatArray:
    """Return the transformed features of a party's rows on their public scales."""
    columns = zip(rows.x.T, ranges.features, strict=True)
    return np.column_stack([standardised(values, of, power) for values, of in columns])


def numbers(models: Sequence[Model], features: int) -> int:
    """Return how many numbers `flatten` gives."""
    return len(models) * linear.numbers(features)


def flatten(found: Mapping[str, Gram], models: Sequence[Model]) -> FloatArray:
    """Return the Grams of all models as one row of numbers, in the order of the models."""
    return np.concatenate([linear.flatten(found[model.name]) for model in models])


def unflatten(row: FloatArray, models: Sequence[Model], features: int) -> dict[str, Gram]:
    """Return the Grams that `flatten` made the row of."""
    parts = np.split(row, len(models))
    return {model.name: linear.unflatten(part, features) for model, part in zip(models, parts, strict=True)}
