"""Words by their numbers: nothing is lost on the way there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.words import Words

COLUMNS = st.lists(st.one_of(st.none(), st.text(max_size=4)), max_size=20)


@given(COLUMNS, COLUMNS)
def test_words_come_back_from_their_numbers_whatever_was_numbered_since(
    column: list[str | None], other: list[str | None]
) -> None:
    words = Words()
    numbers = words.numbers(column)
    words.numbers(other)

    assert words.named(numbers).tolist() == column
    assert words.arrow(numbers).to_pylist() == column


def test_equal_words_have_one_number_and_the_empty_word_has_none_before_it() -> None:
    words = Words()

    assert words.numbers(["gear", "", "gear", "seal"]).tolist() == [1, 0, 1, 2]
