"""Predictions of a linear model on stored encrypted rows: the cloud reads neither rows nor predictions.

The rows' owner opens them, each rounded to a whole number of grid steps, its noise drowned. A plain model is known to
the cloud; an encrypted one is sealed by its owner for the rows' owner and known to neither. Whoever opens as many
predictions as the model has weights can solve for the weights: that is what a prediction is, and no cipher changes it.
`learning.inference` tells decisions instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from learning.arrays import FloatArray
from learning.crossings import Crossing, crossing
from learning.crypto.envelope import ChannelKey, unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.outsourced import packing
from learning.outsourced.cloud import Cloud, Stored
from learning.outsourced.covering import cover
from learning.outsourced.factory import Factory
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED
from learning.outsourced.terms import CLOUD, Terms, agreed
from learning.protected import CUSTODY, UNAUDITED
from learning.releases import Released

MODEL_BITS = 24
"""Bits of the largest weight."""
INTERCEPT_BITS = 44
_LARGEST = 1 << 52
"""No prediction has more grid steps: 256 columns of 18 bits, weighed by 24, and an intercept."""
PLAIN_STATEMENT = "the cloud knows the model and reads no row and no prediction; {party} opens its own predictions"
ENCRYPTED_STATEMENT = (
    "the cloud reads no row, no weight and no prediction; {party} opens its own predictions and no weight, but "
    "{party} and the cloud together read the model of {owner}"
)
SOLVED = "as many predictions as the model has weights give the weights away to who opens them"


@dataclass(frozen=True, eq=False, kw_only=True)
class Predictions:
    """What the rows' owner opened."""

    party: str
    values: FloatArray
    """Float[rows]."""
    error: float
    """What a value is at most off by: the rounding of rows and weights."""
    statement: str
    """Who can read what."""
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]


@dataclass(frozen=True, eq=False)
class Weights:
    """A model in whole numbers: times `step`, its weighted sums of rows in grid steps are predictions."""

    whole: FloatArray
    """Float[columns], whole."""
    intercept: float
    """Whole."""
    step: float
    """A power of two, so that it says little of the model."""


def predict(
    rows: FloatArray,
    weights: FloatArray,
    *,
    party: str,
    model: Literal["plain", "encrypted"] = "plain",
    owner: str = "modeller",
    reach: float | Sequence[float] = 8.0,
    day: float = 0.0,
) -> Predictions:
    """Return the predictions of a linear model on a party's stored encrypted rows.

    rows: Float[rows, columns], as for `learning.outsourced.gram`. weights: Float[1 + columns], the intercept first.
    model: whether the cloud knows it. owner: whose model it is.

    Raises ProtectionError naming who gave rows or weights that do not fit, ValueError for an unknown word.
    """
    if model not in ("plain", "encrypted"):
        raise ValueError(f"model: {model!r} is not one of plain, encrypted")
    values = np.asarray(rows, dtype=np.float64)
    counts, each = agreed({party: values}, reach, (owner,))
    terms = Terms(COVERED, counts, each, party)
    found = _weights(np.asarray(weights, dtype=np.float64), terms, owner)
    key, channels = RowKey(COVERED), {name: ChannelKey() for name in (party, owner)}
    public = key.public()
    cloud, factory = Cloud(terms, channels), Factory(party, terms, PublicRowKey(COVERED, public), channels[party])
    up = factory.upload(values)
    cloud.store(party, up)
    sent = _send(found, terms, owner, public, channels[owner]) if model == "encrypted" else None
    read = _plain(found, terms) if sent is None else _received(sent, terms, owner, channels[owner])
    down = _computed(cloud.stored(party), read, terms, PublicRowKey(COVERED, public), channels[party])
    whole = _opened(down, terms, key, channels[party], owner)
    statement = (PLAIN_STATEMENT if sent is None else ENCRYPTED_STATEMENT).format(party=party, owner=owner)
    return Predictions(
        party=party,
        values=np.array(whole, dtype=np.float64) * found.step,
        error=_error(np.asarray(weights, dtype=np.float64), found, terms),
        statement=f"{statement}; {SOLVED} ({UNAUDITED}); {CUSTODY}",
        crossings=_crossings(party, owner, public, up, sent, down, len(each) + 1, day),
        releases=(
            Released(
                day=day, what="predictions", parties=(party, owner), known_to=(party,), round=0, numbers=len(whole)
            ),
        ),
    )


def _weights(weights: FloatArray, terms: Terms, owner: str) -> Weights:
    if weights.shape != (len(terms.reach) + 1,):
        raise ProtectionError(
            f"{owner!r}: a model of {len(terms.reach)} columns has {len(terms.reach) + 1} weights, not {weights.shape}",
            (owner,),
        )
    if not np.isfinite(weights).all():
        raise ProtectionError(f"{owner!r}: weight {int(np.argmin(np.isfinite(weights)))} is not finite", (owner,))
    scaled = weights[1:] * terms.steps
    if not scaled.any():
        raise ProtectionError(f"{owner!r}: no column has a weight, so there is nothing to compute on rows", (owner,))
    largest = max(float(np.abs(scaled).max()) * 2.0**-MODEL_BITS, abs(float(weights[0])) * 2.0**-INTERCEPT_BITS)
    if not -900 < math.log2(largest) < 900:
        raise ProtectionError(f"{owner!r}: its weights are too large or too small to be held", (owner,))
    step = 2.0 ** math.ceil(math.log2(largest))
    whole = np.rint(scaled / step)
    if not whole.any():
        raise ProtectionError(f"{owner!r}: beside the intercept no weight is large enough to be held", (owner,))
    return Weights(whole, float(np.rint(weights[0] / step)), step)


