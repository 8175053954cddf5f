"""Sizes of the threshold cipher, and why they hide a share behind flooding noise and still open an exact sum.

**Circuit noise.** A ciphertext under the collective key decrypts to `m + (u*e + e0 + e1*s) / p + r0 + r1*s`. Here u is
ternary; s and e are sums of n ternary secrets and n errors; SEAL's errors are at most 21 in size; p is the prime of 60
bits that encryption divides away again; r0 and r1 are its roundings, at most one half. The quotient is at most
`21 * (2*N*n + 1) / p`, far below one. A product of polynomials adds N terms, so a coefficient of one ciphertext is off
by at most `1/2 + N*n/2 + 1`, and a sum of n ciphertexts by `noise_bound(n) = n * (N*n + 3) / 2`. No average is used:
the bound holds for every draw.

**Flooding.** A partial decryption is `c1 * share + f`, f whole and uniform over 2**64 values per coefficient, drawn by
the operating system. Who knows the opened sum and all other shares knows `f + noise`, and nothing else of the share.
That holds for the answers of a quorum together, and would not hold for each of them: who holds a share outside the
quorum knows `f + r * noise` of one answer, r the quotient of two Lagrange factors, and a flood does not hide what a
denominator of r leaves over. So answers travel behind masks between pairs (`learning.crypto.pairs`) that cancel in
their sum; what all honest answers sum to has r = 1.
Moving a uniform draw by a noise of at most B changes it by a statistical distance of at most `B / 2**64`, N times that
for a polynomial. `FLOOD_BITS - 1` bits over `noise_bound` are 2**46 for 5 parties, 2**40 for 50 and 2**35 for 256: at
least 2**30 for any number of parties allowed here. Whole numbers matter: floats of that size have no low bits, and the
noise would show in them. The distance adds up over openings, which is why a key opens `OPENINGS_PER_KEY` ciphertexts
and no more.

**Exactness.** t floods give a slot a standard deviation of `sqrt(t*N/2) * 2**64 / sqrt(12)`, at most 2**72.3, against
a scale of 2**78 and a tolerance of a quarter, which is 13 deviations or more. A sum of slots is at most 2**34, so
coefficients stay below 2**112 in a modulus of 2**120. All primes together have 180 bits; SEAL's table allows 218 for
128-bit security at this degree.
"""

from __future__ import annotations

from learning.crypto.threshold.ring import DEGREE, PRIMES

PRIME_BITS = (60, 60, 60)
SCALE_BITS = 78
SLOTS = DEGREE // 2
FLOOD_BITS = 64
"""A flooding coefficient is uniform over 2**FLOOD_BITS whole numbers around zero."""
MAXIMUM_PARTIES = 256
OPENINGS_PER_KEY = 4096
"""Ciphertexts that one key may open; the next needs a new key."""
PARAMETERS = (
    f"threshold CKKS, degree {DEGREE}, primes {', '.join(f'{prime:x}' for prime in PRIMES)}, scale 2**{SCALE_BITS}, "
    f"flooding of {FLOOD_BITS} bits, at most {OPENINGS_PER_KEY} openings a key"
)


def noise_bound(parties: int) -> int:
    """Return the largest error of a coefficient of a sum of one ciphertext of each of `parties`."""
    return parties * (DEGREE * parties + 3) // 2 + 1
