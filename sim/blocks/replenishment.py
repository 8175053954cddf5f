"""Rules of a stock as functions of its position: how many units to order now.

The position is what is at hand and on order, less what is owed. Sources: one for one, Palm 1938 and Feeney & Sherbrooke
1966; (s, S), Scarf 1960; (r, nQ), Hadley & Whitin 1963; the pull of remanufacturing, van der Laan, Salomon, Dekker &
Van Wassenhove 1999.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.stocks import Prefer, Stock

Order = Callable[[int], int]
"""From the position to the units to order, 0 or more."""


def order_of(config: Stock) -> Order:
    """Return the rule of a stock."""
    if config.rule == "base_stock":
        return up_to(config.level - 1, config.level)
    if config.rule == "s_S":
        assert config.reorder_point is not None
        assert config.order_up_to is not None
        return up_to(config.reorder_point, config.order_up_to)
    if config.rule == "r_Q":
        assert config.reorder_point is not None
        assert config.quantity is not None
        return in_batches(config.reorder_point, config.quantity)
    return lambda position: 0


def pull_of(config: Prefer) -> Order | None:
    """Return the rule by which a preferred supply is asked for itself; None when it only comes before the other."""
    if config.reorder_point is None or config.order_up_to is None:
        return None
    return up_to(config.reorder_point, config.order_up_to)


def up_to(reorder_point: int, target: int) -> Order:
    """Return the rule that orders up to a target once the position is at the reorder point or below."""
    return lambda position: target - position if position <= reorder_point else 0


def in_batches(reorder_point: int, quantity: int) -> Order:
    """Return the rule that orders the fewest batches that lift the position above the reorder point."""

    def order(position: int) -> int:
        return quantity * ((reorder_point - position) // quantity + 1) if position <= reorder_point else 0

    return order
