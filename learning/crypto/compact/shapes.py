"""What SEAL is given to read: nothing but bodies of one shape, byte for byte, with words and a seed where they belong.

SEAL reads from a file, trusts the lengths in it, and ends the process where the file breaks off before them. So what
comes from another party is unpacked here, within its right length, compared with a sample wherever it carries no words,
and handed on without compression.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from learning.crypto.threshold.seal import body

HEADER_BYTES = 16
_MODE = 5
"""Place of the compression in the header."""
_UNCOMPRESSED, _ZLIB = 0, 1


@dataclass(frozen=True)
class Shape:
    """The shape of something that SEAL wrote."""

    head: bytes
    """Its header without the length at its end."""
    size: int
    """Bytes of its body."""
    fixed: tuple[tuple[int, bytes], ...]
    """Where the body is always the same, and what it is there."""

    def body_of(self, content: bytes) -> bytes | None:
        """Return the body of what claims to have this shape, None where it has another."""
        length = len(content).to_bytes(HEADER_BYTES - len(self.head), "little")
        bare = self.head[:_MODE] + bytes([_UNCOMPRESSED]) + self.head[_MODE + 1 :]
        if content[:HEADER_BYTES] not in (self.head + length, bare + length):
            return None
        found = _unpacked(content, self.size)
        if len(found) != self.size:
            return None
        alike = all(found[at : at + len(part)] == part for at, part in self.fixed)
        return found if alike else None


def shape_of(written: bytes, *free: tuple[int, int]) -> Shape:
    """Return the shape of a sample; free: begin and end of each part of the body that may be anything, in order."""
    content = body(written)
    ends = [0, *(place for part in free for place in part), len(content)]
    kept = [(begin, content[begin:end]) for begin, end in list(pairwise(ends))[::2] if begin < end]
    return Shape(written[: HEADER_BYTES // 2], len(content), tuple(kept))


def _unpacked(content: bytes, size: int) -> bytes:
    """Return the body of what SEAL wrote if it has this size, and nothing or another size otherwise."""
    packed = content[HEADER_BYTES:]
    if content[_MODE] == _UNCOMPRESSED:
        return packed
    if content[_MODE] == _ZLIB:
        import zlib

        try:
            return zlib.decompressobj().decompress(packed, size + 1)
        except zlib.error:
            return b""
    import pyarrow as pa

    try:
        found: bytes = pa.decompress(packed, decompressed_size=size, codec="zstd", asbytes=True)
    except (OSError, ValueError):
        return b""
    return found
