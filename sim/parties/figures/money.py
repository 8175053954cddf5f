"""Profit of the chain and of each party: every payment is a row, and every row is in a term."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeAlias

from sim.figure import Figure, Term, total
from sim.parties.config import Fleet
from sim.parties.figures.measured import Counted

Payment: TypeAlias = tuple[str, str, str, float]
"""Payer, payee, purpose and the sum that was paid since counting began, EUR."""


def chain_profit(measured: Counted) -> dict[str, Figure]:
    """Return `profit`: what all parties but fleets, the chain's customers, got less what they paid, EUR.

    sum over payments from fleets or outsiders - sum over payments to them; what one party of the chain pays another
    cancels out. Holding, backorders and deposits are payments like all others. `profit_with_fleets` is the same with
    fleets: there a core charge, a price and a unit that is sold once more because it failed early cancel out as well,
    and what is left is what all of it cost to those outside.
    """
    parties = measured.economy.sections.parties
    sellers = {name for name, party in parties.items() if not isinstance(party, Fleet)}
    return {
        "profit": total(_terms(measured, sellers.__contains__), "EUR"),
        "profit_with_fleets": total(_terms(measured, {*parties}.__contains__), "EUR"),
    }


def party_profits(measured: Counted) -> dict[str, Figure]:
    """Return `<party>.profit` of every party: what it got less what it paid, EUR."""
    return {
        f"{name}.profit": total(_terms(measured, name.__eq__), "EUR")
        for name in sorted(measured.economy.sections.parties)
    }


def crossing(measured: Counted, is_inside: Callable[[str], bool]) -> Iterator[Payment]:
    """Yield the payments into a group of parties, and with a minus those out of it; none of those within."""
    for payer, payee, purpose, amount in payments(measured):
        gained = is_inside(payee) - is_inside(payer)
        if gained:
            yield payer, payee, purpose, gained * amount


def payments(measured: Counted) -> Iterator[Payment]:
    """Yield what was paid since counting began, by payer, payee and purpose."""
    for (payer, payee, purpose), amount in sorted(measured.economy.accounts.paid.items()):
        yield payer, payee, purpose, amount


def _terms(measured: Counted, is_inside: Callable[[str], bool]) -> Iterator[Term]:
    """Yield a term for each purpose and the roles of who pays and who is paid."""
    parties = measured.economy.sections.parties
    found: defaultdict[str, list[float]] = defaultdict(list)
    for payer, payee, purpose, amount in crossing(measured, is_inside):
        roles = [parties[name].role if name in parties else name for name in (payer, payee)]
        found[f"{purpose}: {roles[0]} to {roles[1]}"].append(amount)
    for name, amounts in sorted(found.items()):
        yield Term(name, math.fsum(amounts), "EUR")
