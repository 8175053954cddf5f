"""What SEAL writes and reads, through an anonymous file in memory: its binding saves and loads by path alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from learning.crypto.memory import UNREADABLE
from learning.crypto.threshold.seal import unpacked

LONGEST = 8_000_000
"""Bytes of the longest object that is read."""


@contextmanager
def _file() -> Iterator[tuple[int, str]]:
    descriptor = os.memfd_create("looptwin", os.MFD_CLOEXEC)
    try:
        yield descriptor, f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def written(value: Any) -> bytes:
    """Return what SEAL saves of an object."""
    with _file() as (descriptor, path):
        value.save(path)
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def loaded(value: Any, context: Any, content: bytes) -> Any:
    """Return `value` read from what SEAL saved. Raises ValueError for bytes that are no such object.

    A compressed file that breaks off makes SEAL end the process: it gets to see none.
    """
    plain = unpacked(content, LONGEST)
    with _file() as (descriptor, path):
        os.pwrite(descriptor, plain, 0)
        try:
            value.load(context, path)
        except UNREADABLE as fault:
            raise ValueError(f"it is nothing that SEAL wrote under these parameters: {fault}") from None
    return value
