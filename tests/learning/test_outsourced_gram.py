"""Sums of products computed on ciphertexts: exact on the grid, near the plaintext, refused where they cannot be."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.arrays import FloatArray
from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError, SenderError
from learning.outsourced.alone import alone
from learning.outsourced.cloud import Cloud
from learning.outsourced.factory import Factory
from learning.outsourced.gram import Keys, Outsourced, gram
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.sizes import COVERED, own
from learning.outsourced.terms import Terms

BOTH: tuple[Keys, ...] = ("own", "common")


def factories(columns: int = 5) -> dict[str, FloatArray]:
    """Correlated columns of five factories, on one standard scale."""
    generator = np.random.default_rng(11)
    mix = np.eye(columns) + 0.3 * generator.normal(size=(columns, columns))
    rows = {f"factory_{n}": generator.normal(size=(count, columns)) @ mix for n, count in enumerate((300, 90, 40))}
    scale = np.concatenate(list(rows.values())).std(axis=0)
    return {party: np.clip(found / scale, -6.0, 6.0) for party, found in rows.items()}


ROWS = factories()
ALL = np.concatenate(list(ROWS.values()))


@pytest.fixture(scope="module")
def found() -> Mapping[str, Outsourced]:
    return {keys: gram(ROWS, keys=keys) for keys in BOTH}


def coefficients(moments: FloatArray) -> FloatArray:
    """Least squares of the last column on an intercept and the others."""
    solved: FloatArray = np.linalg.solve(moments[:-1, :-1], moments[:-1, -1])
    return solved


@pytest.mark.parametrize("keys", BOTH)
def test_the_sums_are_those_of_the_rounded_rows_exactly(found: Mapping[str, Outsourced], keys: Keys) -> None:
    one = found[keys]
    sizes = own(300) if keys == "own" else COVERED
    step = 8.0 / sizes.limit
    whole = np.rint(ALL / step).astype(np.int64)
    assert np.array_equal(np.rint(one.gram / step**2).astype(np.int64), whole.T @ whole)
    assert np.array_equal(np.rint(one.sums / step).astype(np.int64), whole.sum(axis=0))
    assert one.n == len(ALL)


@pytest.mark.parametrize("keys", BOTH)
def test_the_sums_lie_within_the_stated_error_of_the_plaintext(found: Mapping[str, Outsourced], keys: Keys) -> None:
    one = found[keys]
    assert (np.abs(one.gram - ALL.T @ ALL) <= one.error).all()
    assert (np.abs(one.sums - ALL.sum(axis=0)) <= one.sums_error).all()


@pytest.mark.parametrize("keys", BOTH)
def test_coefficients_differ_from_the_plaintext_by_less_than_one_in_ten_thousand(
    found: Mapping[str, Outsourced], keys: Keys
) -> None:
    ones = np.column_stack([np.ones(len(ALL)), ALL])
    plain = coefficients(ones.T @ ones)
    assert np.abs(coefficients(found[keys].moments()) - plain).max() <= 1e-4 * np.abs(plain).max()


@pytest.mark.parametrize("keys", BOTH)
def test_chosen_columns_give_the_same_numbers(found: Mapping[str, Outsourced], keys: Keys) -> None:
    chosen = gram(ROWS, keys=keys, columns=[4, 1])
    assert chosen.columns == (1, 4)
    assert np.array_equal(chosen.gram, found[keys].gram[np.ix_([1, 4], [1, 4])])
    assert np.array_equal(chosen.sums, found[keys].sums[[1, 4]])


@settings(max_examples=12, deadline=None)
@given(
    counts=st.lists(st.integers(1, 40), min_size=2, max_size=4),
    columns=st.integers(1, 9),
    reach=st.sampled_from([1e-6, 1.0, 37.5, 1e9]),
    keys=st.sampled_from(BOTH),
    seed=st.integers(0),
)
def test_whatever_the_shape_the_sums_are_those_of_rounded_rows(
    counts: list[int], columns: int, reach: float, keys: Keys, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    rows = {f"p{at}": generator.uniform(-0.25, 0.25, (n, columns)) * reach for at, n in enumerate(counts)}
    sizes = own(max(counts)) if keys == "own" else COVERED
    step = reach / sizes.limit
    whole = np.rint(np.concatenate(list(rows.values())) / step).astype(np.int64)
    found = gram(rows, keys=keys, reach=reach, protection="plain")
    assert np.array_equal(np.rint(found.gram / step**2), whole.T @ whole)
    assert np.array_equal(np.rint(found.sums / step), whole.sum(axis=0))
    assert found.moments()[0, 0] == sum(counts)


def test_any_protection_adds_factories_to_the_same_numbers(found: Mapping[str, Outsourced]) -> None:
    assert np.array_equal(gram(ROWS, protection="plain").gram, found["own"].gram)


def test_a_fine_grid_takes_columns_that_nearly_follow_from_one_another() -> None:
    generator = np.random.default_rng(8)
    first = generator.normal(size=600)
    near = np.column_stack([first, first + 0.05 * generator.normal(size=600), generator.normal(size=600)]) / 1.5
    near[:, 2] += near[:, 0] - 0.5 * near[:, 1]
    near = near.clip(-7.0, 7.0)
    ones = np.column_stack([np.ones(600), near])
    plain = coefficients(ones.T @ ones)
    found = {fine: coefficients(gram({"a": near}, fine=fine).moments()) for fine in (False, True)}
    worst = {fine: float(np.abs(one - plain).max() / np.abs(plain).max()) for fine, one in found.items()}
    assert worst[True] <= 1e-4 < worst[False]


def test_many_choices_of_columns_come_from_one_upload() -> None:
    found = alone(ROWS, [(0, 1), (1, 4), (2,)])
    uploads = [one for one in found.crossings if one.purpose == "rows"]
    assert len(uploads) == len(ROWS)
    for party, rows in ROWS.items():
        for columns, one in zip([(0, 1), (1, 4), (2,)], found.moments[party], strict=True):
            design = np.column_stack([np.ones(len(rows)), rows[:, columns]])
            assert np.allclose(one, design.T @ design, atol=1e-3)


def test_a_party_centres_and_scales_its_own_columns_where_it_opens_its_own_sums() -> None:
    """Columns of any size, far from zero, constant, or with one value that stands out."""
    luck = np.random.default_rng(14)
    rows = np.column_stack([1e6 + luck.normal(size=60), np.full(60, -3.5), 1e-9 * luck.normal(size=60), np.zeros(60)])
    rows[5, 2] = 1e-6
    design = np.column_stack([np.ones(60), rows])
    (found,) = alone({"a": rows}, [range(4)]).moments["a"]
    spread = np.sqrt((design**2).sum(axis=0))
    spread[spread == 0.0] = 1.0
    assert np.abs((found - design.T @ design) / np.outer(spread, spread)).max() < 1e-6
    centred = np.cov(rows[:, 0], bias=True) * 60
    assert found[1, 1] - found[0, 1] ** 2 / 60 == pytest.approx(centred, rel=1e-2)
    with pytest.raises(ProtectionError, match="'a': column 1 is not finite in row 7"):
        alone({"a": np.where(np.arange(240).reshape(60, 4) == 29, np.nan, rows)}, [range(4)])


@pytest.mark.parametrize("keys", BOTH)
def test_more_columns_than_one_polynomial_of_sums_holds(keys: Keys) -> None:
    wide = {party: np.random.default_rng(4).normal(size=(30, 19)).clip(-4.0, 4.0) / 1.2 for party in ("a", "b")}
    rows, chosen = np.concatenate(list(wide.values())), [0, 5, 16, 18]
    one = gram(wide, keys=keys, columns=chosen)
    assert (np.abs(one.gram - rows[:, chosen].T @ rows[:, chosen]) <= one.error).all()
    assert (np.abs(one.sums - rows[:, chosen].sum(axis=0)) <= one.sums_error).all()


def test_one_factory_alone_keeps_its_sums() -> None:
    alone = gram({"factory_0": ROWS["factory_0"]})
    assert alone.releases[0].known_to == ("factory_0",)
    assert {one.receiver for one in alone.crossings} == {"cloud", "factory_0"}


def test_a_constant_column_and_a_copied_one_are_summed_like_any_other() -> None:
    rows = np.column_stack([np.full(50, 1.5), ALL[:50, 0], ALL[:50, 0]])
    one = gram({"a": rows})
    assert (np.abs(one.gram - rows.T @ rows) <= one.error).all()
    assert np.array_equal(one.gram[1], one.gram[2])


@pytest.mark.parametrize("keys", BOTH)
def test_no_crossing_can_be_read_by_the_cloud(found: Mapping[str, Outsourced], keys: Keys) -> None:
    sent = [one for one in found[keys].crossings if one.receiver == "cloud" and one.purpose != "public key"]
    assert sent
    assert all(one.clear_or_cipher == "cipher" and "cloud" not in one.readable_by for one in sent)


def with_value(value: float) -> dict[str, FloatArray]:
    changed = {party: rows.copy() for party, rows in ROWS.items()}
    changed["factory_1"][7, 3] = value
    return changed


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (with_value(float("nan")), "'factory_1': column 3 is not finite in row 7"),
        (with_value(float("inf")), "'factory_1': column 3 is not finite in row 7"),
        (with_value(8.5), "'factory_1': column 3 has a value outside -8 to 8"),
        ({**ROWS, "factory_1": ROWS["factory_1"] + 2.0}, "'factory_1': column 0 has a root mean square above 2"),
        ({**ROWS, "factory_1": ROWS["factory_1"][:, :4]}, "different numbers of columns"),
        ({**ROWS, "factory_1": ROWS["factory_1"][:0]}, "'factory_1': rows must be"),
        ({**ROWS, "factory_1": ROWS["factory_1"][0]}, "'factory_1': rows must be"),
        ({**ROWS, "cloud": ROWS["factory_1"]}, "'cloud' is the name of somebody else"),
        ({"a": np.zeros((3, 257))}, "257 columns; at most 256"),
        ({}, "no party"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_name_and_without_their_value(
    rows: dict[str, FloatArray], said: str
) -> None:
    with pytest.raises(ProtectionError, match=said):
        gram(rows)


@pytest.mark.parametrize("reach", [0.0, float("nan"), -1.0, [8.0, 8.0]])
def test_a_reach_that_is_none_is_refused(reach: float | list[float]) -> None:
    with pytest.raises(ProtectionError, match="reach must be"):
        gram(ROWS, reach=reach)


def test_columns_and_keys_that_do_not_exist_are_refused() -> None:
    for columns in ([], [5], [-1]):
        with pytest.raises(ValueError, match="columns must be some of 0 to 4"):
            gram(ROWS, columns=columns)
    with pytest.raises(ValueError, match="not one of own, common"):
        gram(ROWS, keys="joint")  # type: ignore[arg-type]


class Ends:
    """One factory and its cloud."""

    def __init__(self) -> None:
        self.terms = Terms(own(90), (("factory_1", 90),), (8.0,) * 5)
        self.channel = ChannelKey()
        self.factory = Factory("factory_1", self.terms, RowKey(self.terms.sizes), self.channel)
        self.cloud = Cloud(self.terms, {"factory_1": self.channel})
        self.wire = self.factory.upload(ROWS["factory_1"])


def test_a_changed_envelope_and_a_second_upload_are_refused() -> None:
    ends = Ends()
    for wire in (ends.wire[:-1], ends.wire[:5000] + bytes([ends.wire[5000] ^ 1]) + ends.wire[5001:], b""):
        with pytest.raises(SenderError, match="changed on the way"):
            ends.cloud.store("factory_1", wire)
    ends.cloud.store("factory_1", ends.wire)
    with pytest.raises(ProtectionError, match="already stored"):
        ends.cloud.store("factory_1", ends.wire)


def test_sums_of_rows_that_nobody_stored_are_refused() -> None:
    with pytest.raises(ProtectionError, match="no rows of 'factory_1' are stored"):
        Ends().cloud.sums(["factory_1"], (0, 1), "factory_1", 1)


def test_a_key_holder_gets_sums_over_all_parties_or_none() -> None:
    """The difference of two sums would be a party's own."""
    terms = Terms(COVERED, tuple((party, len(rows)) for party, rows in sorted(ROWS.items())), (8.0,) * 5, "analyst")
    channels = {party: ChannelKey() for party in (*ROWS, "analyst")}
    cloud, public = Cloud(terms, channels), RowKey(COVERED).public()
    for party, rows in ROWS.items():
        cloud.store(party, Factory(party, terms, PublicRowKey(COVERED, public), channels[party]).upload(rows))
    with pytest.raises(ProtectionError, match="'analyst' is given sums over all parties and over no fewer"):
        cloud.sums(["factory_0", "factory_1"], (0, 1), "analyst", 1)
    with pytest.raises(ProtectionError, match="sums over 'factory_0' alone are its own"):
        gram({"factory_0": ROWS["factory_0"]}, keys="common")


