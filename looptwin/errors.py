"""What stops a command with one sentence instead of a traceback.

Everything here carries the exit status of the command line: 2 for a mistake in what the user gave, 1 for a run that
failed, 130 for an interruption. The message is complete in itself: what was asked, what was found, what to do.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Literal

FolderTrouble = Literal["unwritable", "locked", "foreign", "other_run", "other_format", "missing", "full", "damaged"]


class UserError(Exception):
    """A mistake in what the user gave; its text is the whole message."""

    status: int = 2


class FolderError(UserError):
    """A run folder that cannot be used; `kind` says why.

    Status 1 when the folder was rightly given but failed (`full`, `damaged`), otherwise 2.
    """

    def __init__(self, message: str, kind: FolderTrouble = "unwritable") -> None:
        super().__init__(message)
        self.kind = kind
        self.status = 1 if kind in ("full", "damaged") else 2


class RunFailed(UserError):
    """A run that began and could not end; the user's input was accepted."""

    status = 1


class Interrupted(UserError):
    """A run that the user stopped; the message says what was kept."""

    status = 130


_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def is_disk_trouble(error: OSError) -> bool:
    """Whether the disk, and not what the caller does with it, is the reason of this error."""
    return error.errno in _FULL or error.errno == errno.EROFS


def folder_error(error: OSError, folder: Path) -> FolderError:
    """The refusal that tells a user what `error` means for the folder that was being written."""
    if error.errno in _FULL:
        return FolderError(f"{folder}: the disk is full; free some space there", "full")
    if error.errno == errno.EROFS:
        return FolderError(f"{folder}: the file system is read-only; give another folder")
    if error.errno in _CLOSED:
        return FolderError(f"{folder}: no permission to write there; give another folder")
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return FolderError(f"{folder}: a file stands where a folder is needed; give another folder", "foreign")
    if error.errno == errno.ENOENT:
        return FolderError(f"{folder}: this folder does not exist any more, or cannot exist there", "missing")
    return FolderError(f"{folder}: cannot be written ({error.strerror or error})")
