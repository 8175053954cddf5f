"""Learning by turns under encryption: the end of any order is that of rows in one place, and no turn can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from learning import linear
from learning.faults import ProtectionError
from learning.linear import Gram
from learning.regression.sequential import revealed, turns
from learning.regression.travelling import travelled

RIDGE = 0.5


def grams(names: str = "abc") -> dict[str, Gram]:
    found = {}
    for at, name in enumerate(names):
        generator = np.random.default_rng(at)
        x = generator.normal(size=(30 + 10 * at, 4))
        found[name] = linear.gram(x, x @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.1 * generator.normal(size=len(x)))
    return found


def test_the_end_is_that_of_turns_in_clear_to_the_grid() -> None:
    own = grams()
    end, clear = travelled(own, RIDGE), turns(own.values(), 4, RIDGE)[-1]
    assert end.announced.mean == pytest.approx(clear.mean, abs=1e-6)
    assert end.announced.precision == pytest.approx(clear.precision, abs=1e-6)


def test_any_order_of_parties_ends_in_the_same_state_to_the_last_bit() -> None:
    own = grams()
    back = travelled(dict(reversed(own.items())), RIDGE)
    assert np.array_equal(linear.flatten(back.sums), linear.flatten(travelled(own, RIDGE).sums))


def test_every_state_travels_encrypted_and_the_holder_is_sent_the_last_alone() -> None:
    found = travelled(grams(), RIDGE)
    keys, states = found.crossings[:3], found.crossings[3:]
    assert [(one.sender, one.receiver) for one in states] == [("a", "b"), ("b", "c"), ("c", "analyst")]
    assert all(one.clear_or_cipher == "cipher" and one.readable_by == ("analyst",) for one in states)
    assert [(one.sender, one.receiver, one.purpose, one.clear_or_cipher) for one in keys] == [
        ("analyst", party, "public key", "clear") for party in "abc"
    ]
    assert "together with the parties before" in found.statement


def test_what_announcing_gives_away_and_travelling_does_not() -> None:
    """Two announcements that follow each other are a party's whole Gram; the one state that is opened is nobody's."""
    own = grams()
    told = turns(own.values(), 4, RIDGE)
    for (before, after), held in zip(pairwise(told), own.values(), strict=True):
        assert revealed(before, after).xx == pytest.approx(held.xx, abs=1e-9)
    opened = travelled(own, RIDGE).sums
    assert all(np.abs(opened.xx - held.xx).max() > 1.0 for held in own.values())


def test_sums_out_of_range_and_too_few_parties_are_refused() -> None:
    own = grams()
    large = Gram(own["a"].xx * 1e6, own["a"].xy, own["a"].yy)
    with pytest.raises(ProtectionError, match="'a': its sums are above what travels exactly"):
        travelled({**own, "a": large}, RIDGE)
    with pytest.raises(ProtectionError, match="'a'"):
        travelled({**own, "a": Gram(own["a"].xx * np.nan, own["a"].xy, own["a"].yy)}, RIDGE)
    for wrong in ({"a": own["a"]}, {**own, "analyst": own["a"]}):
        with pytest.raises(ProtectionError, match="two parties or more, and a key holder besides"):
            travelled(wrong, RIDGE)
