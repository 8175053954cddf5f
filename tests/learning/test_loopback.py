"""A process for each party: the same model to the last bit, nothing left behind, and every failure has a name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from learning.crossings import COORDINATOR
from learning.faults import ProtectionError
from learning.learners import learner_of
from learning.loopback.faults import CrashError, LostError, SilentError
from learning.loopback.federation import in_processes
from learning.rounds import Federated, in_one_process
from tests.learning.loopback_by_hand import AGREED, MARK, PARTIES, marked, sites
from tests.learning.loopback_deeds import DEED

ROOT = Path(__file__).parents[2]
DEEDS = "tests.learning.loopback_deeds"


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A mark that all processes started in a test carry; whatever happened, none may be left and no descriptor."""
    found = os.urandom(8).hex()
    monkeypatch.setenv(MARK, found)
    before = len([*Path("/proc/self/fd").iterdir()])
    yield found
    assert marked(found) == []
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def held(deed: str = "", doer: str = "", patience: float = 60.0) -> Federated:
    os.environ[DEED] = deed
    return in_processes(
        learner_of(AGREED), sites(), AGREED, 3.0, 0, patience_seconds=patience, programs={doer: DEEDS} if doer else None
    )


def test_processes_give_the_model_of_one_process_and_say_what_is_true(mark: str) -> None:
    one = in_one_process(learner_of(AGREED), sites(), AGREED, 3.0, 0)
    many = held()

    assert np.array_equal(one.weights, many.weights)
    assert many.releases == one.releases
    assert "custody simulated" not in many.statement
    assert "a process for each party and for the coordinator, all of one user on one machine" in many.statement
    assert "experimental and unaudited" in many.statement


def test_what_crosses_between_processes_is_counted_on_the_wire_and_shares_are_read_by_their_holders_alone(
    mark: str,
) -> None:
    rows = held().crossings
    readers = {row.purpose: set(row.readable_by) for row in rows if row.sender != COORDINATOR}

    assert readers["update"] == set()
    assert readers["partial"] <= set(PARTIES)
    shares = [row for row in rows if row.purpose == "key share"]
    dealers = PARTIES[: AGREED.threshold]
    assert {(row.sender, row.receiver) for row in shares} == {
        (one, other) for one in dealers for other in PARTIES if one != other
    }
    assert all(row.readable_by == (row.receiver,) and row.clear_or_cipher == "cipher" for row in shares)
    assert [row.purpose for row in rows].count("update") == AGREED.rounds * len(PARTIES)
    assert {row.clear_or_cipher for row in rows if row.purpose not in ("identity", "session")} == {"cipher"}
    assert min(row.bytes for row in rows) > 0
    assert not any(row.sender == row.receiver for row in rows)


@pytest.mark.parametrize(
    ("deed", "fault", "said"),
    [
        ("dies", LostError, "the process of 'north' was killed by signal 9"),
        ("ends at once", LostError, "the process of 'north' ended with status 3"),
        ("crashes", CrashError, "the process of 'north' failed with ValueError at loopback_deeds.py:"),
    ],
)
def test_a_party_whose_process_ends_is_named(mark: str, deed: str, fault: type[Exception], said: str) -> None:
    with pytest.raises(fault) as refused:
        held(deed, "north")

    assert isinstance(refused.value, ProtectionError)
    assert refused.value.parties == ("north",)
    assert said in str(refused.value)
    assert "47.11" not in str(refused.value), "what an unforeseen error says may hold a row"


def test_a_party_that_hangs_is_named_when_patience_ends(mark: str) -> None:
    with pytest.raises(SilentError, match="the process of 'north' has not answered within 3 s") as refused:
        held("hangs", "north", 3.0)

    assert refused.value.parties == ("north",)


@pytest.mark.parametrize(("deed", "said"), [("dies carrying", "killed by signal 9"), ("crashes carrying", "failed")])
def test_a_coordinator_that_fails_is_named(mark: str, deed: str, said: str) -> None:
    with pytest.raises(LostError, match=said) as refused:
        held(deed, COORDINATOR)

    assert refused.value.parties == (COORDINATOR,)


def test_other_modes_too_many_parties_and_a_threshold_out_of_reach_start_no_process(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(subprocess, "Popen", None)
    learner = learner_of(AGREED)
    with pytest.raises(ProtectionError, match="under threshold, not under plain"):
        in_processes(learner, sites(), replace(AGREED, protection="plain"), 3.0, 0)
    with pytest.raises(ProtectionError, match="threshold 4 does not fit 3 parties"):
        in_processes(learner, sites(), replace(AGREED, threshold=4), 3.0, 0)
    with pytest.raises(ProtectionError, match="at most 64 processes"):
        in_processes(learner, sites([f"p{number:02}" for number in range(65)]), AGREED, 3.0, 0)
    with pytest.raises(ProtectionError, match="is not the one that the collaboration names"):
        in_processes(learner, sites(), replace(AGREED, ridge=2.0), 3.0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_or_killed_starter_leaves_no_process(number: signal.Signals) -> None:
    """Killed outright it cannot clean up: the others find their wires closed."""
    mark = os.urandom(8).hex()
    script = (
        "from tests.learning.test_loopback import held\n"
        "try:\n    held('hangs', 'north', 300.0)\n"
        "except KeyboardInterrupt:\n    raise SystemExit(130)\n"
    )
    environment = {**os.environ, MARK: mark, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, cwd=ROOT) as starter:
        until = time.monotonic() + 60
        while len(marked(mark)) < 1 + len(PARTIES) + 1 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(marked(mark)) == 1 + len(PARTIES) + 1
        time.sleep(1.0)
        starter.send_signal(number)
        assert starter.wait(30) == (130 if number is signal.SIGINT else -number)
    until = time.monotonic() + 30
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert marked(mark) == []
