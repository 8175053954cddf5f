"""The page of a study of sharing: one map for each crack probability and bench price, and where it breaks even."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from looptwin.page.charts import Heading, Size, drawing, hint, shape, words, written
from looptwin.page.layout import template
from looptwin.page.tables import Cell as Text
from looptwin.page.tables import Column, Table
from looptwin.sharing_study.world import STRATEGIES

if TYPE_CHECKING:
    from looptwin.sharing_study.sharing import Cell, Sharing

LAYOUT = Path(__file__).with_name("sharing.html.jinja")

WORDS = {"rule": "rule", "alone": "alone", "federated": "common"}
"""What tables call who decides."""

SIDE, HIGH, LEFT, TOP = 74.0, 34.0, 60.0, 24.0
"""Pixels of a cell, and room for the names of rows and columns."""


def sharing_page(found: Sharing) -> str:
    """Return the page as HTML; the same study gives the same text."""
    return template(LAYOUT).render(
        found=found,
        story=list(story(found)),
        maps=list(_maps(found)),
        break_even=_break_even(found),
        cells=_cells(found),
    )


def story(found: Sharing) -> Iterator[str]:
    """Yield what the map shows, in a few sentences."""
    sure = [cell for cell in found.cells if cell.gain.low > 0.0]
    against = [cell for cell in found.cells if cell.gain.high < 0.0]
    rest = len(found.cells) - len(sure) - len(against)
    yield (
        f"Of {len(found.cells)} cells of the map a common model pays in {len(sure)} and costs in {len(against)} by "
        f"more than luck (95 % intervals); in the other {rest} there may be no gain at all."
    )
    most, least = max(found.cells, key=_gain), min(found.cells, key=_gain)
    yield f"It earns most with {_place(most)}: {_euro(most.gain.mean)} a year. {_worst(least)}"
    first = {word: sum(cell.best == word for cell in found.cells) for word in ("rule", "alone", "federated")}
    short = [cell for cell in found.cells if cell.known < 0.95 * cell.labels]
    if short:
        least_known = min(short, key=lambda cell: cell.known / cell.labels)
        yield (
            f"Where {least_known.labels} labels a site were asked for, sites had {least_known.known:.0f} on the mean: "
            "no more cores had come back."
        )
    yield (
        f"The best of the three is the common model in {first['federated']} cells, each site's own in "
        f"{first['alone']}, and the scenario's rule without any learning in {first['rule']}."
    )


def _gain(cell: Cell) -> float:
    return cell.gain.mean


def _worst(cell: Cell) -> str:
    return f"At the other end, with {_place(cell)}, it makes {_euro(cell.gain.mean)} a year."


def _place(cell: Cell) -> str:
    return (
        f"{cell.labels} labels a site, graders {_graders(cell.difference)}, "
        f"{cell.crack_probability:.1%} cracks and a bench test at {_euro(cell.bench_cost)}"
    )


def _graders(difference: float) -> str:
    if difference == 0.0:
        return "alike"
    return "as in the scenario" if difference == 1.0 else f"{difference:g} times as different as in the scenario"


def _euro(value: float) -> str:
    return f"EUR\N{NO-BREAK SPACE}{value:,.0f}".replace("-", "\N{MINUS SIGN}")


def _maps(found: Sharing) -> Iterator[tuple[str, str]]:
    """Yield a caption and a picture for each crack probability and bench price."""
    worlds = dict.fromkeys((cell.crack_probability, cell.bench_cost) for cell in found.cells)
    span = max(abs(cell.gain.mean) for cell in found.cells) or 1.0
    for number, (crack, price) in enumerate(sorted(worlds)):
        caption = f"{crack:.1%} cracks, bench test {_euro(price)}"
        cells = [cell for cell in found.cells if (cell.crack_probability, cell.bench_cost) == (crack, price)]
        yield caption, heat_map(cells, Heading(f"map{number}", caption, "The table below has the same numbers."), span)


def heat_map(cells: Sequence[Cell], heading: Heading, span: float) -> str:
    """Return a map of the gain: labels across, differences up; full colour at `span` EUR a year."""
    labels = sorted({cell.labels for cell in cells})
    differences = sorted({cell.difference for cell in cells}, reverse=True)
    picture = drawing(heading, Size(LEFT + SIDE * len(labels) + 2.0, TOP + HIGH * len(differences) + 22.0))
    for column, number in enumerate(labels):
        words(picture, (LEFT + SIDE * (column + 0.5), TOP - 8.0), f"{number}", "axis", anchor="middle")
    for row, difference in enumerate(differences):
        words(
            picture,
            (LEFT - 8.0, TOP + HIGH * (row + 0.5) + 4.0),
            f"\N{MULTIPLICATION SIGN} {difference:g}",
            "axis",
            anchor="end",
        )
    words(
        picture,
        (LEFT, TOP + HIGH * len(differences) + 16.0),
        "labels a site across, difference of graders down",
        "axis",
    )
    for cell in cells:
        x, y = LEFT + SIDE * labels.index(cell.labels), TOP + HIGH * differences.index(cell.difference)
        kind = "pays" if cell.gain.mean > 0.0 else "costs"
        box = shape(picture, "rect", f"cell {kind}", x=x, y=y, width=SIDE - 2.0, height=HIGH - 2.0)
        box.set("fill-opacity", f"{0.08 + 0.8 * min(1.0, abs(cell.gain.mean) / span):.2f}")
        hint(box, f"{_euro(cell.gain.mean)} a year, 95 % interval {_euro(cell.gain.low)} to {_euro(cell.gain.high)}")
        is_sure = cell.gain.low > 0.0 or cell.gain.high < 0.0
        text = f"{cell.gain.mean:,.0f}".replace("-", "\N{MINUS SIGN}") + ("" if is_sure else " ?")
        words(picture, (x + SIDE / 2.0 - 1.0, y + HIGH / 2.0 + 3.0), text, "name", anchor="middle")
    return written(picture)


def _break_even(found: Sharing) -> Table:
    prices = sorted({cell.bench_cost for cell in found.cells})
    worlds = dict.fromkeys((cell.difference, cell.crack_probability) for cell in found.cells)
    heads = ["Difference of graders", "Cracks"]
    heads += [f"Bench test at {_euro(price)}" for price in prices]
    rows = [
        [
            Text(f"\N{MULTIPLICATION SIGN} {difference:g}"),
            Text(f"{crack:.1%}"),
            *(Text(break_even_told(found, difference, crack, price)) for price in prices),
        ]
        for difference, crack in worlds
    ]
    return Table("Labels a site up to which a common model pays, by the means", [Column(one) for one in heads], rows)


def break_even_told(found: Sharing, difference: float, crack_probability: float, bench_cost: float) -> str:
    """Return a break-even in words; a question mark where no cell of its row pays or costs by more than luck."""
    value = found.break_even(difference, crack_probability, bench_cost)
    world = (difference, crack_probability, bench_cost)
    gains = [cell.gain for cell in found.cells if (cell.difference, cell.crack_probability, cell.bench_cost) == world]
    word = f"still at {found.axes.labels[-1]}" if math.isinf(value) else f"{value:,.0f}" if value else "never"
    return word if any(gain.low > 0.0 or gain.high < 0.0 for gain in gains) else f"{word} ?"


def _cells(found: Sharing) -> Table:
    heads = (
        "Labels",
        "Difference",
        "Cracks",
        "Bench, EUR",
        "Rule",
        "Alone",
        "Common",
        "Centred",
        "Truth",
        "Gain",
        "95 % interval",
    )
    rows = [[Text(text) for text in _row(cell)] for cell in found.cells]
    return Table(
        "EUR a year of the whole chain above recycling every core, net of bench time, labels, training and traffic",
        [*(Column(one, numeric=True) for one in heads), Column("Best")],
        rows,
    )


def _row(cell: Cell) -> list[str]:
    values = [getattr(cell, name).mean for name in (*STRATEGIES, "gain")]
    return [
        f"{cell.labels}",
        f"{cell.difference:g}",
        f"{cell.crack_probability:.1%}",
        f"{cell.bench_cost:,.0f}",
        *(f"{value:,.0f}" for value in values),
        f"{cell.gain.low:,.0f} to {cell.gain.high:,.0f}",
        WORDS[cell.best],
    ]
