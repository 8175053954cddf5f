"""Factories in a scenario file: they need no product and no loop, and every mistake is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.load import load
from tests.scenarios.telling import lines

HEAD = "looptwin: 1\nname: shops\ntime: {horizon_days: 20}\n"


def test_factories_alone_are_a_whole_scenario(tmp_path: Path) -> None:
    path = tmp_path / "shops.yaml"
    path.write_text(HEAD + "parties: {mill: {role: factory}}\n", encoding="utf-8")

    assert [*load(path).parties] == ["mill"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "parties: {mill: {role: factory, mix: {rotors: 1}}}",
            "4:17: parties.mill: mix names rotors, which machining.turnings does not hold",
        ),
        (
            "parties: {mill: {role: factory, mix: {shafts: 0.6, rings: 0.3}}}",
            "4:17: parties.mill: mix must sum to 1, these sum to 0.9",
        ),
        (
            "parties: {mill: {role: factory, machnes: 2}}",
            "4:33: parties.mill.machnes: no such key here; allowed: ",
        ),
        (
            "parties: {mill: {role: factory, blocks: {orders: {kind: source, interarrival_days: 1, to: machining}}}}",
            (
                "parties.mill.blocks.orders.marks: its units come to 'mill.machining', which makes parts by the mark "
                "'family'; they have none"
            ),
        ),
        (
            (
                "parties: {mill: {role: factory, blocks: {orders: {kind: source, interarrival_days: 1, to: machining, "
                "marks: {family: {values: [shaft]}}}}}}"
            ),
            (
                "parties.mill.blocks.orders.marks.family.values.0: 'mill.machining' makes no 'shaft'; it makes shafts, "
                "rings, bushes, fittings; did you mean 'shafts'?"
            ),
        ),
        (
            (
                "parties: {mill: {role: factory, blocks: {delivered: {kind: station, service_plan: production, "
                "to: out}, out: {kind: sink}}}}"
            ),
            "service_plan is for a station that `inspects: production`, one part at a time",
        ),
        (
            "parties: {mill: {role: factory, blocks: {use: {kind: population, size: 1, duty: taxi, to: delivered}}}}",
            "parties.mill.blocks.use.duty: a duty wears a product, and the scenario has none",
        ),
        (
            "parties: {mill: {role: factory}, hire: {role: fleet, vehicles: 2, duty: taxi}}",
            "parties: parties handle a product: the scenario needs `product`",
        ),
        (
            "parties: {mill: {role: factory}}\ncollaboration: {mode: federated}",
            "5:23: collaboration.mode: 'federated' takes two dismantlers or more, and the scenario has none",
        ),
        (
            "parties: {mill: {role: factory}}\ndemand: {shop: {interarrival_days: 1}}",
            "the chain sends to a remanufacturer, and the scenario has none",
        ),
        (
            (
                "parties: {mill: {role: factory}}\nblocks: {a: {kind: source, interarrival_days: 1, to: b}, "
                "b: {kind: station, service_plan: production, inspects: production, to: c}, c: {kind: sink}}"
            ),
            "blocks.b.inspects: 'production' is the work of a factory, this block is nobody's",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    assert told in "\n".join(lines(tmp_path, HEAD + text + "\n"))