def _error(weights: FloatArray, found: Weights, terms: Terms) -> float:
    rounded_rows = 0.5 * float(np.abs(weights[1:]) @ terms.steps)
    rounded_weights = 0.5 * found.step * (terms.sizes.limit * len(terms.reach) + 1)
    return rounded_rows + rounded_weights


@dataclass(frozen=True, eq=False)
class _Model:
    """What the cloud multiplies with: polynomials, plain or encrypted."""

    blocks: dict[int, Any]
    """By number; a plain block of zeros is left out, because SEAL refuses to multiply by nothing."""
    intercept: Any
    """A ciphertext, or the whole number."""
    encrypted: bool


def _plain(found: Weights, terms: Terms) -> _Model:
    base, sizes = lattice(terms.sizes), terms.sizes
    polynomials = {
        block: packing.weighing(found.whole, block, sizes) for block in range(packing.blocks(len(found.whole)))
    }
    blocks = {block: base.plain(one, 0) for block, one in polynomials.items() if one.any()}
    return _Model(blocks, int(found.intercept), encrypted=False)


def _send(found: Weights, terms: Terms, owner: str, public: bytes, channel: ChannelKey) -> bytes:
    sealer, sizes = PublicRowKey(terms.sizes, public), terms.sizes
    polynomials = [packing.weighing(found.whole, block, sizes) for block in range(packing.blocks(len(found.whole)))]
    everywhere = np.zeros(sizes.degree)
    everywhere[: sizes.rows] = found.intercept
    payload = frame([sealer.wire(one) for one in (*polynomials, everywhere)])
    return wrap(terms.header(owner, CLOUD, "model", 1), payload, channel)


def _received(wire: bytes, terms: Terms, owner: str, channel: ChannelKey) -> _Model:
    base, scale_bits = lattice(terms.sizes), terms.sizes.scale_bits
    payload = unwrap(wire, terms.header(owner, CLOUD, "model", 1), channel)
    try:
        chunks = unframe(payload, owner, packing.blocks(len(terms.reach)) + 1)
        *blocks, intercept = [base.read(one, 2, scale_bits) for one in chunks]
    except ValueError as fault:
        raise SenderError(owner, str(fault)) from None
    return _Model(dict(enumerate(blocks)), base.weighed(intercept, base.constant(1.0, scale_bits)), encrypted=True)


def _computed(stored: Stored, model: _Model, terms: Terms, key: PublicRowKey, channel: ChannelKey) -> bytes:
    """Return the envelope of one covered result for each chunk of rows."""
    base, sizes = lattice(terms.sizes), terms.sizes
    ((party, rows),) = terms.rows
    scale_bits, multiply = (2 * sizes.scale_bits, base.product) if model.encrypted else (sizes.scale_bits, base.weighed)
    results = []
    for number, line in enumerate(stored.forward):
        result = base.total(multiply(line[block], weigh) for block, weigh in model.blocks.items())
        count = min(sizes.rows, rows - number * sizes.rows)
        if model.encrypted:
            base.evaluator.add_inplace(result, model.intercept)
        added = () if model.encrypted else [model.intercept] * count
        cover(key, result, np.arange(count), scale_bits, added)
        results.append(base.write(result))
    # what the receiver must read: parts and scale differ with the kind of model
    kind = b"encrypted" if model.encrypted else b"plain"
    return wrap(terms.header(CLOUD, party, "predictions", 1), frame([kind, *results]), channel)


def _opened(wire: bytes, terms: Terms, key: RowKey, channel: ChannelKey, owner: str) -> list[int]:
    base, sizes = lattice(terms.sizes), terms.sizes
    ((party, rows),) = terms.rows
    payload = unwrap(wire, terms.header(CLOUD, party, "predictions", 1), channel)
    kind, *chunks = unframe(payload, CLOUD, sizes.chunks(rows) + 1)
    parts, scale_bits = (3, 2 * sizes.scale_bits) if kind == b"encrypted" else (2, sizes.scale_bits)
    try:
        read = [base.read(chunk, parts, scale_bits) for chunk in chunks]
    except ValueError as fault:
        raise SenderError(CLOUD, str(fault)) from None
    found: list[int] = []
    try:
        for number, result in enumerate(read):
            places = np.arange(min(sizes.rows, rows - number * sizes.rows))
            found += key.exactly(result, places, scale_bits, _LARGEST)
    except ValueError as fault:
        # weights off the grid spoil a prediction as surely as a cloud that computes another one
        raise RoundError(str(fault), (CLOUD,) if kind == b"plain" else (owner, CLOUD)) from None
    return found


def _crossings(
    party: str, owner: str, public: bytes, up: bytes, sent: bytes | None, down: bytes, weights: int, day: float
) -> tuple[Crossing, ...]:
    model = f"{weights} weights of a linear model"
    # who seals a model for the rows' owner needs its key, and who covers predictions
    key = crossing(day, party, owner, "public key", len(public), (owner,), "seals the model", "clear")
    return (
        crossing(day, party, CLOUD, "public key", len(public), (CLOUD,), "covers predictions", "clear"),
        crossing(day, party, CLOUD, "rows", len(up), (), "encrypted rows"),
        *(() if sent is None else (key,)),
        crossing(day, owner, CLOUD, "model", 8 * weights, (CLOUD,), model, "clear")
        if sent is None
        else crossing(day, owner, CLOUD, "model", len(sent), (party,), f"encrypted {model}"),
        crossing(day, CLOUD, party, "predictions", len(down), (party,), "encrypted predictions"),
    )
