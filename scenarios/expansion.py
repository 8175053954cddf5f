"""From a scenario's sections to the blocks that run: roles become blocks, and the rest is checked with them."""

from __future__ import annotations

from dataclasses import fields

from scenarios.schema import Content
from sim.config import Block
from sim.parties.expand import Sections, expand


def sections_of(content: Content) -> Sections:
    """Return the parts of a scenario that make its world."""
    return Sections(**{one.name: getattr(content, one.name) for one in fields(Sections)})


def expanded(content: Content) -> dict[str, Block]:
    """Return all blocks by qualified name. Raises MissingPartyError where a role needs a party that is not there."""
    return expand(sections_of(content))


def content_of(scenario: Content) -> Content:
    """Return the bare sections of a scenario: what a worker needs, without where each value was written."""
    return Content(**{one.name: getattr(scenario, one.name) for one in fields(Content)})
