"""What an intruder reads where it sits: searched for, never asserted by the mode's own word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from learning.attacks.drill import Read, drill
from learning.attacks.holdings import ROOM, files, held
from learning.attacks.recorder import tapped
from learning.attacks.wires import envelopes
from learning.protect import PROTECTIONS, protection

PARTIES = ("east", "north", "south", "up", "west")
NEEDED = 3
GENERATOR = np.random.default_rng(8)
UPDATES = {party: GENERATOR.integers(2**20, 2**45, 6) * GENERATOR.choice([-1, 1], 6) for party in PARTIES}
ROWS = {party: GENERATOR.normal(1e3, 100, 20) for party in PARTIES}

ONE, COORDINATOR, BOTH, BELOW, ENOUGH = range(5)
"""Choices of places, in the order of the drill."""
UPDATE_READ = {
    "plain": {COORDINATOR, BOTH, BELOW, ENOUGH},
    "shared_key": {BOTH, BELOW, ENOUGH},
    "compact": {ENOUGH},
    "threshold": {ENOUGH},
}
"""Where the update of another party is read."""


def test_every_protection_is_drilled() -> None:
    assert set(UPDATE_READ) == set(PROTECTIONS)


@pytest.fixture(scope="module", params=sorted(UPDATE_READ))
def drilled(request: pytest.FixtureRequest) -> tuple[str, list[Read]]:
    """A drill of each protection."""
    return request.param, drill(request.param, ROWS, UPDATES, NEEDED)


def test_an_update_is_read_where_its_statement_says_so_whole_and_nowhere_else(drilled: tuple[str, list[Read]]) -> None:
    word, reads = drilled

    assert [read.update for read in reads] == [float(place in UPDATE_READ[word]) for place in range(5)]


def test_the_sum_is_read_by_every_factory_and_by_the_coordinator_under_plain_alone(
    drilled: tuple[str, list[Read]],
) -> None:
    word, reads = drilled

    assert [read.total for read in reads] == [1.0, float(word == "plain"), 1.0, 1.0, 1.0]


def test_rows_are_read_nowhere_on_the_way(drilled: tuple[str, list[Read]]) -> None:
    assert {read.rows for read in drilled[1]} == {0.0}


@pytest.mark.parametrize("word", sorted(UPDATE_READ))
def test_a_federation_that_is_listened_to_gives_the_same_sum_and_hides_nothing_that_passed(word: str) -> None:
    here = tapped(protection(word, PARTIES, 6, needed=NEEDED))
    found = here.protected.total(UPDATES, number=1, day=0.0)
    carried = held([here.coordinator])

    assert found.numbers.tolist() == np.sum(list(UPDATES.values()), axis=0).tolist()
    assert {one.sender for one in envelopes(carried.blobs) if one.purpose == "update"} == set(PARTIES)
    assert held([here.parties["north"]]).share_of(UPDATES["north"]) == 1.0


@dataclass
class Cupboard:
    """Something of the room that is searched."""

    drawer: object


Cupboard.__module__ = ROOM + "test"

PLANTED = np.array([2**40 + 1, -(2**33) - 7, 123_456_789_012])
REAL = np.array([1234.5678901234, -0.00012345678901])


@pytest.mark.parametrize(
    "hidden",
    [
        PLANTED,
        PLANTED.tolist(),
        {"deep": [({"er": (PLANTED[0], PLANTED[1:].astype(float))},)]},
        b"abc" + PLANTED.astype("<i8").tobytes() + b"z",
        b"abcdefgh" + PLANTED.astype("<f8").tobytes(),
        " ".join(map(str, PLANTED)),
        Cupboard([Cupboard(PLANTED)]),
        bytearray(PLANTED.tobytes()),
    ],
    ids=["array", "list", "nested", "odd bytes", "as floats", "text", "attributes", "bytearray"],
)
def test_a_planted_number_is_found_wherever_it_is(hidden: object) -> None:
    assert held([hidden, "other things", 3, None]).share_of(PLANTED) == 1.0


def test_what_is_not_there_is_not_found_and_a_part_counts_as_a_part() -> None:
    noise = [np.arange(1000), np.random.default_rng(0).bytes(100_000), "1234", [Cupboard(4.5)], 1 << 70]

    assert held(noise).share_of(PLANTED) == 0.0
    assert held([*noise, PLANTED[:1]]).share_of(PLANTED) == pytest.approx(1 / 3)
    assert held([]).share_of(REAL) == 0.0


def test_a_walk_ends_where_things_hold_each_other() -> None:
    one = Cupboard(None)
    one.drawer = [one, {"again": one}, PLANTED]

    assert held([one]).share_of(PLANTED) == 1.0


def test_files_are_searched_as_text_as_bytes_and_as_tables(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "numbers.json").write_text(json.dumps({"value": REAL.tolist()}), encoding="utf-8")
    (tmp_path / "raw").write_bytes(b"x" + PLANTED.tobytes())
    fitted = np.array([1000.25, 0.5])
    pq.write_table(pa.table({"fitted": fitted, "residual": ROWS["east"][:2] - fitted}), tmp_path / "table.parquet")
    found = files(tmp_path)

    assert found.share_of(REAL) == found.share_of(PLANTED) == found.share_of(fitted) == 1.0
    assert found.share_of(ROWS["east"][:2]) == 1.0, "a fit and its residual are the value"
    assert found.share_of(ROWS["north"]) == 0.0
