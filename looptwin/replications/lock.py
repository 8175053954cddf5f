"""Who may write into a run folder: one process at a time, one manifest for ever.

`claim_folder` is the only door to writing a run folder. It holds an advisory lock (`flock`), which the system drops
when the process dies in whatever way, so no stale lock ever has to be removed by hand. The manifest says what the
folder holds; all its keys are the run's identity, the number of replications apart: a sweep of 20 may go on to 40.
POSIX only, as is the rest of the product.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from looptwin.errors import FolderError, folder_error
from looptwin.replications.shards import FORMAT, Shards

MANIFEST = "manifest.json"
LOCK = "run.lock"
RENEWABLE = ("replications",)
"""Manifest keys that may differ when a run is continued."""

_HALF_WRITTEN = f".{MANIFEST}.partial"


@dataclass(frozen=True)
class RunFolder:
    """A run folder that this process has locked, and the manifest it was claimed for."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def shards(self) -> Shards:
        """The replications inside."""
        return Shards(self.path / "replications")


@contextmanager
def claim_folder(path: Path, manifest: Mapping[str, Any]) -> Iterator[RunFolder]:
    """Lock a new, an empty or this very run's folder for the length of the block, with its manifest in place.

    manifest: what decides the run, as JSON can hold it; `format` is added. Keys that only the folder's own manifest
    has, such as a digest written at the end, are not compared. Raises FolderError, and leaves the folder as it was,
    when it is locked, full, read-only, of another format, of another run, or holds something else.
    """
    path = path.absolute()
    wanted = {"format": FORMAT, **json.loads(json.dumps(dict(manifest)))}
    with ExitStack() as held:
        _take(path, wanted, held)
        yield RunFolder(path, wanted)


def _take(path: Path, wanted: Mapping[str, Any], held: ExitStack) -> None:
    is_new = not path.exists()
    try:
        _refuse_strangers(path)
        path.mkdir(parents=True, exist_ok=True)
        held.enter_context(_locked(path))
        _agree(path, wanted)
    except BaseException as error:
        held.close()
        if is_new:
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise folder_error(error, path) from error
        raise


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a run folder.

    Raises FolderError when there is none, when it cannot be read, and when its format is not this version's.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise FolderError(f"{path}: not a run folder, it has no {MANIFEST}", "missing") from None
    except OSError as error:
        raise FolderError(f"{path}: {MANIFEST} cannot be read ({error.strerror})", "missing") from error
    except ValueError:
        raise FolderError(f"{path}: {MANIFEST} is damaged, it is not JSON", "damaged") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found is None:
        raise FolderError(f"{path}: {MANIFEST} is damaged or not looptwin's, it has no 'format'", "damaged")
    if found != FORMAT:
        raise FolderError(
            f"{path}: written in run format {found}, this looptwin reads {FORMAT}; "
            "use the looptwin that wrote it, or another folder",
            "other_format",
        )
    return dict(manifest)


def write_manifest(folder: RunFolder, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest of a claimed folder by one rename. Raises FolderError when the disk is full or closed."""
    try:
        _write_manifest(folder.path, {"format": FORMAT, **manifest})
    except OSError as error:
        raise folder_error(error, folder.path) from error


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    half_written = path / _HALF_WRITTEN
    try:
        half_written.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        half_written.replace(path / MANIFEST)
    except BaseException:
        half_written.unlink(missing_ok=True)
        raise


def _refuse_strangers(path: Path) -> None:
    """Look before anything is written: a folder of somebody else's must not even get a lock file."""
    if not path.is_dir():
        return
    if (path / MANIFEST).exists():
        read_manifest(path)
        return
    strangers = sorted(entry.name for entry in path.iterdir() if entry.name not in (LOCK, _HALF_WRITTEN))
    if strangers:
        raise FolderError(
            f"{path}: not empty and not a run folder (it holds {', '.join(strangers[:3])}"
            f"{', ...' if len(strangers) > 3 else ''}); give a new or an empty folder",
            "foreign",
        )


def _agree(path: Path, wanted: Mapping[str, Any]) -> None:
    """Compare with the manifest in place, or put one; another process may have put it since the first look."""
    if not (path / MANIFEST).exists():
        _write_manifest(path, wanted)
        return
    found = read_manifest(path)
    compared = {key for key in wanted if key not in RENEWABLE}
    differing = list(_differences({key: found.get(key) for key in compared}, {key: wanted[key] for key in compared}))
    if differing:
        shown = "; ".join(differing[:5]) + ("; ..." if len(differing) > 5 else "")
        raise FolderError(f"{path}: holds another run ({shown}); give another folder", "other_run")
    if any(found.get(key) != wanted.get(key) for key in RENEWABLE):
        # What an earlier end wrote of the whole, such as a digest, is no longer true of it.
        _write_manifest(path, wanted)


def _differences(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        for key in sorted({*found, *wanted}):
            inner = f"{place}.{key}" if place else str(key)
            yield from _differences(found.get(key), wanted.get(key), inner)
    elif found != wanted:
        yield f"{place}: {_short(found)} there, {_short(wanted)} asked"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = path / LOCK
    descriptor = _lock(lock, path)
    try:
        owner = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
        os.ftruncate(descriptor, 0)
        os.write(descriptor, owner.encode())
        yield
    finally:
        # Removed while still held, so that nobody can take a lock on a file that is about to vanish.
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _lock(lock: Path, path: Path) -> int:
    """Open and lock the file; again when its last owner removed it between the two."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino == _inode(lock):
                return descriptor
        except BlockingIOError:
            owner = _owner(descriptor)
            os.close(descriptor)
            raise FolderError(
                f"{path}: in use by {owner}; wait for it to end, or give another folder", "locked"
            ) from None
        except BaseException:
            # A disk that cannot lock would keep a file that no owner ever removes.
            lock.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        os.close(descriptor)


def _inode(lock: Path) -> int | None:
    try:
        return lock.stat().st_ino
    except FileNotFoundError:
        return None


def _owner(descriptor: int) -> str:
    try:
        owner = json.loads(os.pread(descriptor, 1000, 0))
        return f"process {owner['pid']} on {owner['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
