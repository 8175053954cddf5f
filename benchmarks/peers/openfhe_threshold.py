"""Sums updates under OpenFHE's threshold CKKS, all parties opening together. Run by an interpreter that has openfhe.

Standard input: a JSON document with `updates`, one list of whole numbers a party, and `rounds`. Standard output: a JSON
document with the opened sum before rounding and CPU milliseconds of each step, the least over the rounds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from openfhe import CCParamsCKKSRNS, GenCryptoContext, PKESchemeFeature

DEGREE, DEPTH, SCALE_BITS = 16384, 1, 50


def main() -> None:
    given = json.load(sys.stdin)
    updates: list[list[int]] = given["updates"]
    times: dict[str, float] = {}
    opened: list[float] = []
    for _ in range(given["rounds"]):
        opened = one_round(updates, Clock(times))
    json.dump({"sum": opened[: len(updates[0])], "ms": times, "degree": DEGREE, "depth": DEPTH}, sys.stdout)


class Clock:
    """Keeps the least CPU time of each step."""

    def __init__(self, times: dict[str, float]) -> None:
        self.times = times

    def run(self, step: str, work: Callable[[], Any]) -> Any:
        begin = time.process_time()
        found = work()
        spent = 1e3 * (time.process_time() - begin)
        self.times[step] = min(spent, self.times.get(step, spent))
        return found


def one_round(updates: list[list[int]], clock: Clock) -> list[float]:
    context = made()
    pairs = [clock.run("key", context.KeyGen)]
    for _ in updates[1:]:
        pairs.append(clock.run("key", lambda: context.MultipartyKeyGen(pairs[-1].publicKey)))
    public = pairs[-1].publicKey
    sealed = [clock.run("encrypt", lambda update=update: encrypted(context, public, update)) for update in updates]
    total = sealed[0]
    for one in sealed[1:]:
        total = clock.run("add", lambda one=one, total=total: context.EvalAdd(total, one))
    first, *others = pairs
    parts = [clock.run("partial", lambda: context.MultipartyDecryptLead([total], first.secretKey))[0]]
    parts += [
        clock.run("partial", lambda pair=pair: context.MultipartyDecryptMain([total], pair.secretKey))[0]
        for pair in others
    ]
    fused = clock.run("fuse", lambda: context.MultipartyDecryptFusion(parts))
    fused.SetLength(len(updates[0]))
    return list(fused.GetRealPackedValue())


def made() -> Any:
    parameters = CCParamsCKKSRNS()
    parameters.SetMultiplicativeDepth(DEPTH)
    parameters.SetScalingModSize(SCALE_BITS)
    parameters.SetRingDim(DEGREE)
    parameters.SetBatchSize(DEGREE // 2)
    context = GenCryptoContext(parameters)
    for feature in ("PKE", "KEYSWITCH", "LEVELEDSHE", "MULTIPARTY"):
        context.Enable(getattr(PKESchemeFeature, feature))
    return context


def encrypted(context: Any, public: Any, update: list[int]) -> Any:
    return context.Encrypt(public, context.MakeCKKSPackedPlaintext([float(number) for number in update]))


if __name__ == "__main__":
    main()
