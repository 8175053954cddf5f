"""What each party opens of sums over its own rows: any choices of columns, from one upload and under its own key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crossings import Crossing, crossing
from learning.crypto.envelope import ChannelKey
from learning.outsourced.cloud import Cloud
from learning.outsourced.factory import Factory
from learning.outsourced.keys import RowKey
from learning.outsourced.sizes import own
from learning.outsourced.terms import CLOUD, Terms, agreed

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


def alone(
    rows_by_party: Mapping[str, FloatArray],
    wanted: Sequence[Sequence[int]],
    *,
    reach: float | Sequence[float],
    day: float = 0.0,
) -> Alone:
    """Return each party's own sums over each choice of columns in `wanted`, on fine sizes.

    rows_by_party: as for `gram.gram`. Raises what `gram.gram` does.
    """
    rows, each = agreed(rows_by_party, reach)
    choices = [tuple(sorted(set(columns))) for columns in wanted]
    terms = Terms(own(max(count for _, count in rows), fine=True), rows, each)
    values = {party: np.asarray(found, dtype=np.float64) for party, found in rows_by_party.items()}
    found, crossings = own_sums(values, terms, choices, day)
    counts = dict(rows)
    own_moments = {
        party: tuple(moments(terms, *pair, counts[party]) for pair in zip(choices, sums, strict=True))
        for party, sums in found.items()
    }
    return Alone(own_moments, OWN_STATEMENT, crossings, float(terms.steps.max()))


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
