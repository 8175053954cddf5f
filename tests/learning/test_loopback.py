"""A process for each party: the same model to the last bit, nothing left behind, and every failure has a name."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.config import Absence
from learning.crossings import COORDINATOR
from learning.faults import ProtectionError
from learning.learners import learner_of
from learning.loopback.faults import CrashError, LostError, SilentError
from learning.loopback.federation import in_processes
from learning.loopback.keys import Keystores
from learning.rounds import Federated, in_one_process
from learning.sessions.keystore import LEAST_COST_BITS, Keystore
from tests.learning.loopback_by_hand import AGREED, MARK, PARTIES, marked, sites
from tests.learning.loopback_deeds import DEED

ROOT = Path(__file__).parents[2]
HERONS = "three grey herons"
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


def held(deed: str = "", doer: str = "", **options: Any) -> Federated:
    """Hold a federation in processes in which somebody does a deed."""
    os.environ[DEED] = deed
    programs = {doer: DEEDS} if doer else None
    return in_processes(learner_of(AGREED), sites(), AGREED, 3.0, 0, programs=programs, **options)


@pytest.fixture(scope="module")
def many() -> Federated:
    """One federation in processes that went well."""
    return held()


def test_processes_give_the_model_of_one_process_and_say_what_is_true(many: Federated) -> None:
    one = in_one_process(learner_of(AGREED), sites(), AGREED, 3.0, 0)

    assert np.array_equal(one.weights, many.weights)
    assert many.releases == one.releases
    assert "custody simulated" not in many.statement
    assert "a process for each party and for the coordinator, all of one user on one machine" in many.statement
    assert "experimental and unaudited" in many.statement


def test_what_crosses_between_processes_is_counted_on_the_wire_and_shares_are_read_by_their_holders_alone(
    many: Federated,
) -> None:
    rows = many.crossings
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
        held("hangs", "north", patience_seconds=3.0)

    assert refused.value.parties == ("north",)


@pytest.mark.parametrize(("deed", "said"), [("dies carrying", "killed by signal 9"), ("crashes carrying", "failed")])
def test_a_coordinator_that_fails_is_named(mark: str, deed: str, said: str) -> None:
    with pytest.raises(LostError, match=said) as refused:
        held(deed, COORDINATOR)

    assert refused.value.parties == (COORDINATOR,)


def test_parties_sign_under_the_identities_of_their_keystores_and_fingerprints_stand_in_the_crossings(
    mark: str, tmp_path: Path
) -> None:
    made = {}
    for party in PARTIES:
        made[party] = Keystore(tmp_path / party).create(HERONS, LEAST_COST_BITS).public().fingerprint()
    found = held(keys=Keystores(tmp_path, HERONS))
    told = {row.sender: row.content for row in found.crossings if row.purpose == "identity"}

    assert all(made[party] in told[party] for party in PARTIES)
    assert len({*told.values()}) == 1 + len(PARTIES)


def test_a_keystore_that_does_not_open_is_said_without_what_was_tried(mark: str, tmp_path: Path) -> None:
    Keystore(tmp_path / "north").create(HERONS, LEAST_COST_BITS)
    keys = Keystores(tmp_path, "four grey herons")
    with pytest.raises(ProtectionError, match=r"the identity of '(east|north|south)' cannot be had: ") as refused:
        held(keys=keys)

    assert "four grey herons" not in str(refused.value) + repr(keys)
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(keys)


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
    gone = replace(AGREED, absences={"north": Absence()}, when_gone="go_on")
    with pytest.raises(ProtectionError, match="nobody goes on without a site that is gone: north"):
        in_processes(learner, sites(), gone, 3.0, 0)
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
        "try:\n    held('hangs', 'north', patience_seconds=300.0)\n"
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
