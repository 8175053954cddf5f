"""ML-KEM-1024 written out from its standard, FIPS 203: slow, plain, and nobody else's code."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

Q, N, K, DU, DV = 3329, 256, 4, 11, 5
Poly = list[int]


def _reversed_bits(value: int) -> int:
    return int(f"{value:07b}"[::-1], 2)


ZETAS = [pow(17, _reversed_bits(place), Q) for place in range(128)]
GAMMAS = [pow(17, 2 * _reversed_bits(place) + 1, Q) for place in range(128)]


def ntt(f: Poly) -> Poly:
    """Algorithm 9."""
    found, place, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            zeta, place = ZETAS[place], place + 1
            for at in range(start, start + length):
                step = zeta * found[at + length] % Q
                found[at + length], found[at] = (found[at] - step) % Q, (found[at] + step) % Q
        length //= 2
    return found


def inverse_ntt(f: Poly) -> Poly:
    """Algorithm 10."""
    found, place, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            zeta, place = ZETAS[place], place - 1
            for at in range(start, start + length):
                low, high = found[at], found[at + length]
                found[at], found[at + length] = (low + high) % Q, zeta * (high - low) % Q
        length *= 2
    return [value * 3303 % Q for value in found]


def product(f: Poly, g: Poly) -> Poly:
    """Algorithms 11 and 12."""
    found = []
    for place, gamma in enumerate(GAMMAS):
        a, b, c, d = f[2 * place], f[2 * place + 1], g[2 * place], g[2 * place + 1]
        found += [(a * c + b * d * gamma) % Q, (a * d + b * c) % Q]
    return found


def plus(f: Poly, g: Poly) -> Poly:
    return [(a + b) % Q for a, b in zip(f, g, strict=True)]


def minus(f: Poly, g: Poly) -> Poly:
    return [(a - b) % Q for a, b in zip(f, g, strict=True)]


def inner(f: list[Poly], g: list[Poly]) -> Poly:
    """Sum of products."""
    total = [0] * N
    for one, other in zip(f, g, strict=True):
        total = plus(total, product(one, other))
    return total


def even(rho: bytes, column: int, row: int) -> Poly:
    """Algorithm 7: an entry of the public matrix."""
    stream, found = hashlib.shake_128(rho + bytes([column, row])).digest(3 * 1024), []
    for at in range(0, len(stream), 3):
        first, second, third = stream[at : at + 3]
        found += [value for value in (first + 256 * (second % 16), second // 16 + 16 * third) if value < Q]
    return found[:N]


def small(seed: bytes, count: int) -> Poly:
    """Algorithm 8 with eta 2, of the pseudorandom function of section 4.1."""
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([count])).digest(128), "little")
    nibbles = [bits >> (4 * place) & 15 for place in range(N)]
    return [((n & 1) + (n >> 1 & 1) - (n >> 2 & 1) - (n >> 3 & 1)) % Q for n in nibbles]


def encode(f: Poly, bits: int) -> bytes:
    """Algorithm 5."""
    return sum(value << (bits * place) for place, value in enumerate(f)).to_bytes(32 * bits, "little")


def decode(raw: bytes, bits: int) -> Poly:
    """Algorithm 6."""
    whole = int.from_bytes(raw, "little")
    return [whole >> (bits * place) & ((1 << bits) - 1) for place in range(N)]


def compress(f: Poly, bits: int) -> Poly:
    return [((value << bits) + Q // 2) // Q % (1 << bits) for value in f]


def decompress(f: Poly, bits: int) -> Poly:
    return [(value * Q + (1 << (bits - 1))) >> bits for value in f]


class Keys(NamedTuple):
    """Both halves, and what refuses silently."""

    public: bytes
    secret: list[Poly]
    z: bytes


def keys(seed: bytes) -> Keys:
    """Algorithms 13 and 16, out of d and z one behind the other."""
    d, z = seed[:32], seed[32:]
    hashed = hashlib.sha3_512(d + bytes([K])).digest()
    rho, sigma = hashed[:32], hashed[32:]
    secret = [ntt(small(sigma, count)) for count in range(K)]
    errors = [ntt(small(sigma, K + count)) for count in range(K)]
    rows = [inner([even(rho, column, row) for column in range(K)], secret) for row in range(K)]
    public = b"".join(encode(plus(row, error), 12) for row, error in zip(rows, errors, strict=True)) + rho
    return Keys(public, secret, z)


def encrypted(public: bytes, message: bytes, coins: bytes) -> bytes:
    """Algorithm 14."""
    t = [decode(public[384 * place : 384 * (place + 1)], 12) for place in range(K)]
    rho = public[384 * K :]
    y = [ntt(small(coins, count)) for count in range(K)]
    u = []
    for column in range(K):
        entries = [even(rho, column, row) for row in range(K)]
        u.append(plus(inverse_ntt(inner(entries, y)), small(coins, K + column)))
    v = plus(plus(inverse_ntt(inner(t, y)), small(coins, 2 * K)), decompress(decode(message, 1), 1))
    return b"".join(encode(compress(one, DU), DU) for one in u) + encode(compress(v, DV), DV)


def encapsulated(public: bytes, message: bytes) -> tuple[bytes, bytes]:
    """Algorithm 17: the shared secret and the ciphertext."""
    hashed = hashlib.sha3_512(message + hashlib.sha3_256(public).digest()).digest()
    return hashed[:32], encrypted(public, message, hashed[32:])


def decapsulated(own: Keys, ciphertext: bytes) -> bytes:
    """Algorithm 18."""
    u = [decompress(decode(ciphertext[32 * DU * place : 32 * DU * (place + 1)], DU), DU) for place in range(K)]
    v = decompress(decode(ciphertext[32 * DU * K :], DV), DV)
    noisy = minus(v, inverse_ntt(inner(own.secret, [ntt(one) for one in u])))
    shared, again = encapsulated(own.public, encode(compress(noisy, 1), 1))
    return shared if again == ciphertext else hashlib.shake_256(own.z + ciphertext).digest(32)
