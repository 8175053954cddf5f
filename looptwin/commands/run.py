"""`looptwin run`."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import redirect_stdout

from looptwin.run import run
from looptwin.words.run import told
from looptwin.words.strict_json import document
from scenarios.load import load


def run_command(arguments: Namespace) -> int:
    """Run a scenario and print what came of it."""
    scenario = load(arguments.scenario, arguments.override, arguments.set)
    # whatever a library prints is not ours to hand on: standard output is one document
    with redirect_stdout(sys.stderr):
        done = run(
            scenario,
            seed=arguments.seed,
            replications=arguments.replications,
            workers=arguments.workers,
            out=arguments.out,
            events=not arguments.counters_only,
        )
    sys.stdout.write(document(done.summary()) if arguments.json else told(done, blocks=arguments.blocks) + "\n")
    if arguments.out is not None:
        sys.stderr.write(f"kept in {arguments.out}\n")
    return 0
