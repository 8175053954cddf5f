"""Write the tables of `docs/breach.md` anew: `python -m docs.breach`, about a minute and a half on one core."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

import numpy as np

from docs.sharing import head, row, written
from learning.arrays import FloatArray, IntArray
from learning.attacks.drill import Read, Secrets, drill, stored

PAGE = Path(__file__).resolve().parent / "breach.md"
SCENARIO = "five-factories"
WORDS = ("plain", "shared_key", "compact", "threshold")
NEEDED = 3
VALUES, CANDIDATES, GAMES = 300, 8, 2000
SMALLEST, LARGEST = 8, 12
REPEATS = 5
LATTICES = (8, 16, 24, 32)
DEGREE = 4096
SECONDS_PER_YEAR = 365.25 * 24 * 3600


class Study(NamedTuple):
    """What the five factories hold, and what each sends."""

    rows: Mapping[str, FloatArray]
    updates: Mapping[str, IntArray]


def study() -> Study:
    """Return the energies of the fixture's parts, and the sums over them that a factory sends."""
    from learning.quantise import quantise
    from learning.regression.config import Regression
    from learning.regression.fixture import fixture
    from learning.regression.ranges import agreed, announced
    from learning.regression.rows import sites_of
    from learning.regression.statistics import flatten, grams
    from learning.regression.transforms import models

    sites, config = sites_of(fixture()), Regression()
    chosen = models(config.models, config.lambdas)
    ranges = agreed([announced(site) for site in sites])
    sent = {site.party: flatten(grams(site, chosen, ranges), chosen) for site in sites}
    updates = {party: quantise(one, party=party, parties=len(sites)) for party, one in sent.items()}
    return Study({site.party: site.y for site in sites}, updates)


def breaches() -> Iterator[str]:
    """Yield the table of what an intruder reads in each place."""
    held = study()
    yield from head("protection", "where the intruder is", "rows of another", "update of another", "the sum")
    for word in WORDS:
        for read in drill(word, held.rows, held.updates, NEEDED):
            yield _told(word, read)
        yield _told(word, results(word, held))


def results(word: str, held: Study) -> Read:
    """Return what an intruder reads in the folder of a run of the scenario under a protection."""
    import looptwin as lt
    from learning.attacks.holdings import files

    total = np.sum(list(held.updates.values()), axis=0)
    with TemporaryDirectory() as folder:
        lt.run(lt.load(SCENARIO).override({"collaboration.protection": word})).save(f"{folder}/run")
        return stored("layer 3: the store of results", files(Path(folder)), Secrets(held.rows, held.updates, total))


def _told(word: str, read: Read) -> str:
    return row(f"`{word}`", read.places, *(f"{share:.0%}" for share in (read.rows, read.update, read.total)))


def dictionary() -> Iterator[str]:
    """Yield the table of the attacks on columns of few values."""
    from learning.attacks.chosen_plaintext import EQUAL, band, wins
    from learning.attacks.dictionary import matched, measured, read_right, repeated
    from learning.attacks.targets import TARGETS

    truth = np.random.default_rng(1).integers(0, CANDIDATES, VALUES).tolist()
    columns = (
        "read by equal bytes",
        "read by length",
        "equal to another",
        "games won by equal bytes",
        "by the best of 7",
    )
    yield from head("cipher", *columns)
    for name, target in TARGETS.items():
        encrypt = target()
        seen = [encrypt(value) for value in truth]
        book = read_right(matched(seen, encrypt, range(CANDIDATES)), truth)
        length = read_right(measured(seen, encrypt, list(range(CANDIDATES))), truth)
        won = wins(encrypt, 0, 1 << 20, trials=GAMES)
        best = max(count for reading, count in won.items() if reading != EQUAL)
        yield row(name, f"{book:.0%}", f"{length:.0%}", f"{repeated(seen)}", f"{won[EQUAL]}", f"{best}")
    yield ""
    edge = 1 / CANDIDATES + 4 * math.sqrt((CANDIDATES - 1) / VALUES) / CANDIDATES
    yield (
        f"{VALUES} values out of {CANDIDATES}: a guess reads {1 / CANDIDATES:.0%} of them and, but for one time in "
        f"30,000, at most {edge:.0%}. A coin wins {GAMES // 2} of {GAMES:,} games, give or take {band(GAMES):.0f}."
    )


