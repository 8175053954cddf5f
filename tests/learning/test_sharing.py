"""Sharing of a secret: enough shares give it back, fewer say nothing at all."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.crypto import sharing
from learning.crypto.sharing import PRIME, SECRET_BYTES, SHARE_BYTES


@settings(max_examples=30, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32), holders=st.integers(1, 7), data=st.data())
def test_any_choice_of_enough_shares_gives_the_secret(secret: bytes, holders: int, data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, holders))
    shares = dict(enumerate(sharing.deal(secret, needed, holders), 1))
    chosen = data.draw(st.permutations(sorted(shares)))[:needed]

    assert sharing.join({place: shares[place] for place in chosen}) == secret


def test_one_share_too_few_fits_every_secret() -> None:
    shares = dict(enumerate(sharing.deal(b"\x11" * SECRET_BYTES, 3, 5), 1))
    for places in combinations(shares, 2):
        known = {place: shares[place] for place in places}
        for other in (bytes(SECRET_BYTES), b"\x22" * SECRET_BYTES):
            # the line through any secret and the two known shares gives a third share that completes it
            third = next(place for place in shares if place not in places)
            value = _through({0: other, **known}, third)
            assert sharing.join({**known, third: value}) == other


def _through(points: dict[int, bytes], at: int) -> bytes:
    total = 0
    for place, share in points.items():
        factor = 1
        for other in points:
            if other != place:
                factor = factor * (at - other) * pow(place - other, -1, PRIME) % PRIME
        total += int.from_bytes(share, "big") * factor
    return (total % PRIME).to_bytes(SHARE_BYTES, "big")


def test_the_extreme_secrets_survive() -> None:
    for secret in (bytes(SECRET_BYTES), b"\xff" * SECRET_BYTES):
        assert sharing.join(dict(enumerate(sharing.deal(secret, 2, 2), 1))) == secret


def test_shares_that_give_no_secret_are_refused() -> None:
    with pytest.raises(ValueError, match="give no secret"):
        sharing.join({1: (PRIME - 1).to_bytes(SHARE_BYTES, "big")})


def test_two_dealings_of_one_secret_have_no_share_in_common() -> None:
    one, other = (sharing.deal(bytes(SECRET_BYTES), 2, 4) for _ in range(2))

    assert not set(one) & set(other)
