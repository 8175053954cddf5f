"""What each party opens of sums over its own rows: any choices of columns, from one upload and under its own key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crossings import Crossing, crossing
from learning.crypto.envelope import ChannelKey
from learning.outsourced.cloud import Cloud
from learning.outsourced.factory import Factory
from learning.outsourced.keys import RowKey
from learning.outsourced.sizes import FILL, own
from learning.outsourced.terms import CLOUD, Terms, agreed, refuse_missing

OWN_STATEMENT = "the cloud computes on rows that it cannot read; each party alone opens the sums over its own rows"


@dataclass(frozen=True, eq=False)
class Alone:
    """Each party's own sums, computed under encryption; nobody else knows them."""

    moments: Mapping[str, tuple[FloatArray, ...]]
    """By party, for each choice Float[1 + columns, 1 + columns]: sums of products, with a column of ones first."""
    statement: str
    """Who can read what."""
    crossings: tuple[Crossing, ...]
    step: float
    """Largest step of the grid that columns were rounded to."""


class _Private(NamedTuple):
    """Centre and scale that a party takes for its own columns; they never leave it, because it opens its own sums."""

    centre: FloatArray
    scale: FloatArray

    def applied(self, rows: FloatArray) -> FloatArray:
        """Return columns of a root mean square of at most 1 and no value above FILL."""
        scaled: FloatArray = (rows - self.centre) / self.scale
        return scaled

    def undone(self, moments: FloatArray, columns: Sequence[int]) -> FloatArray:
        """Return moments of `columns` as they were before."""
        change = np.diag(np.concatenate([[1.0], self.scale[list(columns)]]))
        change[0, 1:] = self.centre[list(columns)]
        found: FloatArray = change.T @ moments @ change
        return found


def _private(rows: FloatArray) -> _Private:
    centre = rows.mean(axis=0)
    away = rows - centre
    # by a little too much, so that no rounding carries a column over the edge
    scale = (1.0 + 1e-9) * np.maximum(np.sqrt((away**2).mean(axis=0)), np.abs(away).max(axis=0) / FILL)
    return _Private(centre, np.where(scale > 0.0, scale, 1.0))


def alone(rows_by_party: Mapping[str, FloatArray], wanted: Sequence[Sequence[int]], *, day: float = 0.0) -> Alone:
    """Return each party's own sums over each choice of columns in `wanted`, on fine sizes.

    rows_by_party: Float[rows, columns] each, of any finite values: a party centres and scales its columns for itself.
    Raises ProtectionError naming the party for rows that do not fit.
    """
    rows, each = agreed(rows_by_party, float(FILL))
    choices = [tuple(sorted(set(columns))) for columns in wanted]
    terms = Terms(own(max(count for _, count in rows), fine=True), rows, each)
    values = {party: np.asarray(found, dtype=np.float64) for party, found in rows_by_party.items()}
    for party, found in values.items():
        refuse_missing(found, party)
    private = {party: _private(found) for party, found in values.items()}
    scaled = {party: private[party].applied(found) for party, found in values.items()}
    opened, crossings = own_sums(scaled, terms, choices, day)
    counts = dict(rows)
    own_moments = {
        party: tuple(
            private[party].undone(moments(terms, columns, one, counts[party]), columns)
            for columns, one in zip(choices, sums, strict=True)
        )
        for party, sums in opened.items()
    }
    step = max(float((one.scale * terms.steps).max()) for one in private.values())
    return Alone(own_moments, OWN_STATEMENT, crossings, step)


def own_sums(
    values: Mapping[str, FloatArray], terms: Terms, wanted: Sequence[tuple[int, ...]], day: float
) -> tuple[dict[str, list[IntArray]], tuple[Crossing, ...]]:
    """Return the sums that each party opens, in grid steps, for each choice of columns, and what crossed for them."""
    channels = {party: ChannelKey() for party in terms.parties}
    cloud, crossings = Cloud(terms, channels), []
    found: dict[str, list[IntArray]] = {}
    for party, channel in channels.items():
        factory = Factory(party, terms, RowKey(terms.sizes), channel)
        up = factory.upload(values[party])
        cloud.store(party, up)
        crossings.append(crossing(day, party, CLOUD, "rows", len(up), (), "encrypted rows"))
        found[party] = []
        for number, columns in enumerate(wanted, 1):
            down = cloud.sums([party], columns, party, number)
            found[party].append(factory.open(down, columns, number))
            content = f"encrypted sums over its own rows, of {len(columns)} columns"
            crossings.append(crossing(day, CLOUD, party, "sums", len(down), (party,), content))
    return found, tuple(crossings)


def moments(terms: Terms, columns: Sequence[int], total: IntArray, n: int) -> FloatArray:
    """Return sums in grid steps, products first, as Float[1 + columns, 1 + columns], a column of ones first."""
    count, steps = len(columns), terms.steps[list(columns)]
    products = np.zeros((count, count))
    products[np.triu_indices(count)] = total[:-count]
    products = (products + np.triu(products, 1).T) * np.outer(steps, steps)
    sums = total[-count:] * steps
    return np.vstack([np.concatenate([[float(n)], sums]), np.column_stack([sums, products])])
