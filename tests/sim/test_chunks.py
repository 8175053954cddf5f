"""Streams of rows in order of time, merged chunk by chunk, give what one stable sort of all rows would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.chunks import merged

STREAMS = st.lists(st.lists(st.lists(st.integers(0, 6), max_size=4), max_size=5), max_size=4)
"""A few streams of a few small chunks, with many days in common."""


def streams_of(lengths: list[list[list[int]]]) -> list[list[dict[str, Any]]]:
    """The same with rows that know their stream and place, each stream in order of days."""
    streams = []
    for number, chunks in enumerate(lengths):
        days = sorted(day for chunk in chunks for day in chunk)
        stream, place = [], 0
        for chunk in chunks:
            end = place + len(chunk)
            rows = np.array([f"{number}.{row}" for row in range(place, end)], dtype=object)
            stream.append({"day": np.array(days[place:end], dtype=float), "row": rows})
            place = end
        streams.append(stream)
    return streams


@given(STREAMS)
def test_merged_streams_are_one_stable_sort_of_all_their_rows(lengths: list[list[list[int]]]) -> None:
    streams = streams_of(lengths)
    everything = [row for stream in streams for chunk in stream for row in zip(chunk["day"], chunk["row"], strict=True)]

    chunks = list(merged([iter(stream) for stream in streams]))

    found = [row for chunk in chunks for row in zip(chunk["day"], chunk["row"], strict=True)]
    assert found == sorted(everything, key=lambda row: row[0])
    assert all(len(chunk["day"]) for chunk in chunks)


def test_no_more_than_a_few_chunks_are_held_at_any_time() -> None:
    def stream(start: float) -> Iterator[dict[str, Any]]:
        for number in range(50):
            read.append(number)
            yield {"day": start + number * 10.0 + np.arange(10.0)}

    read: list[int] = []
    given = 0
    for chunk in merged([stream(0.0), stream(0.5), stream(0.25)]):
        given += len(chunk["day"])
        assert 10 * len(read) - given <= 4 * 10

    assert given == 1500
