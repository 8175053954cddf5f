"""The section of a stock and of the rules by which it replenishes, releases and disposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from sim.ranges import Position, Positive, Several, Units
from sim.section import Section

Rule: TypeAlias = Literal["base_stock", "s_S", "r_Q", "none"]

NUMBERS: Final = {"s_S": ("reorder_point", "order_up_to"), "r_Q": ("reorder_point", "quantity")}
"""Keys that a rule needs, and no other rule has."""


def check_rule(rule: Rule, reorder_point: int | None, order_up_to: int | None, quantity: int | None) -> None:
    """Raise ValueError unless the numbers given are those of the rule, and a target lies above its reorder point."""
    given = {"reorder_point": reorder_point, "order_up_to": order_up_to, "quantity": quantity}
    for key, value in given.items():
        if (value is not None) != (key in NUMBERS.get(rule, ())):
            raise ValueError(f"`rule: {rule}` " + ("needs" if value is None else "has no") + f" `{key}`")
    if reorder_point is not None and order_up_to is not None and order_up_to <= reorder_point:
        raise ValueError(f"order_up_to {order_up_to} must lie above reorder_point {reorder_point}")


@dataclass(frozen=True, kw_only=True)
class Push(Section):
    """Release without being asked: as soon as so many units are at hand, they go to another stock."""

    to: str
    """The stock that they are for; it counts them as on order until they come or are lost."""
    via: str | None = None
    """Lane or station by which they get there, for instance a rebuild; default: at once."""
    quantity: Several = 1
    """Units released together."""


@dataclass(frozen=True, kw_only=True)
class Prefer(Section):
    """A stock that is asked before `supply`, and gives only what it has at hand: remanufacture first, else make new.

    With a rule of its own (pull) it is asked for a whole batch when the position has fallen far enough, and again when
    something comes in there.
    """

    supply: str
    """The stock that is asked first."""
    via: str | None = None
    """Lane or station by which its units get here, for instance a rebuild; default: at once."""
    reorder_point: Position | None = None
    """Pull when at hand + on order - backorders is this or less; default: whenever the rule of the stock orders."""
    order_up_to: Position | None = None
    """Pull what is missing to this, all of it or nothing."""

    def __post_init__(self) -> None:
        if (self.reorder_point is None) != (self.order_up_to is None):
            raise ValueError("a pull needs both `reorder_point` and `order_up_to`")
        if self.reorder_point is not None and self.order_up_to is not None and self.order_up_to <= self.reorder_point:
            raise ValueError(f"order_up_to {self.order_up_to} must lie above reorder_point {self.reorder_point}")


@dataclass(frozen=True, kw_only=True)
class Stock(Section):
    """Units at hand for whoever asks, with backorders served in order, and a rule that replenishes.

    The rules look at the position: at hand + on order - backorders.
    """

    kind: Literal["stock"] = "stock"
    rule: Rule = "base_stock"
    """base_stock: keep the position at `level`. s_S: at `reorder_point` or below, order up to `order_up_to`. r_Q: at
    `reorder_point` or below, order `quantity`, or several times that. none: only what is put in."""
    level: Units = 0
    """Target of base_stock."""
    reorder_point: Position | None = None
    """Position at which, or below which, s_S and r_Q order."""
    order_up_to: Position | None = None
    """Position that an order of s_S reaches."""
    quantity: Several | None = None
    """Units of one order of r_Q."""
    review_days: Positive | None = None
    """Time between looks at the position, from day 0 on; default: at every demand."""
    initial: Units | None = None
    """Units at hand at the start; default `level`, `order_up_to`, or `reorder_point` + `quantity`."""
    supply: str | None = None
    """Who is asked to replenish: a source without interarrival times, or another stock."""
    via: str | None = None
    """Lane or station that brings what another stock supplies; default: at once."""
    prefer: Prefer | None = None
    """A stock that is asked before `supply`."""
    push: Push | None = None
    """What is released to another stock without being asked."""
    dispose_above: Units | None = None
    """A unit that nobody ordered and that would raise the position above this is disposed of."""
    dispose_to: str | None = None
    """Where such units go."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        check_rule(self.rule, self.reorder_point, self.order_up_to, self.quantity)
        if self.level and self.rule in NUMBERS:
            raise ValueError(f"`rule: {self.rule}` has no `level`")
        if (self.rule == "none") != (self.supply is None):
            raise ValueError(f"`rule: {self.rule}` " + ("has no `supply`" if self.supply else "needs `supply`"))
        if self.rule == "none" and self.prefer is not None and self.prefer.reorder_point is None:
            raise ValueError("with `rule: none`, `prefer` needs `reorder_point` and `order_up_to`")
        if self.review_days is not None and self.rule == "none" and self.prefer is None:
            raise ValueError("`rule: none` never orders and needs no `review_days`")
        if self.push is not None and self.rule != "none":
            raise ValueError("`push` is for `rule: none`: what is ordered would be released at once, and ordered again")
        if (self.dispose_above is None) != (self.dispose_to is None):
            raise ValueError("`dispose_above` and `dispose_to` go together")
        if self.dispose_above is not None and self.at_start > self.dispose_above:
            raise ValueError(f"starts with {self.at_start} units, more than dispose_above {self.dispose_above}")

    @property
    def at_start(self) -> int:
        """Units at hand at the start."""
        if self.initial is not None:
            return self.initial
        if self.rule == "s_S":
            return max(0, self.order_up_to or 0)
        if self.rule == "r_Q":
            return max(0, (self.reorder_point or 0) + (self.quantity or 0))
        return self.level


def renamed(stock: Stock, name: Callable[[str], str]) -> Stock:
    """Return a stock with every block that it names renamed."""

    def given(block: str | None) -> str | None:
        return None if block is None else name(block)

    push, prefer = stock.push, stock.prefer
    return replace(
        stock,
        supply=given(stock.supply),
        via=given(stock.via),
        dispose_to=given(stock.dispose_to),
        push=push and replace(push, to=name(push.to), via=given(push.via)),
        prefer=prefer and replace(prefer, supply=name(prefer.supply), via=given(prefer.via)),
    )
