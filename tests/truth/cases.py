"""How each of the 39 published cases is tested: as a simulation of blocks, a formula, a search, or a law on each path.

A simulation is a file of this folder with the name of the case, run by the test that names it. Every case is computed
once more in `known*`, and compared with the shared table.
"""

from __future__ import annotations

from typing import Final

from tests.truth.judge import FOLDER

FORMULAS: Final = {
    "miner_two_block_gear": "tests/truth/test_formulas.py::test_three_blocks_of_load_give_the_published_damage",
    "mci_new_transmission": "tests/truth/test_formulas.py::test_the_product_s_circularity_is_the_published_one",
    "mci_reman_transmission": "tests/truth/test_formulas.py::test_the_product_s_circularity_is_the_published_one",
    "age_replacement_gearbox": "tests/truth/test_published.py::test_our_own_computation_gives_what_the_table_says",
    "minimal_repair_overhaul": "tests/truth/test_published.py::test_our_own_computation_gives_what_the_table_says",
    "sequential_bayes_linear_regression": (
        "tests/truth/test_published.py::test_our_own_computation_gives_what_the_table_says"
    ),
}
"""Cases that are formulas, and the test that holds them, of product code where the product has the formula."""

SEARCHES: Final = (
    "newsvendor_normal",
    "newsvendor_poisson",
    "sS_periodic_zf_10",
    "sS_periodic_snyder_shen_4_7",
    "heyman_disposal_level",
    "hybrid_push_optimum",
    "eoq_with_returns_1R",
    "acquisition_prices_three_grades",
    "random_yield_core_input",
    "age_replacement_gearbox",
    "minimal_repair_overhaul",
)
"""Cases with a best value that is searched for in `known*`; those with a file are simulated at it."""

LAWS: Final = {
    "littles_law_every_stage": "tests/truth/test_exact.py::test_littles_law_holds_on_every_block_of_every_case",
}
"""Cases that hold to rounding on every path, and the test that holds them."""


def how(name: str) -> tuple[str, ...]:
    """Return in which ways a case is tested; none for a case that is not known here."""
    ways = {
        "simulation": (FOLDER / f"{name}.yaml").exists(),
        "formula": name in FORMULAS,
        "search": name in SEARCHES,
        "law": name in LAWS,
    }
    return tuple(way for way, holds in ways.items() if holds)
