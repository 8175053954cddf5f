"""Where the parties of a federation in processes keep their identities: a keystore each, in one folder, by name."""

from __future__ import annotations

from pathlib import Path

from learning.crypto.secret import Secret


class Keystores(Secret):
    """A folder of keystores and the passphrase that opens them. The identities themselves are read by their parties."""

    __slots__ = ("_folder", "passphrase")

    def __init__(self, folder: Path, passphrase: str) -> None:
        self._folder = folder.absolute()
        self.passphrase = passphrase.encode()

    def of(self, party: str) -> Path:
        """Return the folder of a party's keystore."""
        return self._folder / party
