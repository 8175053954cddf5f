"""Published cases that are formulas of the product."""

from __future__ import annotations

import pytest

from sim.circularity import circularity
from sim.wear import miner
from tests.truth import known_formulas


def test_three_blocks_of_load_give_the_published_damage() -> None:
    expected = known_formulas.miner_two_block_gear()
    damage = miner((1100.0, 1300.0, 1450.0), (4.0e5, 6.0e4, 5.0e3), 1200.0, 5.0e7, 13.22)

    assert damage == pytest.approx(expected["damage_per_1000km"], rel=1e-12)
    assert 1.0 / damage == pytest.approx(expected["life_1000km"], rel=1e-12)


@pytest.mark.parametrize(
    ("expected", "shares", "life"),
    [
        (known_formulas.mci_new_transmission(), (0.25, 0.0, 0.75, 0.0), 1.0),
        (known_formulas.mci_reman_transmission(), (0.1, 0.7, 0.35, 0.6), 0.9),
    ],
    ids=["new", "remanufactured"],
)
def test_the_product_s_circularity_is_the_published_one(
    expected: dict[str, float], shares: tuple[float, float, float, float], life: float
) -> None:
    recycled_in, reused_in, recycled_out, reused_out = shares
    found = circularity(
        85.0,
        recycled_in=recycled_in,
        reused_in=reused_in,
        recycled_out=recycled_out,
        reused_out=reused_out,
        life=life,
    )

    assert found.virgin == pytest.approx(expected["V"], rel=1e-12)
    assert found.waste_discarded == pytest.approx(expected["W0"], rel=1e-12)
    assert found.waste_of_recycling == pytest.approx(expected["WC"], rel=1e-12)
    assert found.waste_of_feedstock == pytest.approx(expected["WF"], rel=1e-12)
    assert found.waste == pytest.approx(expected["W"], rel=1e-12)
    assert found.linear_flow_index == pytest.approx(expected["LFI"], rel=1e-12)
    assert found.utility == pytest.approx(expected["X"], rel=1e-12)
    assert found.mci == pytest.approx(expected["MCI"], rel=1e-12)
