"""Finds an interpreter that has a peer, and runs the peer's script under it.

Peers pin other versions of what the product depends on, or have no build for its Python, so they cannot be imported
here. LOOPTWIN_PEER_PYTHON names their interpreters, several behind one another as in PATH.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

VARIABLE = "LOOPTWIN_PEER_PYTHON"
SECONDS = 300
HERE = Path(__file__).resolve().parent


class PeerAbsentError(Exception):
    """No interpreter has the peer, or it failed; the message says what was looked at."""


def answer(script: str, package: str, job: Mapping[str, Any]) -> Any:
    """Return what a peer's script makes of a job. Raises PeerAbsentError where none can import `package`."""
    python = _interpreter(package)
    done = subprocess.run(
        [python, str(HERE / script)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise PeerAbsentError(f"{script} failed under {python}: {why}")
    # TenSEAL writes warnings on standard output
    return json.loads(done.stdout.splitlines()[-1])


@cache
def _interpreter(package: str) -> str:
    named = [one for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    if not named:
        raise PeerAbsentError(f"{VARIABLE} names no interpreter that has {package}")
    for python in named:
        try:
            tried = subprocess.run(
                [python, "-c", f"import {package}"], capture_output=True, timeout=SECONDS, check=False
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    raise PeerAbsentError(f"{package} cannot be imported under {os.pathsep.join(named)} ({VARIABLE})")