def known() -> Iterator[str]:
    """Yield the table of the attacks with a known plaintext, and with an answer of somebody who decrypts."""
    from learning.attacks import chosen_ciphertext, known_plaintext
    from learning.crypto.compact.bfv import SealingKey
    from learning.crypto.compact.parameters import DEGREE, PRIME, plain_modulus

    modulus = plain_modulus(len(study().rows))
    key = SealingKey.generate(modulus)
    plaintext = np.random.default_rng(2).integers(0, modulus, (1, DEGREE), dtype=np.uint64)
    (sealed,) = key.seal(plaintext)
    sample = known_plaintext.sample_of(sealed, plaintext[0].tolist(), modulus)
    secret = chosen_ciphertext.key_of(sealed, modulus, lambda wire: key.open([wire])[0])
    bare = known_plaintext.without_error(sample, secret, PRIME, modulus)
    attempts = {
        "BFV as it is": known_plaintext.key_of(sample, PRIME, modulus),
        "the same ciphertext without its error (control)": known_plaintext.key_of(bare, PRIME, modulus),
        "one answer to a crafted ciphertext, nothing checked (control)": secret,
    }
    yield from head("what is attacked", "coefficients that could be a key's", "it is the key")
    for name, found in attempts.items():
        share = np.mean([abs(value) <= 1 for value in found])
        yield row(name, f"{share:.0%}", "yes" if found == secret else "no")


def brute_force() -> Iterator[str]:
    """Yield the table of keys found by trying all, by lattice reduction, and what that says of real ones."""
    yield from head("degree", "keys there are", "trying all, s", "lattice reduction, s")
    seconds = {degree: _seconds_of_all(degree) for degree in range(SMALLEST, LARGEST + 1)}
    for degree in sorted({*seconds, *LATTICES}):
        tried = f"{seconds[degree]:.2g}" if degree in seconds else ""
        reduced = f"{_seconds_of_lattice(degree):.2g}" if degree in LATTICES else ""
        yield row(f"{degree}", f"{3.0**degree:.1e}", tried, reduced)
    slope = np.polyfit(list(seconds), np.log(list(seconds.values())), 1)[0]
    years = math.log10(seconds[LARGEST] / SECONDS_PER_YEAR) + (DEGREE - LARGEST) * math.log10(3)
    yield ""
    yield (
        f"Measured growth of trying all: a factor of {math.exp(slope):.2f} a coefficient, where 3 are to be tried. "
        f"Drawn on to degree {DEGREE:,} that is 10^{years:.0f} years, and says nothing of the security of that degree: "
        f"lattice reduction finds at {max(LATTICES)} in seconds what trying all would take "
        f"{_years(seconds[LARGEST] * 3.0 ** (max(LATTICES) - LARGEST))} for."
    )


def _seconds_of_all(degree: int) -> float:
    """CPU seconds of trying every key, whether or not one was found before."""
    from learning.attacks.brute_force import BATCH, toy, tried

    def once() -> float:
        public, _ = toy(degree)
        begin = process_time()
        _, count = tried(public)
        # what is found early says little of the time of a try: a batch is tried at once
        return (process_time() - begin) * 3.0**degree / max(count, BATCH)

    return float(np.median([once() for _ in range(REPEATS)]))


def _seconds_of_lattice(degree: int) -> float:
    from learning.attacks.brute_force import toy
    from learning.attacks.lattice import secret_of

    public, secret = toy(degree)
    begin = process_time()
    found = secret_of(public)
    assert found is not None
    assert (found == secret).all()
    return process_time() - begin


def _years(seconds: float) -> str:
    return f"{seconds / SECONDS_PER_YEAR:,.0f} years"


TABLES = {"breaches": breaches, "dictionary": dictionary, "known": known, "brute-force": brute_force}
"""What stands between the marks of each name."""


def main(names: Sequence[str]) -> None:
    """Write the tables of these names, or all."""
    for name in names or TABLES:
        lines = list(TABLES[name]())
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), name, lines), encoding="utf-8")
        sys.stdout.write(f"{name} written\n")


if __name__ == "__main__":
    main(sys.argv[1:])
