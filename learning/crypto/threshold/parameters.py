"""Sizes of the threshold cipher, and why they hide a share behind flooding noise and still open an exact sum.

**Circuit noise.** n parties seal, t of them dealt the key (`learning.threshold.founding`). A ciphertext under the
collective key decrypts to `m + (u*e + e0 + e1*s) / p + r0 + r1*s`. Here u is ternary; s and e are sums of t ternary
secrets and t errors; SEAL's errors are at most 21 in size; p is the prime of 60 bits that encryption divides away
again; r0 and r1 are its roundings, at most one half. The quotient is at most `21 * (2*N*t + 1) / p`, far below one. A
product of polynomials adds N terms, so a coefficient of one ciphertext is off by at most `1/2 + N*t/2 + 1`, and a sum
of n ciphertexts by `noise_bound(n, t) = n * (N*t + 3) / 2`. No average is used: the bound holds for every draw.

**As agreed.** All of this is of ciphertexts that were made so. A mask c1 that its maker moved by a step moves the sum
by that step times the key, which is no noise and which no flood here covers; nothing proves that none did.

**Flooding.** A partial decryption is `c1 * share + f`, f whole and uniform over `2**flood_bits(n, t)` values per
coefficient, drawn by the operating system. Who knows the opened sum and all other shares knows `f + noise`, and nothing
else of the share. That holds for the answers of a quorum together, and would not hold for each of them: who holds a
share outside the quorum knows `f + r * noise` of one answer, r the quotient of two Lagrange factors, and a flood does
not hide what a denominator of r leaves over. So answers travel behind masks between pairs (`learning.crypto.pairs`)
that cancel in their sum; what all honest answers sum to has r = 1.
Moving a uniform draw of F bits by a noise of at most B changes it by a statistical distance of at most `B / 2**F`, N
times that for a polynomial. The distance adds up over openings, so a key opens `OPENINGS_PER_KEY` ciphertexts and no
more, and the flood is as long as keeps all of them together within `2**-DISTANCE_BITS`, by the largest noise and not a
likely one: 64 bits for 3 of 5, 65 for 5 of 50, 69 for 5 of 500, 78 for 1024 of 1024. One flood is then 2**44 times the
noise or more. Whole numbers matter: floats of that size have no low bits, and the noise would show in them.

**High words.** Message and mask of a ciphertext, c0, travel and are summed divided by the first prime and rounded
(`learning.crypto.threshold.ring.high`): half the bytes, and the message is added there, in whole numbers. So are the
answers, once they are flooded. Both are worked out of what could have been shown in full, so rounding hides and never
tells; the answers depend on c1 alone, so the rounding of c0 is no noise that a flood must cover. c1 travels whole: its
rounding would be multiplied by the key.

**Exactness.** In high words a flood of 64 bits is at most 8, rounding half a word for each update and answer. So n
updates opened by t answers are off by at most `error_bound(n, t)`, whatever is drawn. A message is a whole number times
`2**shift`, and the shift leaves the error below a quarter of a step. What is left of the second prime is `room(n, t)`:
52 bits for 3 of 5, 46 for 5 of 500, in which several numbers of a sum may lie side by side (`Lanes`).
All primes together have 180 bits; SEAL's table allows 218 for 128-bit security at this degree.

An ordinary TenSEAL vector under the same key (`learning.crypto.threshold.context`) takes the scale `2**SCALE_BITS`:
t whole polynomials of floods of FLOOD_BITS give a slot a standard deviation of `sqrt(t*N/2) * 2**64 / sqrt(12)`, at
most 2**73.3.
"""

from __future__ import annotations

from learning.crypto.threshold.ring import DEGREE, HIGH, PRIMES

PRIME_BITS = (60, 60, 60)
SCALE_BITS = 78
SLOTS = DEGREE // 2
FLOOD_BITS = 64
"""A flooding coefficient is uniform over 2**FLOOD_BITS whole numbers around zero, or more, see `flood_bits`."""
DISTANCE_BITS = 20
"""All openings of a key together tell a share from none by at most 2**-DISTANCE_BITS."""
MAXIMUM_PARTIES = 1024
OPENINGS_PER_KEY = 4096
"""Ciphertexts that one key may open; the next needs a new key."""
PARAMETERS = (
    f"threshold, degree {DEGREE}, primes {', '.join(f'{prime:x}' for prime in PRIMES)}, "
    f"flooding of {FLOOD_BITS} bits or more, at most {OPENINGS_PER_KEY} openings a key"
)


def noise_bound(parties: int, dealers: int) -> int:
    """Return the largest error of a coefficient of a sum of one ciphertext of each of `parties`."""
    return parties * (DEGREE * dealers + 3) // 2 + 1


def flood_bits(parties: int, threshold: int) -> int:
    """Return how long a flood is for sums over `parties` that `threshold` of them open."""
    seen = noise_bound(parties, threshold) * DEGREE * OPENINGS_PER_KEY << DISTANCE_BITS
    return max(FLOOD_BITS, (seen - 1).bit_length())


def error_bound(parties: int, threshold: int) -> int:
    """Return the largest error of an opened high word: floods, their roundings, those of the updates, and the noise."""
    noise = (threshold << flood_bits(parties, threshold) - 1) + noise_bound(parties, threshold)
    return noise // PRIMES[0] + 1 + (threshold + parties + 1) // 2


def shift(parties: int, threshold: int) -> int:
    """Return by how many bits a message is moved, so that no error reaches a quarter of a step."""
    return (4 * error_bound(parties, threshold) - 1).bit_length()


def room(parties: int, threshold: int) -> int:
    """Return the largest magnitude of a whole number that a coefficient of a sum holds."""
    return (PRIMES[HIGH] // 2 >> shift(parties, threshold)) - 1
