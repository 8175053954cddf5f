"""What this version simplifies. One list, which the page, the command and the demo draw on."""

from __future__ import annotations

SIMPLIFIED: tuple[str, ...] = (
    "Protection: all secrets of a run lie in one process; its statement says who could read what if they did not.",
    "Threshold: every party is taken to encrypt as agreed; one that does not can read the key out of what is opened.",
    "Security: the code that seals and opens updates is experimental and unaudited.",
    "Privacy: what is opened carries no noise, and no privacy budget is kept.",
    "Learning: models are trained once, on one day; nobody trains again.",
    "Labels: only of cores that were torn down. A few cores are sent there by chance, which helps only in part.",
    "Views: a unit has one key for all parties, and who knows the names in a scenario can tell from it who made it.",
    "Reporting: a dishonest party acts for itself; nobody agrees with others on what to report.",
    "Verification: the judge believes the product as stated; it cannot see a lie that the record tells too.",
    "Verification: single predictions are judged; no party is watched over time, so none is flagged.",
    "Tests: a bench reading passes or fails a core by one limit; no model learns from it.",
    "World: one product; within a life damage grows evenly and heat is steady; cracks are drawn at removal.",
    "Figures: a remanufactured unit that is sold is taken to replace one new unit.",
    "Figures: circularity is that of the mean unit sold, with a life and a use as the industry's.",
)
"""One sentence or two each, for whoever reads a run's figures."""

OF_SUMS = ("Protection:", "Threshold:", "Security:", "Privacy:")
"""How sentences begin that hold wherever sums of parties are opened, with or without a loop of cores."""


def simplified(*, has_loop: bool) -> tuple[str, ...]:
    """Return the sentences that concern a run. has_loop: whether its parties hand cores on."""
    return SIMPLIFIED if has_loop else tuple(one for one in SIMPLIFIED if one.startswith(OF_SUMS))
