"""SEAL saves and loads by path alone: here the path is that of an anonymous file in memory, never of a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Value = TypeVar("Value")

UNREADABLE = (ValueError, IndexError, OverflowError, MemoryError, RuntimeError)
"""What SEAL and TenSEAL raise for bytes that are not what they should be."""


@contextmanager
def anonymous_file() -> Iterator[tuple[int, str]]:
    """Give a descriptor and a path that lead to memory; both end with the block."""
    descriptor = os.memfd_create("looptwin", os.MFD_CLOEXEC)
    try:
        yield descriptor, f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def written(value: Any) -> bytes:
    """Return what SEAL writes of an object, header and compression included."""
    with anonymous_file() as (descriptor, path):
        value.save(path)
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def read_into(value: Value, context: Any, content: bytes) -> Value:
    """Return `value` filled with what SEAL wrote. Raises one of `UNREADABLE` for anything else."""
    with anonymous_file() as (descriptor, path):
        os.pwrite(descriptor, content, 0)
        value.load(context, path)  # type: ignore[attr-defined]
    return value
