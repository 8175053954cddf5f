"""Claiming a run folder: who may write, which run it is, and that a refusal leaves it as it was."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from looptwin.errors import FolderError
from looptwin.replications import lock
from looptwin.replications.lock import LOCK, MANIFEST, claim_folder, read_manifest, write_manifest
from looptwin.replications.shards import FORMAT

ROOT = Path(__file__).parents[3]
RUN = {"scenario": {"name": "mm3", "hash": "ab12"}, "seed": 7, "replications": 20}

HOLDER = """
import sys, pathlib
from looptwin.replications.lock import claim_folder
with claim_folder(pathlib.Path(sys.argv[1]), {"seed": 7}):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "a"


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def claim(folder: Path, manifest: dict[str, Any]) -> None:
    with claim_folder(folder, manifest):
        pass


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_folder_gets_its_manifest_and_loses_its_lock(folder: Path) -> None:
    with claim_folder(folder, RUN) as claimed:
        assert (folder / LOCK).exists()
        assert claimed.path == folder
        assert claimed.shards.root == folder / "replications"
    assert list(contents(folder)) == [MANIFEST]
    assert read_manifest(folder) == {"format": FORMAT, **RUN}


def test_an_empty_folder_will_do(folder: Path) -> None:
    folder.mkdir(parents=True)
    claim(folder, RUN)
    assert read_manifest(folder)["seed"] == 7


def test_the_same_manifest_continues(folder: Path) -> None:
    claim(folder, RUN)
    before = contents(folder)
    claim(folder, dict(reversed(RUN.items())))
    assert contents(folder) == before


def test_what_the_end_of_a_run_added_to_the_manifest_does_not_stop_it_from_continuing(folder: Path) -> None:
    with claim_folder(folder, RUN) as claimed:
        write_manifest(claimed, {**RUN, "digest": "cd34"})
    claim(folder, RUN)
    assert read_manifest(folder)["digest"] == "cd34"


def test_more_replications_continue_and_outdate_the_digest(folder: Path) -> None:
    with claim_folder(folder, RUN) as claimed:
        write_manifest(claimed, {**RUN, "digest": "cd34"})
    claim(folder, {**RUN, "replications": 40})
    assert read_manifest(folder) == {"format": FORMAT, **RUN, "replications": 40}


def test_another_run_is_refused_with_every_key_that_differs(folder: Path) -> None:
    claim(folder, RUN)
    before = contents(folder)
    with pytest.raises(FolderError) as caught:
        claim(folder, {**RUN, "seed": 8, "scenario": {"name": "mm3", "hash": "ef56"}, "variant": "mine"})
    assert str(caught.value) == (
        f'{folder}: holds another run (scenario.hash: "ab12" there, "ef56" asked; seed: 7 there, 8 asked; '
        'variant: nothing there, "mine" asked); give another folder'
    )
    assert (caught.value.kind, caught.value.status) == ("other_run", 2)
    assert contents(folder) == before


def test_a_folder_of_something_else_is_refused_and_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("x")
    with pytest.raises(FolderError, match=r"not a run folder \(it holds thesis\.tex\)") as caught:
        claim(folder, RUN)
    assert caught.value.status == 2
    assert list(contents(folder)) == ["thesis.tex"]


def test_a_run_of_another_format_is_refused_and_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT + 1, **RUN}))
    before = contents(folder)
    with pytest.raises(FolderError, match=f"run format {FORMAT + 1}, this looptwin reads {FORMAT}") as caught:
        claim(folder, RUN)
    assert (caught.value.kind, caught.value.status) == ("other_format", 2)
    assert contents(folder) == before


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", "\x00\xff", '{"format": '])
def test_a_manifest_that_cannot_be_read_is_refused(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(FolderError, match=r"manifest\.json is damaged") as caught:
        claim(folder, RUN)
    assert (caught.value.kind, caught.value.status) == ("damaged", 1)


def test_a_folder_without_a_manifest_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"not a run folder, it has no manifest\.json") as caught:
        read_manifest(tmp_path)
    assert caught.value.status == 2
    with pytest.raises(FolderError, match="not a run folder"):
        read_manifest(tmp_path / "absent")


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    for folder in (tmp_path / "a", tmp_path / "a" / "inner"):
        with pytest.raises(FolderError, match="a file stands where a folder is needed") as caught:
            claim(folder, RUN)
        assert caught.value.status == 2


def test_a_folder_that_another_process_holds_is_refused_by_its_number(
    folder: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(FolderError, match=f"in use by process {holder.pid} on ") as caught:
        claim(folder, {"seed": 7})
    assert (caught.value.kind, caught.value.status) == ("locked", 2)


def test_a_killed_process_leaves_no_lock(folder: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (folder / LOCK).exists()
    claim(folder, {"seed": 7})
    assert list(contents(folder)) == [MANIFEST]


def test_the_same_process_cannot_claim_a_folder_twice(folder: Path) -> None:
    with claim_folder(folder, RUN), pytest.raises(FolderError, match=f"in use by process {os.getpid()} on "):
        claim(folder, RUN)
    claim(folder, RUN)


def test_an_error_inside_the_block_stays_what_it_is_and_frees_the_folder(folder: Path) -> None:
    def fail() -> None:
        with claim_folder(folder, RUN):
            raise PermissionError(errno.EACCES, "the job's own")

    with pytest.raises(PermissionError, match="the job's own"):
        fail()
    assert list(contents(folder)) == [MANIFEST]


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (errno.ENOSPC, 1, "the disk is full"),
        (errno.EDQUOT, 1, "the disk is full"),
        (errno.EROFS, 2, "the file system is read-only"),
        (errno.EACCES, 2, "no permission to write there"),
        (errno.ENOLCK, 2, "cannot be written"),
    ],
)
def test_a_disk_that_refuses_is_said_and_nothing_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, status: int, words: str
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(FolderError, match=words) as caught:
        claim(folder, RUN)
    assert caught.value.status == status
    assert not folder.exists()


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=64k tmpfs "$1"
cd "$1"
eval "$2"
cd /
exec "$3" -c "$4" "$1/a"
"""

CLAIM = """
import sys, pathlib
from looptwin.errors import FolderError
from looptwin.replications.lock import claim_folder
folder = pathlib.Path(sys.argv[1])
try:
    with claim_folder(folder, {"seed": 7}):
        pass
except FolderError as error:
    left = sorted(path.name for path in folder.glob("*"))
    sys.exit(f"{error.status} {error} {left}")
"""


def on_a_small_disk(place: Path, prepare: str) -> str:
    """What claiming says on a real disk of 64 KiB, in a mount of its own; skips where that is not allowed."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here, which mounts a small disk")
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:  # noqa: S607
        pytest.skip("this system does not let us mount a small disk")
    script = ["sh", "-c", ON_A_SMALL_DISK, "sh", str(place), prepare, sys.executable, CLAIM]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = ["unshare", "-rm", *script]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment).stderr.strip()


def test_a_real_full_disk_is_status_1(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path, "mkdir a; cat /dev/zero > filler 2> /dev/null || true")
    assert said == f"1 {tmp_path}/a: the disk is full; free some space there []"


def test_a_real_read_only_disk_is_status_2(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path, 'mkdir a; cd /; mount -o remount,ro "$1"')
    assert said == f"2 {tmp_path}/a: the file system is read-only; give another folder []"
