"""`python -m benchmarks NAME [--json]`: measure and print every figure with its peer, its ratio and its goal."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from benchmarks import protection, safety, start, twin
from benchmarks.figures import Figure, lines

SUITES = {"protection": protection.figures, "safety": safety.figures, "start": start.figures, "twin": twin.figures}


def main() -> int:
    """Measure one suite; exit status 0 also where a goal is missed: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=sorted(SUITES), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    chosen = parser.parse_args()
    figures: list[Figure] = SUITES[chosen.name]()
    if chosen.json:
        json.dump([asdict(figure) for figure in figures], sys.stdout, indent=2)
        print()
    else:
        print("\n".join(lines(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
