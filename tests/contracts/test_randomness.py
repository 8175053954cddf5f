"""Luck comes from Streams, secrets come from the operating system, and no result looks at a wall clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.contracts.product import modules, parse

LUCK = ("random", "numpy.random", "scipy.stats.qmc", "uuid.uuid1", "uuid.uuid4")
SECRETS = ("secrets", "os.urandom", "os.getrandom", "random.SystemRandom")
CLOCKS = (
    "time.clock_gettime",
    "time.gmtime",
    "time.localtime",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.process_time_ns",
    "time.strftime",
    "time.thread_time",
    "time.time",
    "time.time_ns",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
)


def breaches(module: str, tree: ast.Module) -> list[str]:
    """Give a sentence for each line of a module that draws luck, takes a secret or reads a clock where it must not."""
    lines = [f"{line}: {name}" for name, line in _names(tree) if _is_refused(module, name)]
    return [f"{module}:{line}" for line in (*lines, *_salted_hashes(tree), *_hidden_seeds(tree))]


def _is_refused(module: str, name: str) -> bool:
    if _is_in(name, SECRETS):
        return not _is_in(module, ("learning.crypto",))
    if _is_in(name, LUCK) or name.endswith(".rvs"):
        return not (_is_in(module, ("sim.streams",)) and _is_in(name, ("numpy.random",)))
    return _is_in(name, CLOCKS) and not _is_in(module, ("looptwin", "learning.loopback.patience"))


def _is_in(name: str, names: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in names)


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give each dotted name that is imported or used, spelt as its home module spells it, and its line."""
    homes: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            source = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                homes[alias.asname or alias.name.partition(".")[0]] = _home(source, alias)
                yield source + alias.name, node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            yield f"{homes.get(first, first)}.{rest}", node.lineno


def _home(source: str, alias: ast.alias) -> str:
    return source + (alias.name if source or alias.asname else alias.name.partition(".")[0])


def _salted_hashes(tree: ast.Module) -> Iterator[str]:
    """Python salts the hash of a text in every process: two runs would differ."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash":
            yield f"{node.lineno}: hash() is salted in every process; use hashlib"


def _hidden_seeds(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _default_seeds(node)
        if isinstance(node, ast.Call) and _is_literal_key(node):
            yield f"{node.lineno}: a key is a literal"


def _is_literal_key(call: ast.Call) -> bool:
    makes_key = ast.unparse(call.func).endswith((".PRNGKey", "random.key"))
    return makes_key and any(isinstance(value, ast.Constant) for value in call.args)


def _default_seeds(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    named = [*node.args.posonlyargs, *node.args.args]
    defaults = [*zip(reversed(named), reversed(node.args.defaults), strict=False)]
    for argument, default in [*defaults, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]:
        if argument.arg in {"seed", "key"} and isinstance(default, ast.Constant) and default.value is not None:
            yield f"{node.lineno}: {argument.arg} has a default in a signature"


def test_no_module_draws_hidden_luck_or_reads_a_clock() -> None:
    broken = [line for name, path in modules().items() for line in breaches(name, parse(path))]

    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("sim.world", "import random"),
        ("looptwin.run", "from random import choice"),
        ("learning.models", "import numpy as np\nnp.random.default_rng(1)"),
        ("learning.models", "from numpy import random as luck"),
        ("verify.fit", "from scipy import stats\nstats.norm.rvs(3)"),
        ("sim.streams", "import random"),
        ("sim.streams", "import os\nos.urandom(8)"),
        ("learning.rounds", "import secrets"),
        ("looptwin.run", "import uuid\nuuid.uuid4()"),
        ("sim.engine", "from time import perf_counter as now"),
        ("learning.local", "import time as clock\nclock.time()"),
        ("verify.forward", "import datetime as dt\ndt.datetime.now()"),
        ("scenarios.load", "from datetime import date\ndate.today()"),
        ("sim.records", "hash('remanco')"),
        ("sim.world", "def build(scenario, seed=0): ..."),
        ("verify.fit", "def fit(*, key=7): ..."),
        ("verify.fit", "import jax\njax.random.PRNGKey(0)"),
    ],
)
def test_a_breach_is_found_whatever_it_is_called(module: str, line: str) -> None:
    assert breaches(module, ast.parse(line))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("sim.streams", "import numpy as np\nnp.random.Philox(key=1)"),
        ("learning.crypto.keys", "import secrets, os\nos.urandom(8)"),
        ("looptwin.manifest", "import time\ntime.perf_counter()"),
        ("verify.fit", "import jax\ndef fit(key):\n    jax.random.split(key)"),
        ("looptwin.run", "def run(scenario, *, seed=None): ..."),
        ("sim.engine", "def at(time):\n    return time.days"),
    ],
)
def test_what_is_allowed_is_not_reported(module: str, line: str) -> None:
    assert not breaches(module, ast.parse(line))
