"""Objects that hold a secret: no text form shows it, no pickle or copy carries it away."""

from __future__ import annotations

import os
from typing import NoReturn


def random_bytes(count: int) -> bytes:
    """Return bytes from the operating system: nobody can work them out from a seed."""
    return os.urandom(count)


class Secret:
    """Base of everything that holds a key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(secret)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and cannot be pickled or copied")
