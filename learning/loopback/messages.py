"""What processes say to each other: a word, a few fields, and parts of bytes by name. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learning.arrays import FloatArray
from learning.faults import SenderError

LENGTH_BYTES = 4


@dataclass(frozen=True)
class Message:
    """One message."""

    word: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can say."""
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Rows and secrets among them: no text shows them."""

    def encode(self) -> bytes:
        """Return the message as bytes."""
        sizes = {name: len(part) for name, part in self.parts.items()}
        head = json.dumps({"word": self.word, "fields": self.fields, "sizes": sizes}).encode()
        return b"".join([len(head).to_bytes(LENGTH_BYTES, "big"), head, *self.parts.values()])


def decoded(raw: bytes, sender: str) -> Message:
    """Return the message in bytes. Raises SenderError naming the sender for what is none."""
    try:
        end = LENGTH_BYTES + int.from_bytes(raw[:LENGTH_BYTES], "big")
        head = json.loads(raw[LENGTH_BYTES:end])
        word, fields, sizes = head["word"], head["fields"], head["sizes"]
        parts, at = {}, end
        for name, size in sizes.items():
            if type(size) is not int or size < 0:
                raise ValueError  # noqa: TRY301 - all that is no message is answered alike
            parts[name] = raw[at : at + size]
            at += size
        if at != len(raw) or not isinstance(word, str) or not isinstance(fields, dict):
            raise ValueError  # noqa: TRY301 - as above
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SenderError(sender, "what it says is no message") from None
    return Message(word, fields, parts)


def part_of(message: Message, name: str, sender: str) -> bytes:
    """Return a part of a message. Raises SenderError naming the sender where there is none."""
    if name not in message.parts:
        raise SenderError(sender, f"{message.word!r} came without its {name}")
    return message.parts[name]


def of_numbers(numbers: FloatArray) -> bytes:
    """Return numbers as bytes."""
    return np.ascontiguousarray(numbers, dtype="<f8").tobytes()


def numbers_of(part: bytes) -> FloatArray:
    """Return the numbers in bytes, in one row."""
    return np.frombuffer(part, dtype="<f8").astype(np.float64)
