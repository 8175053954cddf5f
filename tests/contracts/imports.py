"""Who imports whom among our own modules: at the top of a file, inside a function, for the type checker, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.contracts.product import ROOMS, modules, parse

OURS = (*ROOMS, "tests", "benchmarks", "docs")


class Import(NamedTuple):
    """One import of one of our modules by another."""

    importer: str
    target: str
    path: Path
    line: int
    for_types: bool


def own_imports(root: Path) -> list[Import]:
    """Give every import of ours in the rooms, in the order of files and lines."""
    known = modules(root)
    return [found for name, path in known.items() for found in _imports(name, path, known)]


def _imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    tree = parse(path)
    for_types = {inner for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Call):
            continue
        targets = {_module(target, known) for target in _targets(node, name, is_package=path.name == "__init__.py")}
        for target in sorted(targets):
            if target.partition(".")[0] in OURS:
                yield Import(name, target, path, node.lineno, node in for_types)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _targets(node: ast.Import | ast.ImportFrom | ast.Call, name: str, *, is_package: bool) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = _absolute(node, name, is_package=is_package)
        return [f"{module}.{alias.name}" for alias in node.names]
    if ast.unparse(node.func).endswith(("import_module", "__import__")):
        return [value.value for value in node.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return []


def _absolute(node: ast.ImportFrom, name: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".") if is_package else name.split(".")[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _module(target: str, known: dict[str, Path]) -> str:
    """Give the longest part of a dotted name that is a module: what stands behind it is a name inside."""
    name = target
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name
