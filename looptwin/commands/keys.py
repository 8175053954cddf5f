"""`looptwin keys`: make, show and rotate the identity of a party. Fingerprints are all that is ever printed."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from looptwin.errors import UserError


def keys_command(arguments: Namespace) -> int:
    """Do what was asked with the keystore in a folder."""
    from learning.sessions.keystore import Keystore, KeystoreError
    from looptwin.collaboration.passphrase import passphrase

    store, what = Keystore(Path(arguments.folder)), arguments.what
    secret = passphrase(arguments.passphrase_file, again=what == "init")
    try:
        if what == "init":
            _say("made", store.create(secret).public().fingerprint())
        elif what == "show":
            _say("holds", store.open(secret).public().fingerprint())
        else:
            old, new = store.rotate(secret)
            _say("held", old.public().fingerprint())
            _say("holds now", new.public().fingerprint())
    except KeystoreError as refused:
        raise UserError(f"keys {what}: {refused}") from None
    return 0


def _say(word: str, fingerprint: str) -> None:
    sys.stdout.write(f"{word} {fingerprint}\n")
