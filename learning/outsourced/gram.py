"""Sums of products over the encrypted rows of several factories: all that a linear regression needs of them.

Under `keys="own"` each factory's cloud computes under that factory's key, the factory opens its own sums, and the sums
over factories go through the protection of every other learner, so nobody sees another's. Under `keys="common"` rows
are sealed for one key holder and the cloud adds over factories; the holder sees the common sums alone, unless the cloud
gives it more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crossings import Crossing, crossing
from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError
from learning.outsourced.alone import OWN_STATEMENT, moments, own_sums
from learning.outsourced.cloud import Cloud
from learning.outsourced.factory import Factory
from learning.outsourced.holder import Holder
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.sizes import COVERED, FILL, own
from learning.outsourced.terms import CLOUD, Terms, agreed
from learning.protected import CUSTODY, UNAUDITED
from learning.releases import Released

Keys: TypeAlias = Literal["own", "common"]
REACH = 8.0
"""What a standardised column is held to."""
COMMON_STATEMENT = (
    "the cloud computes on rows that it cannot read; {holder} holds the key of all rows and opens their common sums "
    "alone, but {holder} and the cloud together read every row"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Outsourced:
    """Sums over all factories' rows, computed under encryption."""

    parties: tuple[str, ...]
    columns: tuple[int, ...]
    """Which columns of the stored rows, in order."""
    n: int
    """Rows of all factories together."""
    gram: FloatArray
    """Float[columns, columns], sums of products."""
    sums: FloatArray
    """Float[columns], sums of columns."""
    error: FloatArray
    """Float[columns, columns], what an entry of `gram` is at most off by: the rounding of rows to their grid alone."""
    sums_error: FloatArray
    """Float[columns], the same for `sums`."""
    statement: str
    """Who can read what."""
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]

    def moments(self) -> FloatArray:
        """Return Float[1 + columns, 1 + columns]: sums of products with a column of ones before the others."""
        top = np.concatenate([[float(self.n)], self.sums])
        return np.vstack([top, np.column_stack([self.sums, self.gram])])


def gram(
    rows_by_party: Mapping[str, FloatArray],
    *,
    columns: Sequence[int] | None = None,
    reach: float | Sequence[float] = REACH,
    keys: Keys = "own",
    protection: str = "threshold",
    holder: str = "analyst",
    fine: bool = False,
    day: float = 0.0,
) -> Outsourced:
    """Return the sums of products over all parties' rows, computed by a cloud on ciphertexts.

    rows_by_party: Float[rows, columns] each, on scales that all know: no value above `reach` of its column, and its
    root mean square at most a quarter of it. columns: which to use, default all. keys: whose key rows are under.
    protection: how sums of parties are added under `keys="own"`, a word of `collaboration.protection`. holder: who
    holds the key under `keys="common"`. fine: see `sizes.own`; a common key is always fine.

    The result is that of rows rounded to their grid, exactly. Raises ProtectionError naming the party for rows that do
    not fit, ValueError for more rows than fit, and for columns and keys that do not exist.
    """
    taken = (holder,) if keys == "common" else ()
    rows, each = agreed(rows_by_party, reach, taken)
    chosen = _chosen(columns, len(each))
    values = {party: np.asarray(found, dtype=np.float64) for party, found in rows_by_party.items()}
    if keys == "own":
        terms = Terms(own(max(count for _, count in rows), fine=fine), rows, each)
        return _own(values, terms, chosen, protection, day)
    if keys == "common":
        if len(rows) < 2:
            raise ProtectionError(f"sums over {rows[0][0]!r} alone are its own; a common key needs two parties or more")
        if not COVERED.fits(sum(count for _, count in rows)):
            raise ValueError(f"{sum(count for _, count in rows)} rows are more than one common sum takes")
        return _common(values, Terms(COVERED, rows, each, holder), chosen, holder, day)
    raise ValueError(f"keys: {keys!r} is not one of own, common")


