"""A folder that keeps an identity under a passphrase, for its owner's eyes alone.

The folder has rights 0700 and its files 0600, all of the present user and none of them a link: anything else is
refused, because a secret that others could read or swap is none. The file holds the identity under AES-256-GCM, its key
made of the passphrase by scrypt (RFC 7914). A file is written beside and renamed, so that there is a whole one always.
"""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from learning.crypto.secret import random_bytes
from learning.sessions.identity import SEED_BYTES, HybridIdentity

FILE = "identity.json"
FORMAT = "looptwin keystore 1"
COST_BITS = 17
"""scrypt works on 2**17 blocks of 1,024 bytes: 128 MiB and about a third of a second for every guess."""
LEAST_COST_BITS, MOST_COST_BITS = 14, 20
BLOCK_SIZE = 8
LEAST_CHARACTERS = 8
"""Of a passphrase."""

_SALT_BYTES, _NONCE_BYTES, _FILE_BYTES = 32, 12, 4096


class KeystoreError(Exception):
    """A keystore cannot be made, read or changed: the message says what is wrong, and no secret."""


@dataclass(frozen=True)
class Keystore:
    """The keystore in a folder. Holds no secret itself."""

    folder: Path

    def create(self, passphrase: str, cost_bits: int = COST_BITS) -> HybridIdentity:
        """Make the folder if it is not there, and a fresh identity in it; return the identity.

        cost_bits: of scrypt, from 14 to 20. Raises KeystoreError for a folder that others can enter, and where an
        identity stands already.
        """
        _check_passphrase(passphrase)
        self._make_folder()
        identity = HybridIdentity()
        with self._opened() as folder:
            if _stands(folder):
                raise KeystoreError(f"{self.folder / FILE}: is there already and is not written over")
            _write(folder, self.folder, _sealed(identity, passphrase, cost_bits), replaces=False)
        return identity

    def open(self, passphrase: str) -> HybridIdentity:
        """Return the identity. Raises KeystoreError for a wrong passphrase, wrong rights or a damaged file."""
        with self._opened() as folder:
            return _unsealed(_read(folder, self.folder), passphrase, self.folder / FILE)[0]

    def rotate(self, passphrase: str) -> tuple[HybridIdentity, HybridIdentity]:
        """Put a fresh identity in the place of the present one; return the old and the new one.

        Under the same passphrase. Whoever knew the old fingerprint has to be told the new one.
        """
        with self._opened() as folder:
            old, cost_bits = _unsealed(_read(folder, self.folder), passphrase, self.folder / FILE)
            new = HybridIdentity()
            _write(folder, self.folder, _sealed(new, passphrase, cost_bits), replaces=True)
        return old, new

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            pass
        except OSError as error:
            raise KeystoreError(f"{self.folder}: {error.strerror}") from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Give the folder itself: what stands in it is reached through it, whatever is put at its path meanwhile."""
        try:
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise KeystoreError(f"{self.folder}: there is no keystore") from None
        except OSError:
            raise KeystoreError(f"{self.folder}: must be a folder, and no link to one") from None
        try:
            _check_private(os.fstat(folder), self.folder, "0700")
            yield folder
        finally:
            os.close(folder)


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < LEAST_CHARACTERS:
        raise KeystoreError(f"a passphrase has at least {LEAST_CHARACTERS} characters")


def _check_private(found: os.stat_result, path: Path, wanted: str) -> None:
    if found.st_uid != os.geteuid():
        raise KeystoreError(f"{path}: belongs to another user")
    if rights := stat.S_IMODE(found.st_mode) & 0o077:
        raise KeystoreError(
            f"{path}: others have rights to it ({stat.S_IMODE(found.st_mode):04o}, of which {rights:03o} too many); "
            f"it must be {wanted}"
        )


def _read(folder: int, path: Path) -> bytes:
    place = path / FILE
    try:
        file = os.open(FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        raise KeystoreError(f"{path}: holds no identity; `looptwin keys init` makes one") from None
    except OSError:
        raise KeystoreError(f"{place}: must be a file, and no link to one") from None
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise KeystoreError(f"{place}: must be a file, and no link to one")
        _check_private(found, place, "0600")
        return opened.read(_FILE_BYTES + 1)


def _stands(folder: int) -> bool:
    try:
        os.stat(FILE, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write(folder: int, path: Path, content: bytes, *, replaces: bool) -> None:
    beside = f".{FILE}.{random_bytes(8).hex()}"
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        try:
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(file)
            if replaces:
                os.rename(beside, FILE, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                # unlike a rename, a link never takes the place of a file
                os.link(beside, FILE, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=folder)
        os.fsync(folder)
    except OSError as error:
        raise KeystoreError(f"{path / FILE}: cannot be written: {error.strerror}") from None


def _sealed(identity: HybridIdentity, passphrase: str, cost_bits: int) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = random_bytes(_SALT_BYTES), random_bytes(_NONCE_BYTES)
    content = AESGCM(_key(passphrase, salt, cost_bits)).encrypt(nonce, identity.seeds(), _covered(salt, cost_bits))
    fields = {
        "format": FORMAT,
        "scrypt_cost_bits": cost_bits,
        "salt": b64encode(salt).decode(),
        "sealed": b64encode(nonce + content).decode(),
    }
    return json.dumps(fields, indent=1).encode() + b"\n"


def _unsealed(content: bytes, passphrase: str, place: Path) -> tuple[HybridIdentity, int]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cost_bits, salt, sealed = _fields(content, place)
    cipher = AESGCM(_key(passphrase, salt, cost_bits))
    try:
        seeds = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _covered(salt, cost_bits))
    except InvalidTag:
        raise KeystoreError(f"{place}: the passphrase is wrong, or the file was changed") from None
    return HybridIdentity(seeds), cost_bits


def _fields(content: bytes, place: Path) -> tuple[int, bytes, bytes]:
    """Return the cost, the salt and what is sealed; a cost outside its bounds is refused before it is paid."""
    try:
        if len(content) > _FILE_BYTES:
            raise ValueError  # noqa: TRY301 - all that is no keystore file is answered alike
        found = json.loads(content)
        cost_bits, salt, sealed = found["scrypt_cost_bits"], b64decode(found["salt"]), b64decode(found["sealed"])
        sound = found["format"] == FORMAT and type(cost_bits) is int and len(salt) == _SALT_BYTES
        sound = sound and len(sealed) == _NONCE_BYTES + 2 * SEED_BYTES + 16
        if not sound or not LEAST_COST_BITS <= cost_bits <= MOST_COST_BITS:
            raise ValueError  # noqa: TRY301 - as above
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KeystoreError(f"{place}: is no identity of a keystore, or is damaged") from None
    return cost_bits, salt, sealed


def _key(passphrase: str, salt: bytes, cost_bits: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    if not LEAST_COST_BITS <= cost_bits <= MOST_COST_BITS:
        raise ValueError(f"the cost of scrypt is from {LEAST_COST_BITS} to {MOST_COST_BITS} bits, not {cost_bits}")
    return Scrypt(salt=salt, length=32, n=1 << cost_bits, r=BLOCK_SIZE, p=1).derive(passphrase.encode())


def _covered(salt: bytes, cost_bits: int) -> bytes:
    return f"{FORMAT}, scrypt {cost_bits} {BLOCK_SIZE} 1\n".encode() + salt
