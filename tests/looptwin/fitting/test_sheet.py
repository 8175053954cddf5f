"""A user's table is read as it is written, and what cannot be read is told at its place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from looptwin.errors import UserError
from looptwin.fitting.delays import read_delays
from looptwin.fitting.demand import read_demand
from looptwin.fitting.dialect import Options
from looptwin.fitting.lives import Spells, read_lives
from looptwin.fitting.sample import TooFew


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def lives(folder: Path, text: str, *, until: str | None = None, encoding: str = "utf-8", **options: object) -> Spells:
    return read_lives(written(folder, text, encoding), Options(**options), until)  # type: ignore[arg-type]


def refused(folder: Path, text: str, **options: object) -> list[str]:
    with pytest.raises(UserError) as told:
        lives(folder, text, **options)
    assert told.value.status == 2
    return str(told.value).replace(f"{folder}/", "").splitlines()


DATES = """\
installed,removed
2024-01-01,2024-01-11
2024-01-01,2024-01-21
2024-01-06,
2024-01-06,2024-01-16T12:00
2024-01-11,2024-01-31
2024-01-11,2024-01-17
"""


def test_a_unit_without_a_removal_is_in_use_until_the_records_end(tmp_path: Path) -> None:
    found = lives(tmp_path, DATES)

    assert found.sample.times.tolist() == [10.0, 20.0, 25.0, 10.5, 20.0, 6.0]
    assert found.sample.ended.tolist() == [True, True, False, True, True, True]
    assert found.sample.limit.tolist() == [30.0, 30.0, 25.0, 25.0, 20.0, 20.0]
    assert found.span == "2024-01-01 to 2024-01-31"


def test_the_end_of_the_records_can_be_told(tmp_path: Path) -> None:
    assert lives(tmp_path, DATES, until="2024-03-01").sample.times[2] == 55.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_decimals_and_encoding_are_found_and_said(tmp_path: Path, encoding: str) -> None:
    text = "Life_Days;observed\n" + "".join(f"{n},5;1\n" for n in range(1, 7))

    found = lives(tmp_path, text, encoding=encoding)

    assert found.sample.times.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert str(found.sheet.dialect).endswith("delimiter semicolon, decimal comma")
    assert str(found.sheet.dialect).startswith("UTF-16" if encoding == "utf-16" else "UTF-8")
    assert ("BOM" in str(found.sheet.dialect)) == (encoding == "utf-8-sig")


def test_what_the_user_says_of_a_table_is_taken(tmp_path: Path) -> None:
    text = "Dauer\tEnde;gesehen\tobserved\n" + "".join(f"{n}.5\t\tyes\n" for n in range(1, 7))

    found = lives(tmp_path, text, delimiter="tab", decimal="point", columns=(("life_days", "Dauer"),))

    assert found.sample.times[0] == 1.5
    assert found.sample.ended.all()


def test_every_bad_cell_is_told_at_its_line_with_what_is_allowed(tmp_path: Path) -> None:
    text = "unit,life_days,observed,from_days\na,10,1,\n\nb,20,perhaps,\nc,5,0,9\nd,-3,1,\ne,x,1,2\n"

    entry = "the age in days from which on the unit was watched, 0 or more, below its life; or empty"
    assert refused(tmp_path, text) == [
        "mine.csv:4: observed: 'perhaps'; allowed: 1 or yes where the end was seen, 0 or no where not",
        f"mine.csv:5: from_days: '9'; allowed: {entry}",
        "mine.csv:6: life_days: '-3'; allowed: a life in days, 0 or more",
        "mine.csv:7: life_days: 'x'; allowed: a life in days, 0 or more",
    ]


def test_a_removal_before_its_installation_and_a_day_that_is_none_are_told(tmp_path: Path) -> None:
    text = "installed,removed\n2024-02-30,\n2024-01-05,2024-01-01\n,2024-01-01\n2024-01-01,17\n"

    assert refused(tmp_path, text) == [
        "mine.csv:2: installed: '2024-02-30'; allowed: a date YYYY-MM-DD, with a time or without",
        "mine.csv:3: removed: '2024-01-01'; allowed: the day of `installed`, 2024-01-05, or a later one",
        "mine.csv:4: installed: ''; allowed: a date YYYY-MM-DD, with a time or without",
        "mine.csv:5: removed: '17'; allowed: a date YYYY-MM-DD, with a time or without, or empty",
    ]


def test_more_bad_cells_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    told = refused(tmp_path, "life_days,observed\n" + "x,1\n" * 60)

    assert len(told) == 51
    assert told[-1] == "mine.csv: and 10 more"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.csv: there are no rows below a line of headings"),
        ("instaled,removed\n1,2\n", "is it 'instaled'? then give --column installed='instaled'"),
        ("installed,removed\n1,2,3\n", "mine.csv:2: 3 cells where the headings are 2"),
        ("installed,removed,removed\n1,2,3\n", "mine.csv:1: the heading 'removed' stands there twice"),
        ('installed,removed\n1,"2\n', "is a quote left open?"),
        ("installed,removed\n3,\n3,\n", "all records are of one day"),
        ("installed,removed\n1\x00,\n", "mine.csv:2: this is no text"),
    ],
)
def test_a_table_that_is_none_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (told,) = refused(tmp_path, text)

    assert said in told


def test_a_table_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes("installed,removed\n1,2\nä,3\n".encode("latin-1"))

    with pytest.raises(UserError, match=r"mine\.csv:3: this is not UTF-8; save the table as UTF-8"):
        read_lives(tmp_path / "mine.csv", Options())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": "dash"}, "--delimiter dash: allowed are comma, semicolon, tab, bar"),
        ({"columns": (("instaled", "removed"),)}, "--column instaled=removed: there is no column 'instaled'"),
        ({"columns": (("installed", "remved"),)}, "there is no heading 'remved'; did you mean 'removed'?"),
    ],
)
def test_an_option_that_cannot_be_taken_is_told(tmp_path: Path, options: dict[str, object], said: str) -> None:
    (told,) = refused(tmp_path, DATES, **options)

    assert said in told


def test_the_records_cannot_end_before_their_last_day(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, DATES, until="2024-01-02")

    assert told == "--until 2024-01-02: the records go on until 2024-01-31; give that day or a later one"


def test_too_few_ends_and_equal_ends_carry_no_law(tmp_path: Path) -> None:
    with pytest.raises(TooFew, match="the end of 1 of 3 lives was seen, and a fit needs 5"):
        lives(tmp_path, "life_days,observed\n1,1\n2,0\n3,0\n")
    with pytest.raises(TooFew, match="all lives ended after 8 days"):
        lives(tmp_path, "life_days,observed\n" + "8,1\n" * 6)
    with pytest.raises(TooFew, match=r"all lives ended after 8\.00025 days"):
        lives(tmp_path, "life_days,observed\n" + "".join(f"8.000{n},1\n" for n in range(6)))


def test_days_may_be_numbers_and_a_life_of_no_day_counts_as_half_a_day(tmp_path: Path) -> None:
    path = written(tmp_path, "removed,received\n" + "".join(f"{n},{n + n % 4}\n" for n in range(8)) + "9,\n")

    found = read_delays(path, Options(), "12")

    assert found.sample.times.tolist() == [0.5, 1.0, 2.0, 3.0, 0.5, 1.0, 2.0, 3.0, 3.0]
    assert found.rounded == 2


def test_requests_of_a_day_come_at_different_moments_of_it(tmp_path: Path) -> None:
    found = read_demand(written(tmp_path, "day\n" + "2024-01-01\n" * 3 + "2024-01-04\n" * 3), Options())

    assert found.spread
    assert len(set(found.days)) == 6
    assert {math.floor(day) - math.floor(found.days[0]) for day in found.days} == {0, 3}
    assert found.span == "2024-01-01 to 2024-01-04"
