"""looptwin: a simulation-first digital twin of circular supply chains.

The public names below are all there is; each is imported at its first use, so that `import looptwin` stays light.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from looptwin.shadow import check_rooms

check_rooms()

if TYPE_CHECKING:
    from looptwin.collaboration.dataset import Dataset, dataset
    from looptwin.collaboration.judge import Verifier
    from looptwin.collaboration.learn import learn
    from looptwin.collaboration.relearned import Learning
    from looptwin.reopen import open_run
    from looptwin.results import Run
    from looptwin.run import run
    from looptwin.whatif import Study, whatif
    from scenarios.errors import ScenarioError
    from scenarios.load import load
    from scenarios.scenario import Scenario

__all__ = [
    "Dataset",
    "Learning",
    "Run",
    "Scenario",
    "ScenarioError",
    "Study",
    "Verifier",
    "dataset",
    "learn",
    "load",
    "open_run",
    "run",
    "sensitivity",
    "sharing",
    "whatif",
]

_HOMES = {
    "Dataset": "looptwin.collaboration.dataset",
    "Learning": "looptwin.collaboration.relearned",
    "Run": "looptwin.results",
    "Scenario": "scenarios.scenario",
    "ScenarioError": "scenarios.errors",
    "Study": "looptwin.whatif",
    "Verifier": "looptwin.collaboration.judge",
    "dataset": "looptwin.collaboration.dataset",
    "learn": "looptwin.collaboration.learn",
    "load": "scenarios.load",
    "open_run": "looptwin.reopen",
    "run": "looptwin.run",
    "sensitivity": "looptwin.sensitivity",
    "sharing": "looptwin.sharing_study.sharing",
    "whatif": "looptwin.whatif",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'looptwin' has no attribute {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Front(ModuleType):
    """Keeps `looptwin.run` the function: importing the module of that name would put the module in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and _HOMES.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
