"""Money: every payment is a row (payer, payee, amount), and every amount leaves one account for another."""

from __future__ import annotations

import math
from collections import defaultdict

from sim.log import Log

OUTSIDE = "outside"
"""Whoever is not a party of the scenario: workshops, staff, suppliers of energy, buyers of scrap."""

COLUMNS = {"day": "f8", "payer": "U", "payee": "U", "amount": "f8", "purpose": "U", "unit": "i8"}


class Accounts:
    """What each party paid each other for each purpose since counting began, EUR. Part of the world's state."""

    STATE = ("paid",)

    def __init__(self, log: Log) -> None:
        self._table = log.table("payments", COLUMNS) if log.keeps_events else None
        self.paid: dict[tuple[str, str, str], float] = defaultdict(float)

    def pay(self, day: float, payer: str, payee: str, amount: float, purpose: str, unit: int = -1) -> None:
        """Move an amount from one account to another; `unit` is the key of the unit it is about, -1 for none."""
        if amount == 0.0:
            return
        if not math.isfinite(amount):
            raise ValueError(f"payment of {amount} from {payer} to {payee} for {purpose}")
        self.paid[payer, payee, purpose] += amount
        if self._table is not None:
            self._table.append(day, payer, payee, amount, purpose, unit)

    def balance(self, party: str) -> float:
        """What a party got less what it paid."""
        signed = (
            amount * ((payee == party) - (payer == party)) for (payer, payee, _), amount in sorted(self.paid.items())
        )
        return math.fsum(signed)

    def forget(self) -> None:
        """Start counting again."""
        self.paid.clear()