def test_a_result_for_other_columns_or_another_round_is_refused() -> None:
    ends = Ends()
    ends.cloud.store("factory_1", ends.wire)
    down = ends.cloud.sums(["factory_1"], (0, 1), "factory_1", 1)
    with pytest.raises(SenderError, match="round is 1, not 2"):
        ends.factory.open(down, (0, 1), 2)
    with pytest.raises(SenderError, match="ciphertexts, not"):
        ends.factory.open(down, (0, 4), 1)


def test_rows_sealed_under_another_key_are_noticed_when_opened() -> None:
    """CKKS decrypts under a wrong key without a word; the numbers are not whole."""
    ends = Ends()
    stranger = Factory("factory_1", ends.terms, RowKey(ends.terms.sizes), ends.channel)
    ends.cloud.store("factory_1", stranger.upload(ROWS["factory_1"]))
    down = ends.cloud.sums(["factory_1"], (0, 1), "factory_1", 1)
    with pytest.raises(SenderError, match="no whole number in range"):
        ends.factory.open(down, (0, 1), 1)


def test_no_end_and_no_key_has_a_pickled_or_copied_form() -> None:
    ends = Ends()
    for secret in (ends.factory, ends.cloud, RowKey(own(10))):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
        with pytest.raises(TypeError):
            copy.copy(secret)
    assert repr(RowKey(own(10))) == "RowKey(secret)"


def test_a_public_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="it holds no public key of these parameters"):
        PublicRowKey(COVERED, b"key")
