"""`lt.learn(processes=True)` and `looptwin learn --processes`: the same models, and a statement that is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import looptwin as lt
from learning.loopback import federation
from learning.loopback.faults import SilentError
from looptwin.errors import RunFailed
from tests.looptwin.collaboration.learnings import bits, quiet


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """A run in which nobody learned."""
    return lt.run(quiet())


def test_processes_change_no_model_and_the_statement_says_where_the_secrets_lay(run: lt.Run) -> None:
    one, many = lt.learn(run), lt.learn(run, processes=True)

    assert bits(many) == bits(one)
    assert many.scores == one.scores
    assert "custody simulated in one process" in one.statement
    assert "custody simulated" not in many.statement
    assert "a process for each party and for the coordinator" in many.statement
    assert set(many.crossings["purpose"]) > {"session", "key share", "update", "partial"}


def test_the_command_takes_it_as_an_option(typed: Any, run: lt.Run, here: Path) -> None:
    run.save(here / "kept")
    status, out, err = typed("learn", "kept", "--processes")

    assert (status, err) == (0, "")
    assert "a process for each party and for the coordinator" in out
    status, _, err = typed("learn", "kept", "--processes", "--mode", "plain")
    assert status == 2
    assert err == "learn: processes hold a federation under threshold, not under plain\n"


def test_keystores_are_for_processes_and_their_passphrase_is_never_an_argument(
    typed: Any, run: lt.Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.save(here / "kept")
    monkeypatch.setenv("LOOPTWIN_PASSPHRASE", "three grey herons")
    status, _, err = typed("learn", "kept", "--keys", "keys")
    assert (status, err) == (
        2,
        "learn: identities out of keystores sign between processes; ask for processes too\n",
    )

    status, _, err = typed("learn", "kept", "--processes", "--keys", "keys")
    assert status == 2
    assert "cannot be had: " in err
    assert "there is no keystore" in err
    assert "herons" not in err


def test_a_process_that_is_lost_is_a_failed_run_and_names_its_site(
    run: lt.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise SilentError("north", "has not answered within 120 s")

    monkeypatch.setattr(federation, "in_processes", lost)
    with pytest.raises(RunFailed, match="learn: the process of 'north' has not answered within 120 s"):
        lt.learn(run, processes=True)
