"""Sums of products on encrypted rows: what a factory of 500 rows and 8 columns pays, beside TenSEAL's own vectors.

CPU milliseconds of one core, keys ready. End to end is packing and encrypting rows, computing every product and sum on
ciphertexts, and opening; on stored ciphertexts it is computing and opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.figures import Figure, in_turn, judged, stated
from learning.arrays import FloatArray, IntArray
from learning.inference.score import Question, score
from learning.outsourced import packing
from learning.outsourced.cloud import Stored, computed
from learning.outsourced.factory import opened
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.sizes import COVERED, own
from learning.outsourced.terms import Terms

COLUMNS = 8
STUDY_MS = 5894.13
"""Printed in the published study for one factory of 500 rows, on 70 processors of 48 cores; what it times is unsaid."""
PEER = "TenSEAL vectors (ms)"


class _Factory:
    """One factory's job, step by step, without the way between its ends."""

    def __init__(self, rows: int, *, covered: bool = False, fine: bool = False) -> None:
        sizes = COVERED if covered else own(rows, fine=fine)
        self.values = np.random.default_rng(1).normal(size=(rows, COLUMNS)).clip(-5.0, 5.0)
        self.terms = Terms(sizes, (("factory", rows),), (8.0,) * COLUMNS)
        self.key, self.columns = RowKey(sizes), tuple(range(COLUMNS))
        self.cover = PublicRowKey(sizes, self.key.public()) if covered else None
        self.sealer: Any = self.cover or self.key
        self.stored = self.sealed()

    def sealed(self) -> Stored:
        whole = self.terms.whole(self.values, "factory")
        ahead, behind = packing.forward(whole, self.terms.sizes), packing.backward(whole, self.terms.sizes)
        return Stored(self._each(ahead), self._each(behind))

    def _each(self, polynomials: FloatArray) -> list[list[Any]]:
        return [[self.sealer.seal(one) for one in line] for line in polynomials]

    def computed(self, stored: Stored | None = None) -> Sequence[Any]:
        return computed([stored or self.stored], self.terms, self.columns, self.cover)

    def on_stored(self) -> IntArray:
        return opened(self.computed(), self.terms, self.columns, self.key)

    def all_of_it(self) -> IntArray:
        return opened(self.computed(self.sealed()), self.terms, self.columns, self.key)


def figures() -> list[Figure]:
    """Measure all figures of this part."""
    small, large, fine = _Factory(500), _Factory(5000), _Factory(500, fine=True)
    common = _Factory(500, covered=True)
    for one in (small, large, fine, common):
        whole = one.terms.whole(one.values, "factory")
        products = (whole.T @ whole)[np.triu_indices(COLUMNS)]
        assert np.array_equal(one.all_of_it(), np.concatenate([products, whole.sum(0)]))
    peer = _high_level(small.values)
    spent = in_turn(
        {
            "all": small.all_of_it,
            "stored": small.on_stored,
            "computed": small.computed,
            "large": large.all_of_it,
            "fine": fine.all_of_it,
            "common": common.all_of_it,
            "peer": peer,
        },
        3,
    )
    more = in_turn({"all": small.all_of_it, "stored": small.on_stored, "computed": small.computed}, 15)
    ms = {name: 1e3 * min(seconds, more.get(name, seconds)) for name, seconds in spent.items()}
    study = f"exact in whole numbers; {STUDY_MS:.0f} ms are printed in the study, which does not say what it times"
    return [
        judged(
            "encrypted Gram 500 x 8, end to end",
            ms["all"],
            "ms",
            goal=15.0,
            peer=PEER,
            peer_value=ms["peer"],
            note=study,
        ),
        judged(
            "encrypted Gram 500 x 8, rows stored encrypted",
            ms["stored"],
            "ms",
            goal=4.0,
            peer=PEER,
            peer_value=ms["peer"],
            note=f"computing alone {ms['computed']:.1f} ms",
        ),
        judged("encrypted Gram 5,000 x 8, end to end", ms["large"], "ms", goal=150.0),
        judged(
            "encrypted Gram 500 x 8, fine grid, end to end",
            ms["fine"],
            "ms",
            goal=15.0,
            peer=PEER,
            peer_value=ms["peer"],
            note=f"{fine.terms.sizes.value_bits} bits a value instead of {small.terms.sizes.value_bits}",
        ),
        stated(
            "encrypted Gram 500 x 8 for a key holder",
            ms["common"],
            "ms",
            peer=PEER,
            peer_value=ms["peer"],
            note="sealed by public key, noise flooded, all else padded",
        ),
        *_private_scores(),
    ]


def _private_scores() -> list[Figure]:
    """One core, and a hundred, asked about under either way; keys are drawn in it."""
    generator = np.random.default_rng(2)
    features, weights = generator.normal(size=(100, COLUMNS)).clip(-5.0, 5.0), generator.normal(size=COLUMNS + 1)
    found = []
    for way, what in (("encrypted_features", "its features sealed"), ("encrypted_model", "the model sealed")):
        question = Question(way=way)  # type: ignore[arg-type]

        def asked(cores: int, question: Question = question) -> object:
            return score(features[:cores], weights, asker="yard", modeller="lab", question=question)

        spent = in_turn({"one": lambda asked=asked: asked(1), "many": lambda asked=asked: asked(100)}, 5)  # type: ignore[misc]
        note = f"one core alone {1e3 * spent['one']:.0f} ms, both sides and their keys"
        found.append(stated(f"private decision a core of 100, {what}", 10.0 * spent["many"], "ms", note=note))
    return found


def _high_level(values: FloatArray) -> Any:
    """A column per vector, a dot product per pair, a sum per column, each decrypted."""
    import tenseal as ts

    context = ts.context(ts.SCHEME_TYPE.CKKS, 8192, coeff_mod_bit_sizes=[60, 40, 60], n_threads=1)
    context.global_scale = 2.0**40
    context.generate_galois_keys()

    def run() -> list[list[float]]:
        vectors = [ts.ckks_vector(context, column.tolist()) for column in values.T]
        results = [vectors[low].dot(vectors[high]) for low, high in packing.pairs(range(COLUMNS))]
        return [one.decrypt() for one in (*results, *(vector.sum() for vector in vectors))]

    return run
