"""What factories, cloud and key holder agree on before a row is sealed; public."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.envelope import Budget, Header
from learning.faults import ProtectionError
from learning.outsourced.sizes import FILL, Sizes

MAXIMUM_COLUMNS = 256
CLOUD = "cloud"
"""Who stores encrypted rows and computes on them. No party may have this name."""


@dataclass(frozen=True)
class Terms:
    """Sizes, shapes and scales of stored rows."""

    sizes: Sizes
    rows: tuple[tuple[str, int], ...]
    """Rows of each party, in order of their names: how many rows a party has is no secret here."""
    reach: tuple[float, ...]
    """Largest magnitude of each column."""
    holder: str | None = None
    """Who holds the key of all rows; None where each party holds that of its own."""

    def digest(self) -> str:
        """Return the digest that every envelope carries."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def header(self, sender: str, receiver: str, purpose: str, number: int) -> Header:
        """Return the header of a message; its budget is that of the rows."""
        sizes, rows = self.sizes, sum(count for _, count in self.rows)
        budget = Budget(bits=sizes.value_bits + 1, scale_bits=sizes.scale_bits, count=rows, bound=sizes.limit)
        return Header(
            sender=sender, receiver=receiver, round=number, purpose=purpose, parameters=self.digest(), budget=budget
        )

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties, in order."""
        return tuple(party for party, _ in self.rows)

    @property
    def steps(self) -> FloatArray:
        """Return the grid step of each column."""
        return np.array(self.reach) / self.sizes.limit

    def whole(self, rows: FloatArray, party: str) -> IntArray:
        """Return rows: Float[rows, columns] in grid steps.

        Raises ProtectionError naming the party, and the column, for what is not finite or too large.
        """
        expected = (dict(self.rows).get(party), len(self.reach))
        if rows.shape != expected:
            raise ProtectionError(f"{party!r}: rows have shape {rows.shape}, agreed are {expected}", (party,))
        refuse_missing(rows, party)
        for column, reach in enumerate(self.reach):
            _refuse_column(party, column, rows[:, column], reach)
        return np.rint(rows / self.steps).astype(np.int64)


def refuse_missing(rows: FloatArray, party: str) -> None:
    """Raise ProtectionError naming the party, and the place, of a value that is not finite."""
    if not (finite := np.isfinite(rows)).all():
        # the position, not the value: a message may be read by others than the party
        row, column = (int(at) for at in np.argwhere(~finite)[0])
        raise ProtectionError(f"{party!r}: column {column} is not finite in row {row}", (party,))


def _refuse_column(party: str, column: int, values: FloatArray, reach: float) -> None:
    if np.abs(values).max(initial=0.0) > reach:
        raise ProtectionError(f"{party!r}: column {column} has a value outside -{reach:g} to {reach:g}", (party,))
    if float(values @ values) > len(values) * (reach / FILL) ** 2:
        raise ProtectionError(
            f"{party!r}: column {column} has a root mean square above {reach / FILL:g}, a quarter of its reach; "
            "centre and scale it, or raise `reach`",
            (party,),
        )


def agreed(
    rows_by_party: Mapping[str, FloatArray], reach: float | Sequence[float], taken: Sequence[str] = ()
) -> tuple[tuple[tuple[str, int], ...], tuple[float, ...]]:
    """Return rows of each party and reach of each column.

    Raises ProtectionError for no party, a name that is taken, rows of unlike width or none, and a reach that is no
    positive number for each column.
    """
    if not rows_by_party:
        raise ProtectionError("there is no party whose rows could be used")
    for party in sorted(set(rows_by_party) & {CLOUD, *taken}):
        raise ProtectionError(f"{party!r} is the name of somebody else here; give the party another", (party,))
    shapes = {party: np.shape(rows) for party, rows in sorted(rows_by_party.items())}
    for party, shape in shapes.items():
        if len(shape) != 2 or 0 in shape:
            raise ProtectionError(f"{party!r}: rows must be Float[rows, columns] and not empty, got {shape}", (party,))
    widths = {shape[1] for shape in shapes.values()}
    if len(widths) > 1:
        raise ProtectionError("parties have different numbers of columns", tuple(shapes))
    if (columns := widths.pop()) > MAXIMUM_COLUMNS:
        raise ProtectionError(f"{columns} columns; at most {MAXIMUM_COLUMNS} are computed on")
    each = np.broadcast_to(np.asarray(reach, dtype=np.float64), (columns,)) if np.ndim(reach) == 0 else np.array(reach)
    if each.shape != (columns,) or not (np.isfinite(each) & (each > 0)).all():
        raise ProtectionError(f"reach must be a number above 0 for each of {columns} columns")
    return tuple((party, shape[0]) for party, shape in shapes.items()), tuple(float(one) for one in each)
