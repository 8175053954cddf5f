"""Spoilt envelopes and malformed ciphertexts by the thousand: all refused, by name where a signature proves it.

`pytest --envelopes 10000` or `python -m benchmarks safety` takes the full count of each mode.
"""

from __future__ import annotations

import pytest

from learning.protect import PROTECTIONS
from tests.learning.fuzz import AGAIN, KINDS, STANDS, refusals
from tests.learning.malformed import OPENINGS, STORED, in_a_process


def test_every_protection_is_fuzzed() -> None:
    assert set(STANDS) == set(OPENINGS) == set(PROTECTIONS)


@pytest.mark.parametrize("word", sorted(STANDS))
def test_every_spoilt_envelope_is_refused_and_only_a_signature_that_holds_names_its_sender(
    word: str, envelopes: int
) -> None:
    found = refusals(word, envelopes)

    assert sum(found.values()) >= envelopes
    assert set(found) == {*KINDS, AGAIN}
    assert min(found.values()) >= envelopes // 50


@pytest.mark.parametrize("word", sorted(OPENINGS))
def test_a_malformed_ciphertext_under_a_sound_signature_ends_no_process_and_gives_no_wrong_sum(
    word: str, envelopes: int
) -> None:
    found = in_a_process(word, envelopes)

    assert sum(found.values()) == envelopes
    assert found["refused, its sender named"] > envelopes // 2
    assert found["refused, all listed"] > 0


def test_a_malformed_ciphertext_of_stored_rows_ends_no_process(envelopes: int) -> None:
    found = in_a_process(STORED, envelopes)

    assert sum(found.values()) == envelopes
    assert found["refused, its sender named"] > envelopes // 4
