"""Sizes of the compact cipher, and why a sum always opens exactly.

**Cipher.** BFV at degree 4096 with one prime of 60 bits; SEAL's table allows 109 bits for 128-bit security at this
degree. Every sealer holds the secret key, so encryption is symmetric and the second half of a fresh ciphertext is the
seed it was drawn from: a ciphertext takes 8 bytes a coefficient on its way up and 16 on its way down.

**Plaintexts.** Coefficients hold whole numbers modulo a prime t, without SEAL's batching: sums need no transform, and
any t will do. A prime makes masks perfect (even modulo t) and the checksum a code over a field.

**Noise.** A fresh ciphertext decrypts to `m * q / t + e`: e is at most 21 in size (SEAL draws it from 42 bits), the
rounding of the quotient at most one half. A sum of n is off by `noise_bound(n) = 22 n + 1`, the 1 for the masks that
are taken off it in clear. No average is used: the bound holds for every draw. The sum opens exactly while
`2 * t * noise_bound(n) < q`, and `plain_modulus` takes the largest t with room to spare. As BFV opens exactly, an
opened sum says nothing of the noise, and so nothing of the key.
"""

from __future__ import annotations

from learning.faults import ProtectionError

DEGREE = 4096
PRIME_BITS = 60
PRIME = 0xFFFFFFFFFFFC001
"""What SEAL picks for one prime of 60 bits at this degree."""
ERROR = 21
"""Largest size of SEAL's error."""
BELOW_POWER = {44: 17, 45: 55, 46: 21, 47: 115, 48: 59, 49: 81, 50: 27, 51: 129, 52: 47}
"""bits: how far the largest prime lies below 2**bits."""
DATA = DEGREE - 1
"""Coefficients of a ciphertext that carry numbers; the last carries the checksum."""


def noise_bound(parties: int) -> int:
    """Return the largest error of a coefficient of a sum of one ciphertext of each of `parties`."""
    return parties * (ERROR + 1) + 1


def plain_modulus(parties: int) -> int:
    """Return the prime modulo which sums over `parties` are exact. Raises ProtectionError for too many of them."""
    for bits in sorted(BELOW_POWER, reverse=True):
        if 2 * (noise_bound(parties) << bits) < PRIME:
            return (1 << bits) - BELOW_POWER[bits]
    raise ProtectionError(f"{parties} parties; the noise of so many leaves no room for a sum")
