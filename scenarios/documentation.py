"""The docstrings under the fields of sections: what editors show and the scenario reference prints.

Read from the source only when somebody asks: finding them while validating would treble the start of `validate`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from sim.section import Section, key_of


@cache
def documentation(section: type) -> Mapping[str, str]:
    """Return the docstring under each field of a section, by key, inherited ones included."""
    found: dict[str, str] = {}
    for owner in reversed(section.__mro__):
        if issubclass(owner, Section):
            found.update(_field_docstrings(owner.__module__).get(owner.__name__, {}))
    return found


@cache
def _field_docstrings(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _documented(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _documented(definition: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, text in pairwise(definition.body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            found[key_of(field.target.id)] = inspect.cleandoc(text.value.value)
    return found
