"""The Material Circularity Indicator: published cases, limits, and what the chain makes of its counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.circularity import Circularity, Material, circularity, circularity_of
from sim.parties.agreed import Returns
from tests.sim.chains import CHAIN, ran, values
from tests.sim.figures_again import again

CASES: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "mci_new_transmission": (
        {"mass": 85.0, "recycled_in": 0.25, "reused_in": 0.0, "recycled_out": 0.75, "reused_out": 0.0},
        {
            "virgin": 63.75,
            "waste_discarded": 21.25,
            "waste_of_recycling": 6.375,
            "waste_of_feedstock": 2.361111111,
            "waste": 25.61805556,
            "linear_flow_index": 0.5319747013,
            "utility": 1.0,
            "mci": 0.5212227688,
        },
    ),
    "mci_reman_transmission": (
        {"mass": 85.0, "recycled_in": 0.1, "reused_in": 0.7, "recycled_out": 0.35, "reused_out": 0.6, "life": 0.9},
        {
            "virgin": 17.0,
            "waste_discarded": 4.25,
            "waste_of_recycling": 2.975,
            "waste_of_feedstock": 0.9444444444,
            "waste": 6.209722222,
            "linear_flow_index": 0.1373480509,
            "utility": 0.9,
            "mci": 0.8626519491,
        },
    ),
}
"""Inputs and expected values, given to ten digits. Equations 2.1 to 2.14 of the source."""

shares = st.floats(0.0, 1.0)


def of(**changes: float) -> Circularity:
    """Return the indicator of a product that is linear but for the changes."""
    inputs: dict[str, Any] = {
        "mass": 85.0,
        "recycled_in": 0.0,
        "reused_in": 0.0,
        "recycled_out": 0.0,
        "reused_out": 0.0,
    }
    return circularity(**(inputs | changes))


@pytest.mark.parametrize("name", CASES)
def test_the_published_cases_come_out_to_every_digit_given(name: str) -> None:
    inputs, expected = CASES[name]
    found = circularity(**inputs, efficiency_out=0.9, efficiency_in=0.9)._asdict()  # type: ignore[arg-type]

    for quantity, value in expected.items():
        assert abs(found[quantity] - value) <= 1e-9 * max(1.0, abs(value)), quantity


def test_a_linear_product_of_ordinary_use_scores_a_tenth() -> None:
    assert of().linear_flow_index == 1.0
    assert of().mci == pytest.approx(0.1, abs=1e-12)


def test_a_product_reused_whole_scores_one() -> None:
    assert of(reused_in=1.0, reused_out=1.0).mci == 1.0


@pytest.mark.parametrize("life", [0.2, 0.5, 0.8999])
def test_a_linear_product_that_lasts_less_than_others_scores_nothing(life: float) -> None:
    assert of(life=life).mci == 0.0


@given(st.floats(0.1, 1e4), shares, shares, shares, shares, st.floats(0.1, 10.0))
def test_the_indicator_lies_between_nothing_and_one_and_knows_no_unit_of_mass(
    mass: float, first: float, second: float, third: float, fourth: float, life: float
) -> None:
    inputs = {
        "recycled_in": first * second,
        "reused_in": first * (1.0 - second),
        "recycled_out": third * fourth,
        "reused_out": third * (1.0 - fourth),
        "life": life,
    }
    found = of(mass=mass, **inputs)

    assert 0.0 <= found.mci <= 1.0
    assert found.mci == pytest.approx(of(mass=1.0, **inputs).mci, abs=1e-9)


@given(shares, shares, st.floats(0.0, 0.5))
def test_more_reuse_and_a_longer_life_never_lower_it(reused_in: float, reused_out: float, more: float) -> None:
    less = of(reused_in=reused_in, reused_out=reused_out).mci

    assert of(reused_in=min(1.0, reused_in + more), reused_out=reused_out).mci >= less - 1e-12
    assert of(reused_in=reused_in, reused_out=min(1.0, reused_out + more)).mci >= less - 1e-12
    assert of(reused_in=reused_in, reused_out=reused_out, life=1.0 + more).mci >= less - 1e-12


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"recycled_in": 0.6, "reused_in": 0.5}, "shares must be at least 0 and sum to at most 1"),
        ({"reused_out": -0.1}, "shares must be"),
        ({"recycled_out": math.nan}, "shares must be"),
        ({"energy_out": 0.6, "composted_out": 0.6}, "shares must be"),
        ({"efficiency_in": 0.0}, "efficiencies must be above 0 and at most 1"),
        ({"efficiency_out": 1.1}, "efficiencies must be"),
        ({"life": 0.0}, "mass, life and use must be above 0"),
        ({"mass": math.nan}, "mass, life and use must be"),
    ],
)
def test_what_is_no_share_of_a_mass_is_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        of(**wrong)


# --- components and materials ---


def test_a_figure_prints_the_masses_that_make_it() -> None:
    found = of(recycled_in=0.3, reused_in=0.2, recycled_out=0.5, reused_out=0.1, life=0.8)
    figure = found.figure()

    assert figure.value == pytest.approx(found.mci, abs=1e-12)
    assert again(figure.formula, figure.terms) == pytest.approx(found.mci, abs=1e-12)
    assert {term.name: term.value for term in figure.terms}["virgin"] == found.virgin


materials = st.builds(
    lambda mass, into, back: Material(
        mass=mass, recycled_in=into / 2, reused_in=into / 3, recycled_out=back / 2, reused_out=back / 4
    ),
    st.floats(0.1, 50.0),
    shares,
    shares,
)


@given(st.lists(materials, min_size=1, max_size=5), st.floats(0.5, 2.0))
def test_masses_of_components_add_up_before_there_is_one_index(parts: list[Material], life: float) -> None:
    whole = circularity_of(parts, life=life)

    for name, each in (("virgin", "virgin"), ("waste_discarded", "discarded"), ("mass", "mass")):
        assert getattr(whole, name) == pytest.approx(math.fsum(getattr(one, each) for one in parts), rel=1e-12)
    index = (whole.virgin + whole.waste) / (2 * whole.mass + (whole.waste_of_feedstock - whole.waste_of_recycling) / 2)
    assert whole.mci == pytest.approx(max(0.0, 1.0 - 0.9 * index / life), abs=1e-12)
    assert min(of_one := [circularity_of([one], life=life).mci for one in parts]) - 1e-9 <= whole.mci
    assert whole.mci <= max(of_one) + 1e-9


@given(materials, st.floats(0.01, 0.99))
def test_a_material_cut_in_two_is_the_same_product(material: Material, cut: float) -> None:
    halves = [replace(material, mass=material.mass * share) for share in (cut, 1.0 - cut)]

    assert circularity_of(halves).mci == pytest.approx(circularity_of([material]).mci, abs=1e-9)


def test_a_product_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="mass, life and use must be above 0"):
        circularity_of([])
    with pytest.raises(ValueError, match="a mass must be at least 0"):
        Material(mass=-1.0, recycled_in=0.0, reused_in=0.0, recycled_out=0.0, reused_out=0.0)


# --- in the chain ---


def test_a_chain_that_gets_nothing_back_is_linear_but_for_its_feedstock() -> None:
    product = replace(CHAIN.product, recycled_feedstock=0.0)  # type: ignore[type-var]
    linear = ran(replace(CHAIN, product=product, returns=Returns(probability=0.0)))

    assert values(linear)["mci"] == pytest.approx(0.1, abs=1e-12)


def test_figures_of_nothing_are_undefined() -> None:
    figures = values(ran(days=1e-6, warm_up=0.0))

    assert all(
        math.isnan(figures[name]) for name in ("mci", "core_return_rate", "reman_yield", "reman_share", "fill_rate")
    )
    assert figures["cores"] == 0
