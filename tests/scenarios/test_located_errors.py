"""One misspelt word: file, line, column, dotted key, value, what is allowed, nearest match."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import NamedTuple

import pytest

from scenarios.errors import Problem, ScenarioError, nearest
from scenarios.load import load
from tests.scenarios.telling import HEAD, LINE, lines, probe, problems, written


class Probe(NamedTuple):
    """A change of one word, and what must be told about it."""

    before: str
    after: str
    place: tuple[int, int]
    key: str
    suggestion: str | None
    allowed: str


SERVERS = "a whole number of at least 1 or the word unlimited"
LAWS = (
    "a number or a mapping with `law`: one of constant, exponential, uniform, triangular, lognormal, normal, gamma, "
    "erlang, weibull, beta, empirical, geometric, poisson, mixture"
)
ROUTE = (
    "text; or a mapping of names, at least 1, each with a number from 0 to 1; or a list, at least 1, each a mapping; "
    "or a mapping"
)

MISSPELT = {
    "top key": Probe("time: {", "tme: {", (3, 1), "tme", "time", "blocks"),
    "section key": Probe("servers: 3", "serverz: 3", (13, 5), "blocks.bench.serverz", "servers", "capacity"),
    "nested key": Probe("rate: 2.4", "rat: 2.4", (7, 43), "blocks.arrivals.interarrival_days.rat", "rate", "mean"),
    "word": Probe("queue: fifo", "queue: fifoo", (14, 12), "blocks.bench.queue", "fifo", "lifo"),
    "kind": Probe("kind: station", "kind: staton", (12, 11), "blocks.bench.kind", "station", "lane"),
    "key kind": Probe("kind: station", "knd: station", (12, 5), "blocks.bench.knd", "kind", "kind"),
    "law": Probe(
        "{law: exponential, mean: 1}",
        "{law: exponentail, mean: 1}",
        (15, 25),
        "blocks.bench.service_days.law",
        "exponential",
        "gamma",
    ),
    "key law": Probe(
        "{law: exponential, mean: 1}",
        "{lwa: exponential, mean: 1}",
        (15, 20),
        "blocks.bench.service_days.lwa",
        "law",
        "law",
    ),
    "version key": Probe("looptwin: 1", "loptwin: 1", (1, 1), "looptwin", "looptwin", "looptwin"),
    "target": Probe("to: bench\n  bench", "to: bnech\n  bench", (10, 9), "blocks.arrivals.to", "bench", "done"),
    "target of a split": Probe("{done: 0.75", "{doone: 0.75", (16, 10), "blocks.bench.to.doone", "done", "bench"),
    "target of a case": Probe(
        "to: bench}, {to", "to: bensh}, {to", (20, 38), "blocks.arrivals_lane.to.0.to", "bench", "done"
    ),
    "field": Probe("{field: grade", "{field: grad", (20, 18), "blocks.arrivals_lane.to.0.field", "grade", "visits"),
    "key of a case": Probe("in: [A]", "inn: [A]", (20, 25), "blocks.arrivals_lane.to.0.inn", "in", "below"),
    "mark": Probe(
        "{values: [A, B]", "{vales: [A, B]", (9, 15), "blocks.arrivals.marks.grade.vales", "values", "values"
    ),
}


@pytest.mark.parametrize("word", MISSPELT)
def test_a_misspelt_word_is_named_at_its_own_line_with_its_key_what_is_allowed_and_the_nearest_match(
    tmp_path: Path, word: str
) -> None:
    expected = MISSPELT[word]

    (told,) = problems(tmp_path, probe(expected.before, expected.after))

    assert told.file == str(tmp_path / "probe.yaml")
    assert (told.line, told.column) == expected.place
    assert told.key == expected.key
    assert told.suggestion == expected.suggestion
    assert expected.allowed in told.allowed
    assert str(told).startswith(f"{told.file}:{told.line}:{told.column}: {told.key}: ")
    assert str(told).endswith(f"did you mean {expected.suggestion!r}?")


WRONG = {
    "a number in quotes": (
        "servers: 3",
        'servers: "3"',
        f"13:14: blocks.bench.servers: '3' is not {SERVERS}; write it without quotes",
    ),
    "no servers": (
        "servers: 3",
        "servers: 0",
        f"13:14: blocks.bench.servers: 0 is not {SERVERS}",
    ),
    "half a server": (
        "servers: 3",
        "servers: 2.0",
        f"13:14: blocks.bench.servers: 2.0 is not {SERVERS}; write 2",
    ),
    "a negative time": ("mean: 1}", "mean: -1}", "15:44: blocks.bench.service_days.mean: -1 is not a number above 0"),
    "an infinite time": (
        "mean: 1}",
        "mean: .inf}",
        "15:44: blocks.bench.service_days.mean: inf is not finite; expected a number above 0",
    ),
    "no number": (
        "mean: 1}",
        "mean: .nan}",
        "15:44: blocks.bench.service_days.mean: nan is not finite; expected a number above 0",
    ),
    "a number too large": (
        "mean: 1}",
        "mean: 1e999}",
        "15:44: blocks.bench.service_days.mean: inf is not finite; expected a number above 0",
    ),
    "nothing": (
        "servers: 3",
        "servers:",
        f"13:13: blocks.bench.servers: nothing stands here; expected {SERVERS}",
    ),
    "a probability above one": (
        "{done: 0.75,",
        "{done: 1.75,",
        "16:16: blocks.bench.to.done: 1.75 is not a number from 0 to 1",
    ),
    "true for a number": (
        "days: 2\n",
        "days: true\n",
        f"19:11: blocks.arrivals_lane.days: true is not {LAWS}",
    ),
    "a law's word alone": (
        "days: 2\n",
        "days: gamma\n",
        f"19:11: blocks.arrivals_lane.days: 'gamma' is not {LAWS}; write {{law: gamma, ...}}",
    ),
    "a source misspelt": (
        "rate: 2.4",
        "rate: {value: 2.4, sorce: x}",
        (
            "7:49: blocks.arrivals.interarrival_days.rate: a mapping is not a number above 0; "
            "a number with its source is written {value: NUMBER, source: TEXT}"
        ),
    ),
    "a list for a section": (
        "interarrival_days: {law: exponential, rate: 2.4}",
        "interarrival_days: 1\n    season: []",
        "8:13: blocks.arrivals.season: [] is not a mapping with the keys amplitude, period_days, phase",
    ),
    # a missing key has no place of its own: it is told at the section that lacks it
    "a missing key": (
        "    to: bench\n  bench",
        "  bench",
        f"6:5: blocks.arrivals.to: this key is missing; it takes {ROUTE}",
    ),
    "two that exclude each other": (
        "rate: 2.4",
        "rate: 2.4, mean: 1",
        "7:24: blocks.arrivals.interarrival_days: give exactly one of mean, rate",
    ),
    "a warm-up without an end": (
        "{horizon_days: 100}",
        "{horizon_days: 100, warm_up_days: 100}",
        "3:7: time: warm_up_days 100 leaves nothing of horizon_days 100",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_value_is_answered_in_plain_words(tmp_path: Path, case: str) -> None:
    before, after, told = WRONG[case]

    (line,) = lines(tmp_path, probe(before, after))

    assert line == f"probe.yaml:{told}"


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = probe("servers: 3", "serverz: 3")
    text = probe("kind: lane", "kind: line", text)
    text = probe("to: bench\n  bench", "to: bnech\n  bench", text)
    text = probe("horizon_days: 100", "horizon_days: -1", text)

    told = problems(tmp_path, text)

    assert [(one.line, one.key) for one in told] == [
        (3, "time.horizon_days"),
        (10, "blocks.arrivals.to"),
        (13, "blocks.bench.serverz"),
        (18, "blocks.arrivals_lane.kind"),
    ]


def test_a_required_key_that_stands_there_misspelt_is_told_once(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, probe("time: {", "tme: {"))

    assert told.key == "tme"


def test_a_value_that_fits_no_member_of_a_union_is_told_once(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, probe("[A, B]", "[A, true]"))

    assert line == "probe.yaml:9:27: blocks.arrivals.marks.grade.values.1: true is not text or a number"


@pytest.mark.parametrize(
    ("first_line", "told"),
    [
        ("looptwin: 2", "1:11: looptwin: this looptwin reads version 1 of the scenario format, not 2"),
        ('looptwin: "1"', "1:11: looptwin: this looptwin reads version 1 of the scenario format, not '1'"),
        ("looptwin: true", "1:11: looptwin: this looptwin reads version 1 of the scenario format, not true"),
        ("", "1:1: looptwin: a scenario says which version of the format it has: looptwin: 1"),
    ],
)
def test_another_format_version_is_refused_before_anything_else_is_told(
    tmp_path: Path, first_line: str, told: str
) -> None:
    text = f"{first_line}\nname: probe\nof_the_future: true\n".lstrip()

    assert lines(tmp_path, text) == [f"probe.yaml:{told}"]


def test_a_scenario_without_blocks_is_refused(tmp_path: Path) -> None:
    assert lines(tmp_path, HEAD) == ["probe.yaml:1:1: blocks: there is nothing to simulate: a scenario needs blocks"]


def test_the_probed_scenario_itself_is_valid(tmp_path: Path) -> None:
    assert load(written(tmp_path, LINE)).blocks["bench"].kind == "station"


def test_an_error_prints_one_line_for_each_problem_and_survives_pickling() -> None:
    error = ScenarioError(
        [
            Problem(file="b.yaml", line=2, column=1, key="x", message="is wrong"),
            Problem(file="a.yaml", line=9, column=1, message="is worse", suggestion="better"),
        ]
    )

    assert str(error) == "a.yaml:9:1: is worse; did you mean 'better'?\nb.yaml:2:1: x: is wrong"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301  # our own bytes


def test_the_nearest_match_looks_past_capitals_and_gives_none_where_nothing_is_near() -> None:
    assert nearest("FIFO", ["fifo", "lifo"]) == "fifo"
    assert nearest("zebra", ["fifo", "lifo"]) is None
    assert nearest(3, ["fifo"]) is None
