"""A figure is a value, and an expression that says how it came about."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.figure import SUM, Quantity, Term, least, most, quantity, summed, total
from tests.sim.figures_again import again, differ

a, b, c = (quantity(name, value, "kg") for name, value in (("a", 7.0), ("b", 2.0), ("c", 4.0)))

numbers = st.floats(-1e3, 1e3, allow_nan=False)


@pytest.mark.parametrize(
    ("expression", "text", "value"),
    [
        (a + b - c, "a + b - c", 5.0),
        (a - (b - c), "a - (b - c)", 9.0),
        (a - (b + c), "a - (b + c)", 1.0),
        ((a + b) * c, "(a + b) * c", 36.0),
        (a / (b * c), "a / (b * c)", 0.875),
        (a / b / c, "a / b / c", 0.875),
        (a / (b / c), "a / (b / c)", 14.0),
        (1 - a / b, "1 - a / b", -2.5),
        (2 * a, "2 * a", 14.0),
        (most(0, b - a), "max(0, b - a)", 0.0),
        (least(a, b + c), "min(a, b + c)", 6.0),
        (summed([a, b, c]), "a + b + c", 13.0),
        (summed([]), "0", 0.0),
    ],
)
def test_an_expression_writes_itself_down_with_no_more_brackets_than_it_needs(
    expression: Quantity, text: str, value: float
) -> None:
    assert expression.text == text
    assert expression.value == pytest.approx(value)
    assert again(text, expression.terms) == pytest.approx(value)


def expressions() -> st.SearchStrategy[Quantity]:
    names = {name: st.builds(quantity, st.just(name), numbers, st.just("1")) for name in "abcdef"}
    leaves = st.fixed_dictionaries(names).flatmap(lambda found: st.sampled_from(list(found.values())))
    operators = st.sampled_from(["__add__", "__sub__", "__mul__", "__truediv__"])

    def extended(inner: st.SearchStrategy[Quantity]) -> st.SearchStrategy[Quantity]:
        return st.builds(lambda one, operator, other: getattr(one, operator)(other), inner, operators, inner)

    return st.recursive(leaves, extended, max_leaves=8)


@given(expressions())
def test_whoever_has_formula_and_terms_can_compute_the_figure_again(expression: Quantity) -> None:
    figure = expression.figure("1")
    values = {name: {term.value for term in expression.terms if term.name == name} for name in "abcdef"}

    if all(len(found) < 2 for found in values.values()):
        worked_out = again(figure.formula, figure.terms)
        assert not differ(figure.value, worked_out, scale=math.inf if abs(figure.value) > 1e12 else 1.0)


def test_nothing_divided_by_nothing_is_undefined_and_so_is_anything_else() -> None:
    nothing = quantity("nothing", 0.0, "units")

    assert math.isnan((nothing / nothing).value)
    assert math.isnan((a / nothing).value)
    assert math.isnan(most(0, a / nothing).value)


def test_a_term_stands_in_a_figure_once_however_often_the_formula_names_it() -> None:
    figure = (a / (a + b)).figure("1")

    assert figure.formula == "a / (a + b)"
    assert figure.terms == (Term("a", 7.0, "kg"), Term("b", 2.0, "kg"))


def test_a_total_is_rounded_once_whatever_the_order_of_its_terms() -> None:
    terms = [Term("huge", 1e16, "EUR"), Term("one", 1.0, "EUR"), Term("back", -1e16, "EUR")]

    assert total(terms, "EUR").value == total(reversed(terms), "EUR").value == 1.0
    assert total(terms, "EUR").formula == SUM
    assert total([], "EUR").value == 0.0
