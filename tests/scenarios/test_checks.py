"""What only the whole network shows to be wrong is refused before the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.load import load
from tests.scenarios.telling import HEAD, lines, probe, written

SOURCE = "a: {kind: source, interarrival_days: 1, to: b}"
CUSTOMERS = "d: {kind: sink, from: s, interarrival_days: 1}"
BENCH = "kind: station, service_days: 1"


IDLE = "this source has no interarrival time and no stock orders from it: it never makes a unit"
NO_REMAINDER = "the last case must have no condition: a unit that fits none has nowhere to go"
TOO_SOON = "only the last case has no condition: nothing after this one is ever taken"


def told(folder: Path, *blocks: str) -> list[str]:
    """Return what is told about blocks, one a line from line 5 on."""
    return lines(folder, HEAD + "blocks:\n" + "".join(f"  {block}\n" for block in blocks))


def is_valid(folder: Path, *blocks: str) -> bool:
    text = HEAD + "blocks:\n" + "".join(f"  {block}\n" for block in blocks)
    return len(load(written(folder, text)).blocks) == len(blocks)


@pytest.mark.parametrize(
    ("split", "total"),
    [("{done: 0.75, arrivals_lane: 0.3}", "1.05"), ("{done: 0.999999998, arrivals_lane: 0}", "0.999999998")],
)
def test_probabilities_that_do_not_sum_to_one_are_refused_with_their_sum(
    tmp_path: Path, split: str, total: str
) -> None:
    assert lines(tmp_path, probe("{done: 0.75, arrivals_lane: 0.25}", split)) == [
        f"probe.yaml:16:9: blocks.bench.to: the probabilities must sum to 1, these sum to {total}"
    ]


def test_probabilities_that_miss_one_by_rounding_alone_are_taken(tmp_path: Path) -> None:
    thirds = "{done: 0.1, arrivals_lane: 0.9000000000000001}"

    assert load(written(tmp_path, probe("{done: 0.75, arrivals_lane: 0.25}", thirds)))


def test_a_route_to_nowhere_is_refused_with_the_blocks_there_are(tmp_path: Path) -> None:
    assert told(tmp_path, "a: {kind: source, interarrival_days: 1, to: nowhere}", "b: {kind: sink}") == [
        "probe.yaml:5:47: blocks.a.to: there is no block 'nowhere'; there are b",
    ]


def test_a_route_into_a_source_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, SOURCE, f"b: {{{BENCH}, to: {{a: 0.5, c: 0.5}}}}", "c: {kind: sink}") == [
        "probe.yaml:6:44: blocks.b.to.a: 'a' is a source; this must be a block that takes units"
    ]


def test_an_overflow_to_nowhere_is_refused(tmp_path: Path) -> None:
    bench = f"b: {{{BENCH}, to: c, capacity: 2, when_full: lose, overflow: cc}}"

    (line,) = told(tmp_path, SOURCE, bench, "c: {kind: sink}")

    assert line.startswith("probe.yaml:6:86: blocks.b.overflow: there is no block 'cc'")


def test_a_stock_asks_a_source_on_order_or_a_stock(tmp_path: Path) -> None:
    arrivals = "a: {kind: source, interarrival_days: 1, to: s}"

    assert told(tmp_path, arrivals, "s: {kind: stock, level: 1, supply: a}", CUSTOMERS) == [
        "probe.yaml:6:38: blocks.s.supply: 'a' makes units at times of its own; a supply has no interarrival time"
    ]
    assert told(tmp_path, arrivals, "s: {kind: stock, level: 1, supply: d}", CUSTOMERS) == [
        "probe.yaml:6:38: blocks.s.supply: 'd' is a sink; this must be a source or a stock"
    ]


def test_customers_and_fleets_ask_a_stock(tmp_path: Path) -> None:
    (line,) = told(tmp_path, SOURCE, "b: {kind: sink}", "d: {kind: sink, from: b, interarrival_days: 1}")

    assert line == "probe.yaml:7:25: blocks.d.from: 'b' is a sink; this must be a stock"


def test_a_lane_that_brings_supplies_ends_at_their_stock(tmp_path: Path) -> None:
    blocks = [
        "p: {kind: source, to: t}",
        "t: {kind: stock, level: 1, supply: p}",
        "s: {kind: stock, level: 1, supply: t, via: l}",
        "l: {kind: lane, days: 1, to: t}",
        CUSTOMERS,
    ]

    assert told(tmp_path, *blocks) == ["probe.yaml:7:46: blocks.s.via: the lane 'l' does not end at this stock"]
    assert is_valid(tmp_path, *blocks[:3], "l: {kind: lane, days: 1, to: s}", CUSTOMERS)


def test_what_a_stock_orders_must_come_to_it(tmp_path: Path) -> None:
    assert told(
        tmp_path, "p: {kind: source, to: e}", "s: {kind: stock, level: 1, supply: p}", "e: {kind: sink}", CUSTOMERS
    ) == ["probe.yaml:6:38: blocks.s.supply: what 'p' makes never comes to this stock"]


def test_stocks_that_supply_each_other_are_refused(tmp_path: Path) -> None:
    s, t = ("s: {kind: stock, level: 1, supply: t}", "t: {kind: stock, level: 1, supply: s}")

    assert [line.split(": ")[-1] for line in told(tmp_path, s, t, CUSTOMERS)] == [
        "these stocks supply each other in a circle, and nothing makes units"
    ] * 2


def test_a_source_that_nobody_orders_from_and_a_stock_that_nobody_asks_are_refused(tmp_path: Path) -> None:
    assert told(tmp_path, SOURCE, "b: {kind: stock, rule: none}", "p: {kind: source, to: b}") == [
        "probe.yaml:6:3: blocks.b: nobody asks this stock for units: it only fills up",
        f"probe.yaml:7:3: blocks.p: {IDLE}",
    ]


def test_blocks_that_nothing_leads_to_are_refused_at_the_first_of_each_chain(tmp_path: Path) -> None:
    orphans = [
        f"x: {{{BENCH}, to: y}}",
        f"y: {{{BENCH}, to: b}}",
        f"v: {{{BENCH}, to: w}}",
        f"w: {{{BENCH}, to: {{v: 0.5, b: 0.5}}}}",
    ]

    assert [line.split(":")[1] for line in told(tmp_path, SOURCE, *orphans, "b: {kind: sink}")] == ["6", "8"]


def test_a_block_reached_by_a_route_of_probability_zero_only_is_no_orphan(tmp_path: Path) -> None:
    assert is_valid(
        tmp_path, "a: {kind: source, interarrival_days: 1, to: {b: 1, c: 0}}", "b: {kind: sink}", "c: {kind: sink}"
    )


def test_a_loop_that_nothing_leaves_is_refused(tmp_path: Path) -> None:
    loop = [f"b: {{{BENCH}, to: c}}", "c: {kind: lane, days: 1, to: {b: 1, d: 0}}", "d: {kind: sink}"]

    assert told(tmp_path, SOURCE, *loop) == [
        "probe.yaml:6:43: blocks.b.to: units that come here never leave: no route leads out of b, c"
    ]


@pytest.mark.parametrize(
    "way_out",
    [
        f"b: {{{BENCH}, to: {{b: 0.9, c: 0.1}}}}",
        f"b: {{{BENCH}, to: [{{field: visits, below: 3, to: b}}, {{to: c}}]}}",
        f"b: {{{BENCH}, to: b, capacity: 5, when_full: lose, overflow: c}}",
    ],
)
def test_a_loop_with_a_way_out_is_taken(tmp_path: Path, way_out: str) -> None:
    assert is_valid(tmp_path, SOURCE, way_out, "c: {kind: sink}")


def test_a_loop_through_a_population_needs_no_way_out(tmp_path: Path) -> None:
    assert is_valid(tmp_path, "f: {kind: population, size: 3, life_days: 9, to: b}", f"b: {{{BENCH}, to: f}}")


def test_one_misspelt_name_does_not_make_the_blocks_behind_it_look_lost(tmp_path: Path) -> None:
    assert (
        len(
            told(
                tmp_path,
                "a: {kind: source, interarrival_days: 1, to: bench2}",
                f"bench: {{{BENCH}, to: c}}",
                "c: {kind: sink}",
            )
        )
        == 1
    )


def test_a_block_with_a_mistake_of_its_own_does_not_make_others_look_lost(tmp_path: Path) -> None:
    (line,) = told(tmp_path, SOURCE, f"b: {{{BENCH}, to: c, servers: 0}}", "c: {kind: sink}")

    assert "servers" in line


CASES = "[{field: grade, in: [A], to: bench}, {to: done}]"


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        (
            "[{field: grade, in: [A], to: bench}]",
            f"20:10: blocks.arrivals_lane.to.0: {NO_REMAINDER}",
        ),
        (
            "[{to: bench}, {to: done}]",
            f"20:10: blocks.arrivals_lane.to.0: {TOO_SOON}",
        ),
        (
            "[{field: grade, in: [Z], to: bench}, {to: done}]",
            "20:30: blocks.arrivals_lane.to.0.in.0: grade is never 'Z'; it is one of A, B",
        ),
        (
            "[{field: grade, below: 3, to: bench}, {to: done}]",
            "20:32: blocks.arrivals_lane.to.0.below: grade can be a word, which is neither above nor below a number",
        ),
        (
            "[{field: grade, to: bench}, {to: done}]",
            "20:10: blocks.arrivals_lane.to.0: a condition needs `field` and at least one of `in`, `at_least`, `below`",
        ),
        (
            "[{field: grade, in: [A], to: {bench: 0.5, done: 0.4}}, {to: done}]",
            "20:38: blocks.arrivals_lane.to.0.to: the probabilities must sum to 1, these sum to 0.9",
        ),
        (
            "{decide: dismantler.disposition, answers: {x: done}}",
            "20:18: blocks.arrivals_lane.to.decide: a decision is taken by a party, and the scenario has no parties",
        ),
    ],
)
def test_conditions_that_cannot_be_met_are_refused(tmp_path: Path, cases: str, expected: str) -> None:
    assert lines(tmp_path, probe(CASES, cases)) == [f"probe.yaml:{expected}"]


def test_priorities_and_factors_look_at_marks_that_exist(tmp_path: Path) -> None:
    options = (
        "queue: fifo\n    priority: {field: grad, order: [A]}\n    service_factor: {field: grade, values: {A: 2, C: 3}}"
    )

    assert [line.split(": ", 2)[:2] for line in lines(tmp_path, probe("queue: fifo", options))] == [
        ["probe.yaml:15:23", "blocks.bench.priority.field"],
        ["probe.yaml:16:51", "blocks.bench.service_factor.values.C"],
    ]


def test_a_number_that_is_a_marks_value_may_be_a_key(tmp_path: Path) -> None:
    text = probe("[A, B], p", "[1, 2.5], p")
    text = probe("in: [A]", "in: [1, 2.5]", text)
    text = probe("queue: fifo", "queue: fifo\n    service_factor: {field: grade, values: {1: 2, 2.5: 3}}", text)

    assert load(written(tmp_path, text))


def test_stations_that_overflow_into_each_other_are_refused_at_their_overflow(tmp_path: Path) -> None:
    text = """looptwin: 1
name: circle
time: {horizon_days: 10}
blocks:
  in: {kind: source, interarrival_days: 1, to: a}
  a: {kind: station, service_days: 3, capacity: 1, when_full: lose, overflow: b, to: out}
  b: {kind: station, service_days: 3, capacity: 1, when_full: lose, overflow: a, to: out}
  out: {kind: sink}
"""
    found = lines(tmp_path, text)

    assert any("6:79: blocks.a.overflow: units lost here would go round in a circle: a, b, a" in line for line in found)
