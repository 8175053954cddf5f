"""A tree of a scenario file to the sections it describes, or to everything that is wrong with it.

pydantic checks the sections; it is imported on the first call, so that light commands and workers never pay for it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from scenarios.agreements import network_of, place_of
from scenarios.checks import refusals
from scenarios.errors import Problem, ScenarioError, nearest, shown
from scenarios.names import misnamed
from scenarios.network import Finding, Network
from scenarios.regression import unknown_columns
from scenarios.schema import Content
from scenarios.sources import without_sources
from scenarios.tree import Node, Path, plain
from sim.config import Block

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1


def validated(tree: Node, base: Node | None = None) -> tuple[Content, dict[str, str]]:
    """Return the sections of a scenario and the sources of its numbers by dotted key.

    base: the tree before it was overridden, for better guesses. Raises ScenarioError with every mistake.
    """
    refuse_other_versions(tree)
    bare, sources = without_sources(tree)
    found = problems_of(bare, base)
    if isinstance(found, Content):
        return found, sources
    raise ScenarioError(found)


def refuse_other_versions(tree: Node) -> None:
    """Raise ScenarioError unless a tree is a mapping that says it has this version of the format."""
    version = _version(tree)
    if version:
        raise ScenarioError(version)


def _version(tree: Node) -> list[Problem]:
    from scenarios.explain import problem

    if not isinstance(tree.value, dict):
        return [problem(tree.at, (), f"a scenario is a mapping of keys to values, this is {_kind(tree)}")]
    written = tree.value.get("looptwin")
    if written is None:
        near = nearest("looptwin", tree.value)
        at = tree.keys[near] if near else tree.at
        message = f"a scenario says which version of the format it has: looptwin: {FORMAT}"
        return [problem(at, ("looptwin",), message, value=near, allowed=("looptwin",), suggestion=near and "looptwin")]
    if isinstance(written.value, bool) or written.value != FORMAT:
        message = f"this looptwin reads version {FORMAT} of the scenario format, not {shown(plain(written))}"
        return [problem(written.at, ("looptwin",), message, value=plain(written), allowed=(str(FORMAT),))]
    return []


def _kind(tree: Node) -> str:
    return "a list" if isinstance(tree.value, list) else f"only {shown(tree.value)}"


def problems_of(bare: Node, base: Node | None) -> Content | list[Problem]:
    """Return the sections of a tree without sources, or what is wrong with them."""
    from pydantic import ValidationError

    try:
        content = adapter().validate_json(json.dumps(plain(bare)), strict=True)
    except ValidationError as refused:
        from scenarios.explain import Explainer

        # the network is looked at as far as its blocks can be read, so that one run shows every mistake
        network = _readable(bare)
        told = Explainer(Content, bare, base).explain(refused.errors(include_url=False))
        return told + ([_located(finding, bare) for finding in refusals(network)] if network.blocks else [])
    return [_located(finding, bare, content) for finding in _findings(content)] or content


def _findings(content: Content) -> list[Finding]:
    unusable = list(misnamed(content))
    if unusable:
        # a dot in a name makes it look like a party's
        return unusable
    network, between_parties = network_of(content)
    if content.parties and not network.fields:
        # roles that could not be written out as blocks would make every other block look lost
        return between_parties
    between_parties += unknown_columns(content)
    if content.regression is not None and not network.blocks:
        # the rows of a fixture need no world
        return between_parties
    return between_parties + refusals(network)


@cache
def adapter() -> TypeAdapter[Content]:
    """Return the validator of whole scenarios; building it costs several starts of a bare interpreter."""
    from pydantic import TypeAdapter

    return TypeAdapter(Content)


def _readable(bare: Node) -> Network:
    from pydantic import TypeAdapter, ValidationError

    written = bare.entries.get("blocks")
    blocks: dict[str, Any] = {}
    opaque: set[str] = set()
    one: TypeAdapter[Any] = TypeAdapter(Block)
    for name, node in (written.entries if written else {}).items():
        try:
            blocks[name] = one.validate_json(json.dumps(plain(node)), strict=True)
        except ValidationError:
            opaque.add(name)
    return Network(blocks, frozenset(opaque))


def _located(finding: Finding, bare: Node, content: Content | None = None) -> Problem:
    from scenarios.explain import problem

    path, words = finding.path, finding.value
    if finding.block:
        party = finding.block.rpartition(".")[0]
        start: Path = ("blocks", finding.block) if content is None else place_of(finding.block, content)
        path = (*start, *(str(part).removeprefix(f"{party}.") if party else part for part in finding.path))
        words = words.removeprefix(f"{party}.") if party and isinstance(words, str) else words
    node, reached = bare.down(path)
    # a route's targets are keys where it gives probabilities: the key is what is wrong, not its value
    is_key = isinstance(words, str) and path[-1:] == (words,)
    written = len(reached) == len(path)
    return problem(
        bare.key_place(path) if is_key or (finding.block and not finding.path) else node.at,
        reached if reached and written else path,
        finding.message,
        value=finding.value,
        allowed=finding.allowed,
        suggestion=finding.suggestion,
    )