def _chosen(columns: Sequence[int] | None, count: int) -> tuple[int, ...]:
    chosen = tuple(range(count)) if columns is None else tuple(sorted(set(columns)))
    if not chosen or not 0 <= chosen[0] <= chosen[-1] < count:
        raise ValueError(f"columns must be some of 0 to {count - 1}, got {columns}")
    return chosen


def _own(values: Mapping[str, FloatArray], terms: Terms, columns: tuple[int, ...], word: str, day: float) -> Outsourced:
    opened_sums, crossings = own_sums(values, terms, [columns], day)
    total, more, known_to, said = _added({party: sums for party, (sums,) in opened_sums.items()}, word, day)
    statement = f"{OWN_STATEMENT}; {said}"
    return _result(terms, columns, total, statement, (*crossings, *more), known_to, day)


def _added(
    sums: Mapping[str, IntArray], word: str, day: float
) -> tuple[IntArray, tuple[Crossing, ...], tuple[str, ...], str]:
    """Return the sum over factories, what crossed for it, who knows it, and who can read what."""
    if len(sums) == 1:
        ((party, alone),) = sums.items()
        return alone, (), (party,), f"its own sums stay with it ({UNAUDITED}); {CUSTODY}"
    from learning.protect import protection

    protected = protection(word, sums, len(next(iter(sums.values()))), day)
    total = protected.total(sums, number=1, day=day)
    return total.numbers, (*protected.keys, *total.crossings), protected.sum_readers, protected.trust


def _common(
    values: Mapping[str, FloatArray], terms: Terms, columns: tuple[int, ...], holder: str, day: float
) -> Outsourced:
    channels = {party: ChannelKey() for party in (*terms.parties, holder)}
    end = Holder(holder, channels[holder], RowKey(terms.sizes))
    public = end.public()
    cloud = Cloud(terms, channels, PublicRowKey(terms.sizes, public))
    crossings = [crossing(day, holder, CLOUD, "public key", len(public), (CLOUD,), "covers sums", "clear")]
    for party in terms.parties:
        up = Factory(party, terms, PublicRowKey(terms.sizes, public), channels[party]).upload(values[party])
        cloud.store(party, up)
        crossings += [
            crossing(day, holder, party, "public key", len(public), (party, CLOUD), "seals rows", "clear"),
            crossing(day, party, CLOUD, "rows", len(up), (holder,), "encrypted rows"),
        ]
    down = cloud.sums(terms.parties, columns, holder, 1)
    crossings.append(crossing(day, CLOUD, holder, "sums", len(down), (holder,), "encrypted sums over all rows"))
    total = end.open(down, terms, columns, 1)
    statement = f"{COMMON_STATEMENT.format(holder=holder)} ({UNAUDITED}); {CUSTODY}"
    return _result(terms, columns, total, statement, tuple(crossings), (holder,), day)


def _result(
    terms: Terms,
    columns: tuple[int, ...],
    total: IntArray,
    statement: str,
    crossings: tuple[Crossing, ...],
    known_to: tuple[str, ...],
    day: float,
) -> Outsourced:
    chosen = list(columns)
    steps, reach = terms.steps[chosen], np.array(terms.reach)[chosen]
    n = sum(rows for _, rows in terms.rows)
    found = moments(terms, columns, total, n)
    off = 0.5 * (np.outer(reach, steps) + np.outer(steps, reach)) / FILL + 0.25 * np.outer(steps, steps)
    return Outsourced(
        parties=terms.parties,
        columns=columns,
        n=n,
        gram=found[1:, 1:],
        sums=found[0, 1:],
        error=n * off,
        sums_error=0.5 * n * steps,
        statement=statement,
        crossings=crossings,
        releases=(
            Released(
                day=day,
                what="sums of columns and of their products over rows",
                parties=terms.parties,
                known_to=known_to,
                round=0,
                numbers=len(total),
            ),
        ),
    )
