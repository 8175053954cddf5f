"""The command `looptwin`: what was typed, to the command that does it, to the exit status.

Status 0 done, 1 the run failed or a check did not hold, 2 the user's input is wrong, 130 interrupted. What the user got
wrong is said in one line each; a traceback is a defect of looptwin. Nothing heavy is imported here.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module

from looptwin.commands.arguments import parsed
from looptwin.commands.insistence import insistent
from looptwin.errors import Interrupted, UserError, is_disk_trouble

DOES = {
    "run": "looptwin.commands.run",
    "validate": "looptwin.commands.scenario",
    "network": "looptwin.commands.network",
    "whatif": "looptwin.commands.whatif",
    "sensitivity": "looptwin.commands.sensitivity",
    "sharing": "looptwin.commands.sharing",
    "learn": "looptwin.commands.learn",
    "report": "looptwin.commands.folder",
    "explain": "looptwin.commands.explain",
    "check": "looptwin.commands.folder",
    "fit": "looptwin.commands.fit",
    "list": "looptwin.commands.scenario",
    "init": "looptwin.commands.init",
    "schema": "looptwin.commands.scenario",
    "keys": "looptwin.commands.keys",
}
"""The module in which each command is a function `<command>_command`."""

COMPUTES = {"run", "whatif", "sensitivity", "sharing", "learn"}
"""Commands that compute in this process when there is one worker."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status. arguments: default the program's own."""
    if arguments is not None:
        return _answered(arguments, is_program=False)
    with insistent():
        if COMPUTES & set(sys.argv[1:2]):
            _pin()
        status = _answered(sys.argv[1:], is_program=True)
    if status == Interrupted.status:
        # at once: Python's own end would show a second Ctrl-C, and can take a swallowed one for unanswered
        os._exit(status)
    return status


def _pin() -> None:
    """Compute on one thread, as workers do, so that any number of workers gives the same bits."""
    from looptwin.replications.spawning import pin_threads

    pin_threads()


def _answered(arguments: Sequence[str], *, is_program: bool) -> int:
    try:
        status = _status(arguments)
        # here, where a reader who has gone or a full disk can still be told apart
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has what it wanted; Python would complain again when it flushes at its end
        if is_program:
            _put_out_of_reach(sys.stdout.fileno())
        return 0
    except OSError as error:
        return _system_refused(error, is_program)
    return status


def _status(arguments: Sequence[str]) -> int:
    try:
        found = parsed(arguments)
        return _command(found)(found)
    except SystemExit as stopped:
        # argparse, after --help
        return stopped.code if isinstance(stopped.code, int) else 2
    except BaseException as error:  # noqa: BLE001 - told if it is the user's, raised again if it is not
        if isinstance(error, Interrupted) or not _was_interrupted(error):
            return _told(error)
        _say("interrupted")
        return Interrupted.status


def _command(arguments: Namespace) -> Callable[[Namespace], int]:
    module = import_module(DOES[arguments.command])
    found: Callable[[Namespace], int] = getattr(module, f"{arguments.command}_command")
    return found


def _told(error: BaseException) -> int:
    """Say what the user got wrong, or what failed; let anything else through."""
    from scenarios.errors import ScenarioError

    if isinstance(error, ScenarioError):
        for problem in error.problems:
            _say(str(problem))
        return UserError.status
    if isinstance(error, UserError):
        _say(str(error))
        return error.status
    raise error


def _system_refused(error: OSError, is_program: bool) -> int:
    """Say what could not be read or written: a file that was named, or else standard output itself."""
    if error.filename is not None:
        _say(f"{error.filename}: {error.strerror or error}")
        return 1 if is_disk_trouble(error) else UserError.status
    _say(f"standard output cannot be written: {error.strerror or error}")
    if is_program:
        _put_out_of_reach(sys.stdout.fileno())
    return 1


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: a library that was being imported may answer it with an error of its own."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _say(text: str) -> None:
    with suppress(BrokenPipeError, OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _put_out_of_reach(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
