"""ML-DSA-65 keys and verification written out from the standard, FIPS 204: slow, plain, and nobody else's code."""

from __future__ import annotations

import hashlib

Q, N, K, L, D = 8380417, 256, 6, 5, 13
ETA, TAU, BETA, OMEGA = 4, 49, 196, 55
GAMMA1, GAMMA2 = 1 << 19, (Q - 1) // 32
CHALLENGE_BYTES, Z_BYTES = 48, 640
Poly = list[int]

ZETAS = [pow(1753, int(f"{place:08b}"[::-1], 2), Q) for place in range(N)]


def ntt(f: Poly) -> Poly:
    """Algorithm 41."""
    found, place, length = list(f), 0, 128
    while length >= 1:
        for start in range(0, N, 2 * length):
            place += 1
            for at in range(start, start + length):
                step = ZETAS[place] * found[at + length] % Q
                found[at + length], found[at] = (found[at] - step) % Q, (found[at] + step) % Q
        length //= 2
    return found


def inverse_ntt(f: Poly) -> Poly:
    """Algorithm 42."""
    found, place, length = list(f), N, 1
    while length < N:
        for start in range(0, N, 2 * length):
            place -= 1
            for at in range(start, start + length):
                low, high = found[at], found[at + length]
                found[at], found[at + length] = (low + high) % Q, -ZETAS[place] * (low - high) % Q
        length *= 2
    return [value * 8347681 % Q for value in found]


def inner(f: list[Poly], g: list[Poly]) -> Poly:
    """Sum of products of transformed polynomials."""
    return [sum(a[at] * b[at] for a, b in zip(f, g, strict=True)) % Q for at in range(N)]


def even(rho: bytes, row: int, column: int) -> Poly:
    """Algorithm 30: an entry of the public matrix."""
    stream, found = hashlib.shake_128(rho + bytes([column, row])).digest(3 * 512), []
    for at in range(0, len(stream), 3):
        value = int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF
        found += [value] if value < Q else []
    return found[:N]


def small(seed: bytes, count: int) -> Poly:
    """Algorithm 31 with eta 4."""
    stream = hashlib.shake_256(seed + count.to_bytes(2, "little")).digest(512)
    nibbles = [nibble for byte in stream for nibble in (byte & 15, byte >> 4)]
    return [(ETA - nibble) % Q for nibble in nibbles if nibble < 9][:N]


def packed(f: Poly, bits: int) -> bytes:
    """Algorithm 16."""
    return sum(value << (bits * place) for place, value in enumerate(f)).to_bytes(32 * bits, "little")


def unpacked(raw: bytes, bits: int) -> Poly:
    """Algorithm 18."""
    whole = int.from_bytes(raw, "little")
    return [whole >> (bits * place) & ((1 << bits) - 1) for place in range(N)]


def public_key(seed: bytes) -> bytes:
    """Algorithm 6: the public half of the key of a seed."""
    expanded = hashlib.shake_256(seed + bytes([K, L])).digest(128)
    rho, secret = expanded[:32], expanded[32:96]
    s1 = [ntt(small(secret, count)) for count in range(L)]
    t1 = []
    for row in range(K):
        product = inverse_ntt(inner([even(rho, row, column) for column in range(L)], s1))
        t = [(a + b) % Q for a, b in zip(product, small(secret, L + row), strict=True)]
        t1.append([(value + (1 << (D - 1)) - 1) >> D for value in t])
    return rho + b"".join(packed(one, 10) for one in t1)


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Algorithms 3 and 8, without a context."""
    rho, t1 = public[:32], [unpacked(public[32 + 320 * row : 352 + 320 * row], 10) for row in range(K)]
    challenge, rest = signature[:CHALLENGE_BYTES], signature[CHALLENGE_BYTES:]
    z = [[GAMMA1 - v for v in unpacked(rest[Z_BYTES * at : Z_BYTES * (at + 1)], 20)] for at in range(L)]
    hints = unpacked_hints(rest[Z_BYTES * L :])
    if hints is None or max(abs(value) for one in z for value in one) >= GAMMA1 - BETA:
        return False
    mu = hashlib.shake_256(hashlib.shake_256(public).digest(64) + b"\0\0" + message).digest(64)
    c, transformed = ntt(in_ball(challenge)), [ntt([value % Q for value in one]) for one in z]
    w1 = b""
    for row in range(K):
        left = inner([even(rho, row, column) for column in range(L)], transformed)
        right = inner([c], [ntt([value << D for value in t1[row]])])
        approximate = inverse_ntt([(a - b) % Q for a, b in zip(left, right, strict=True)])
        w1 += packed([corrected(value, at in hints[row]) for at, value in enumerate(approximate)], 4)
    return hashlib.shake_256(mu + w1).digest(CHALLENGE_BYTES) == challenge


def in_ball(seed: bytes) -> Poly:
    """Algorithm 29: the challenge."""
    stream = hashlib.shake_256(seed).digest(1024)
    signs, found, taken = int.from_bytes(stream[:8], "little"), [0] * N, 8
    for at in range(N - TAU, N):
        while stream[taken] > at:
            taken += 1
        found[at] = found[stream[taken]]
        found[stream[taken]] = 1 - 2 * (signs >> (at + TAU - N) & 1)
        taken += 1
    return [value % Q for value in found]


def unpacked_hints(raw: bytes) -> list[set[int]] | None:
    """Algorithm 21."""
    found, start = [], 0
    for row in range(K):
        end = raw[OMEGA + row]
        places = list(raw[start:end])
        if not start <= end <= OMEGA or places != sorted(set(places)):
            return None
        found.append(set(places))
        start = end
    return found if not any(raw[start:OMEGA]) else None


def corrected(value: int, hinted: bool) -> int:
    """Algorithm 40."""
    low = value % (2 * GAMMA2)
    low = low - 2 * GAMMA2 if low > GAMMA2 else low
    high, low = (0, low - 1) if value - low == Q - 1 else ((value - low) // (2 * GAMMA2), low)
    if not hinted:
        return high
    return (high + 1) % 16 if low > 0 else (high - 1) % 16
