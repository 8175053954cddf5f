"""Where a passphrase comes from: a file of the user's, the environment, or a prompt; never the command line.

What is typed after a command stands in the list of processes, for every user of the machine to read.
"""

from __future__ import annotations

import os
import stat
import sys
from getpass import getpass
from pathlib import Path

from looptwin.errors import UserError

VARIABLE = "LOOPTWIN_PASSPHRASE"


def passphrase(file: str | None, *, again: bool = False) -> str:
    """Return the passphrase: of the file if one is named, else of the environment, else of a prompt.

    again: ask twice at the prompt, as for a new one. Raises UserError where there is none.
    """
    if file is not None:
        return _of_file(Path(file))
    if (found := os.environ.get(VARIABLE)) is not None:
        return found
    if not sys.stdin.isatty():
        raise UserError(f"no passphrase: name a file with --passphrase-file, set {VARIABLE}, or run at a terminal")
    typed = getpass("passphrase: ")
    if again and getpass("again: ") != typed:
        raise UserError("the two passphrases differ")
    return typed


def _of_file(path: Path) -> str:
    with path.open(encoding="utf-8") as opened:
        rights = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
        if rights & 0o077:
            raise UserError(f"{path}: others have rights to this passphrase ({rights:04o}); it must be 0600")
        try:
            # one line, as editors and `echo` write it
            return opened.read(4096).removesuffix("\n")
        except UnicodeDecodeError:
            raise UserError(f"{path}: is no text") from None
