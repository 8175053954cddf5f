"""What a stock names must be there, fit, and lead back to a stock: refused at the line that says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.load import load
from tests.scenarios.telling import HEAD, lines, written

CORES = "c: {kind: source, interarrival_days: 1, to: r}"
MAKER = "p: {kind: source, to: s}"
SHELF = "s: {kind: stock, level: 2, supply: p}"
BUYERS = "d: {kind: sink, from: s, interarrival_days: 1}"
LANE = "l: {kind: lane, days: 1, to: s}"


def told(folder: Path, *blocks: str) -> list[str]:
    """Return what is told about blocks, one a line from line 5 on, without the file."""
    found = lines(folder, HEAD + "blocks:\n" + "".join(f"  {block}\n" for block in blocks))
    return [line.removeprefix("probe.yaml:") for line in found]


def is_taken(folder: Path, *blocks: str) -> bool:
    text = HEAD + "blocks:\n" + "".join(f"  {block}\n" for block in blocks)
    return len(load(written(folder, text)).blocks) == len(blocks)


def test_a_hybrid_stock_is_taken(tmp_path: Path) -> None:
    push = "r: {kind: stock, rule: none, push: {to: s, via: l, quantity: 2}, dispose_above: 9, dispose_to: e}"
    pull = "s: {kind: stock, level: 2, supply: p, prefer: {supply: r, via: l, reorder_point: 0, order_up_to: 3}}"
    kept = "r: {kind: stock, rule: none}"
    for blocks in ([CORES, push, SHELF, LANE, "e: {kind: sink}"], [CORES, kept, pull, LANE]):
        assert is_taken(tmp_path, *blocks, MAKER, BUYERS)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("push: {to: x}", "6:43: blocks.r.push.to: there is no block 'x'; there are r, s"),
        ("push: {to: d}", "6:43: blocks.r.push.to: 'd' is a sink; this must be a stock"),
        ("push: {to: r}", "6:43: blocks.r.push.to: a stock cannot supply itself"),
        ("push: {to: s, via: d}", "6:51: blocks.r.push.via: 'd' is a sink; this must be a lane or a station"),
        ("push: {to: s, via: o}", "6:51: blocks.r.push.via: the lane 'o' does not end at the stock 's'"),
        (
            "push: {to: s, via: t}",
            "6:51: blocks.r.push.via: 't' has a capacity and may turn units away, and a stock cannot wait for room",
        ),
        (
            "push: {to: s, quantity: 0}",
            "6:56: blocks.r.push.quantity: 0 is not a whole number of at least 1",
        ),
        (
            "push: {to: s}, dispose_above: 3, dispose_to: s",
            "6:77: blocks.r.dispose_to: 's' is a stock; this must be a lane, a station or a sink",
        ),
    ],
)
def test_what_a_push_or_a_disposal_names_must_fit(tmp_path: Path, rule: str, expected: str) -> None:
    blocks = [
        CORES,
        f"r: {{kind: stock, rule: none, {rule}}}",
        SHELF,
        MAKER,
        BUYERS,
        "f: {kind: source, interarrival_days: 1, to: {o: 0.5, t: 0.5}}",
        "o: {kind: lane, days: 1, to: e}",
        "t: {kind: station, service_days: 1, capacity: 3, to: s}",
        "e: {kind: sink}",
    ]

    assert expected in told(tmp_path, *blocks)


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("{supply: p}", "7:58: blocks.s.prefer.supply: 'p' is a source; this must be a stock"),
        ("{supply: s}", "7:58: blocks.s.prefer.supply: a stock cannot supply itself"),
        ("{supply: r, via: o}", "7:66: blocks.s.prefer.via: the lane 'o' does not end at this stock"),
        ("{supply: r, reorder_point: 1}", "7:49: blocks.s.prefer: a pull needs both `reorder_point` and `order_up_to`"),
    ],
)
def test_what_a_preferred_supply_names_must_fit(tmp_path: Path, prefer: str, expected: str) -> None:
    blocks = [
        CORES,
        "r: {kind: stock, rule: none}",
        f"s: {{kind: stock, level: 2, supply: p, prefer: {prefer}}}",
        MAKER,
        BUYERS,
        "f: {kind: source, interarrival_days: 1, to: o}",
        "o: {kind: lane, days: 1, to: e}",
        "e: {kind: sink}",
    ]

    assert expected in told(tmp_path, *blocks)


def test_a_stock_that_only_pushes_needs_nobody_who_asks_it(tmp_path: Path) -> None:
    stock = "r: {kind: stock, rule: none"

    assert told(tmp_path, CORES, f"{stock}}}", SHELF, MAKER, BUYERS) == [
        "6:3: blocks.r: nobody asks this stock for units: it only fills up"
    ]
    assert is_taken(tmp_path, CORES, f"{stock}, push: {{to: s}}}}", SHELF, MAKER, BUYERS)


def test_stocks_that_push_and_order_in_a_circle_are_refused(tmp_path: Path) -> None:
    """One core would be passed on between them for ever, at one instant."""
    blocks = [
        CORES,
        "r: {kind: stock, rule: none, push: {to: q}}",
        "q: {kind: stock, rule: none, push: {to: r}}",
        "d: {kind: sink, from: q, interarrival_days: 1}",
    ]

    assert [line.split(": ")[-1] for line in told(tmp_path, *blocks)] == [
        "these stocks supply each other in a circle, and nothing makes units"
    ] * 2


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("rule: s_S, reorder_point: 3, order_up_to: 2", "order_up_to 2 must lie above reorder_point 3"),
        ("rule: r_Q, reorder_point: 3", "`rule: r_Q` needs `quantity`"),
        ("rule: s_Q", "'s_Q' is not one of base_stock, s_S, r_Q, none"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_at_its_stock(tmp_path: Path, rule: str, expected: str) -> None:
    (line,) = told(tmp_path, MAKER, f"s: {{kind: stock, {rule}, supply: p}}", BUYERS)

    assert line.startswith("6:")
    assert expected in line
