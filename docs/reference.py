"""Write the scenario reference from the schema: `python -m docs.reference`. A test holds the page to it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from scenarios.documentation import documentation
from scenarios.grammar import describe
from scenarios.schema import Content
from sim import config, laws, stocks
from sim.parties import config as parties
from sim.section import Section, key_of

PAGE = Path(__file__).with_name("reference.md")

HEAD = """# Scenario reference

Generated from the schema by `make docs`. A number may also be written `{value: 3, source: "where from"}`.
Where a law stands, a bare number means a constant. `looptwin schema` prints the same as JSON Schema.

A route (`to`) is one of:

```
to: bench                                     # always
to: {bench: 0.9, scrap: 0.1}                  # by chance; sums to 1
to: [{field: grade, in: [A, B], to: bench},   # the first case that holds; the last has no condition
     {field: visits, below: 2, to: {bench: 0.5, scrap: 0.5}},
     {to: scrap}]
to: {decide: dismantler.disposition, answers: {reman: wash, recycle: scrap}}   # inside a party
```

A stock that orders names who it asks (`supply`); a source without interarrival times makes units on such orders and
sends them by its own route, for instance over a lane that ends at the stock:

```
vendor: {kind: source, to: pipe}
pipe: {kind: lane, days: 6, to: shelf}
shelf: {kind: stock, level: 12, supply: vendor}
customers: {kind: sink, from: shelf, interarrival_days: {law: exponential, rate: 1.5}}
```

A stock of cores feeds a shelf in one of two ways. It pushes a batch as soon as it is there, or the shelf pulls one
when it runs low; what is on its way counts as on order either way:

```
cores: {kind: stock, rule: none, push: {to: shelf, via: rebuild, quantity: 3}}
shelf: {kind: stock, rule: r_Q, reorder_point: 3, quantity: 3, supply: vendor,
        prefer: {supply: cores, via: rebuild, reorder_point: 4, order_up_to: 7}}
```
"""

CHAPTERS: dict[str, tuple[type, ...]] = {
    "Blocks": tuple(get_args(get_args(config.Block)[0])),
    "Routes, seasons, marks and what else blocks hold": (
        config.Case,
        config.Decision,
        config.Season,
        config.Profile,
        config.Mark,
        config.Priority,
        config.Factor,
        config.Breakdowns,
        config.Calendar,
        stocks.Push,
        stocks.Prefer,
    ),
    "Laws": tuple(get_args(get_args(laws.Law)[0])),
    "Parties": tuple(get_args(get_args(parties.PartyConfig)[0])),
}


def page() -> str:
    """Return the whole page as Markdown."""
    shown = {section for sections in CHAPTERS.values() for section in sections} | {Content}
    parts = [HEAD, "## Top level\n", *_table(Content)]
    others = [section for section in _sections(Content) if section not in shown]
    for title, sections in {**CHAPTERS, "Other sections": tuple(others)}.items():
        parts.append(f"\n## {title}\n")
        for section in sections:
            parts += [f"\n### {_title(section)}\n", f"{(section.__doc__ or '').strip()}\n", *_table(section)]
    return "\n".join(parts).rstrip() + "\n"


def _title(section: type) -> str:
    for tag in ("kind", "law", "role"):
        if tag in getattr(section, "__dataclass_fields__", {}):
            return f"`{tag}: {section.__dataclass_fields__[tag].default}`"  # type: ignore[attr-defined]
    return section.__name__


def _table(section: type) -> Iterator[str]:
    texts = documentation(section)
    hints = get_type_hints(section, include_extras=True)
    yield "| key | takes | default | meaning |"
    yield "|---|---|---|---|"
    for one in dataclasses.fields(section):  # type: ignore[arg-type]
        key = key_of(one.name)
        if key in ("kind", "law", "role"):
            continue
        takes = "a route" if _is_route(hints[one.name]) else describe(hints[one.name], brief=True).replace("|", "or")
        yield f"| `{key}` | {takes} | {_default(one)} | {' '.join(texts.get(key, '').split())} |"


def _is_route(hint: Any) -> bool:
    return hint == config.Route


def _default(one: dataclasses.Field[Any]) -> str:
    if one.default is not dataclasses.MISSING:
        return "" if one.default is None else f"`{_plain(one.default)}`"
    if one.default_factory is not dataclasses.MISSING:
        value = one.default_factory()
        return "" if isinstance(value, dict) and not value else f"`{_plain(value)}`"
    return "required"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if dataclasses.is_dataclass(value):
        given = {
            key_of(one.name): getattr(value, one.name)
            for one in dataclasses.fields(value)
            if one.default is dataclasses.MISSING or one.name in ("law", "mean", "cv", "shape", "scale")
        }
        return "{" + ", ".join(f"{key}: {_plain(inner)}" for key, inner in given.items() if inner is not None) + "}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _sections(start: type) -> Iterator[type]:
    """Yield the sections that a section can hold, each once, in the order in which they are met."""
    seen: set[type] = set()
    waiting: list[Any] = [start]
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, type) and issubclass(found, Section):
            if found in seen:
                continue
            seen.add(found)
            yield found
            waiting += get_type_hints(found).values()
        elif get_origin(found) is not None:
            waiting += get_args(found)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} written\n")
