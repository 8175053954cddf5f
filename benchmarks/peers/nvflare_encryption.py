"""Encrypts, adds and opens long updates by NVFlare's own classes. Run by an interpreter that has nvflare[HE].

Standard input: a JSON document with `values`, `parties` and `rounds`. Standard output: a JSON document with CPU
milliseconds of one client, of the server and of opening, the least over the rounds, bytes up and down, and the error.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

import numpy as np
import nvflare
import tenseal as ts
from nvflare.apis.fl_context import FLContext
from nvflare.app_common.aggregators.weighted_aggregation_helper import WeightedAggregationHelper
from nvflare.app_opt.he.model_encryptor import HEModelEncryptor
from nvflare.lighter.impl.he import HEBuilder


def main() -> None:
    logging.disable(logging.CRITICAL)
    given = json.load(sys.stdin)
    builder = HEBuilder()
    builder.initialize(None, None)
    client = ts.context_from(builder.get_serialized_context(True))
    server = ts.context_from(builder.get_serialized_context(False))
    generator = np.random.default_rng(2)
    updates = [generator.normal(size=given["values"]) * 0.1 for _ in range(given["parties"])]
    found = [one_round(updates, client, server) for _ in range(given["rounds"])]
    best = {name: min(one[name] for one in found) for name in found[0]}
    versions = {"nvflare": nvflare.__version__, "tenseal": ts.__version__}
    secret = client.has_secret_key() and client.is_private()
    json.dump({**best, "versions": versions, "every_client_holds_the_secret_key": secret}, sys.stdout)


def one_round(updates: list[Any], client: Any, server: Any) -> dict[str, float]:
    sealed, clients = [], []
    for update in updates:
        begin = time.process_time()
        sealed.append(encrypted(update, client))
        clients.append(time.process_time() - begin)
    begin = time.process_time()
    helper = WeightedAggregationHelper(weigh_by_local_iter=False)
    for number, one in enumerate(sealed):
        helper.add({"w": ts.ckks_vector_from(server, one)}, 1.0, f"site_{number}", 0)
    down = helper.get_result()["w"].serialize()
    added = time.process_time()
    opened = ts.ckks_vector_from(client, down).decrypt(secret_key=client.secret_key())
    done = time.process_time()
    return {
        "client_ms": 1e3 * max(clients),
        "server_ms": 1e3 * (added - begin),
        "open_ms": 1e3 * (done - added),
        "up_bytes": len(sealed[0]),
        "down_bytes": len(down),
        "error": float(np.abs(np.array(opened) - np.mean(updates, axis=0)).max()),
    }


def encrypted(update: Any, context: Any) -> bytes:
    encryptor = HEModelEncryptor(weigh_by_local_iter=False)
    encryptor.tenseal_context, encryptor.encrypt_layers, encryptor.aggregation_weight = context, [True], 1.0
    found = encryptor.encryption({"w": update.copy()}, FLContext())
    value = (found[0] if isinstance(found, tuple) else found)["w"]
    return value if isinstance(value, (bytes, bytearray)) else value.serialize()


if __name__ == "__main__":
    main()
