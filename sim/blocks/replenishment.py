"""Rules of a stock: how many units to order at a position, which is what is at hand and on order less what is owed.

Sources: one for one, Palm 1938 and Feeney & Sherbrooke 1966; (s, S), Scarf 1960; (r, nQ), Hadley & Whitin 1963; the
pull of remanufacturing, van der Laan, Salomon, Dekker & Van Wassenhove 1999.
"""

from __future__ import annotations

from sim.stocks import Prefer, Stock


def to_order(stock: Stock, position: int) -> int:
    """Return the units that the rule of a stock orders now."""
    if stock.rule == "base_stock":
        return max(stock.level - position, 0)
    if stock.reorder_point is None:
        return 0
    if stock.order_up_to is not None:
        return up_to(stock.reorder_point, stock.order_up_to, position)
    assert stock.quantity is not None
    return in_batches(stock.reorder_point, stock.quantity, position)


def to_pull(prefer: Prefer, position: int) -> int:
    """Return the units that a stock pulls from a preferred supply now; 0 where that has no rule of its own."""
    if prefer.reorder_point is None or prefer.order_up_to is None:
        return 0
    return up_to(prefer.reorder_point, prefer.order_up_to, position)


def up_to(reorder_point: int, target: int, position: int) -> int:
    """Order up to a target once the position is at the reorder point or below."""
    return target - position if position <= reorder_point else 0


def in_batches(reorder_point: int, quantity: int, position: int) -> int:
    """Order the fewest batches that lift the position above the reorder point."""
    return quantity * ((reorder_point - position) // quantity + 1) if position <= reorder_point else 0
