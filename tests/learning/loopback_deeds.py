"""A party or a coordinator that fails in a process of its own, as the environment says."""

from __future__ import annotations

import os
import signal
import time
from typing import Any, NoReturn

from learning.loopback import carrier, party
from learning.threshold.member import Member

DEED = "LOOPTWIN_TEST_DEED"


def _die(*_: Any, **__: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _hang(*_: Any, **__: Any) -> NoReturn:
    time.sleep(1000)
    raise AssertionError


def _crash(*_: Any, **__: Any) -> NoReturn:
    raise ValueError("a row of mine: 47.11")


def _begin(deed: str) -> None:
    if deed == "ends at once":
        os._exit(3)
    found = {"dies": _die, "hangs": _hang, "crashes": _crash}[deed.partition(" ")[0]]
    if deed.endswith("carrying"):
        carrier._round = found  # noqa: SLF001 - what a coordinator does in a round
    else:
        Member.reveal = found  # type: ignore[method-assign]


def main(arguments: str) -> None:
    """Play a role until the deed."""
    deed = os.environ[DEED]
    _begin(deed)
    (carrier if deed.endswith("carrying") else party).main(arguments)
