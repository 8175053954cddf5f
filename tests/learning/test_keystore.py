"""A keystore folder: for its owner alone, under a passphrase, whole at every moment."""

from __future__ import annotations

import copy
import json
import os
import pickle
import traceback
from pathlib import Path

import pytest

from learning.sessions.identity import HybridIdentity
from learning.sessions.keystore import FILE, LEAST_COST_BITS, Keystore, KeystoreError

HERONS = "three grey herons"
COST = LEAST_COST_BITS


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    """A keystore with an identity in it."""
    found = Keystore(tmp_path / "keys")
    found.create(HERONS, COST)
    return found


def test_what_was_made_is_what_opens(tmp_path: Path) -> None:
    store = Keystore(tmp_path / "keys")
    made = store.create(HERONS, COST)

    assert store.open(HERONS).public() == made.public()
    assert store.open(HERONS).public().accepts(b"said", made.tag(b"said"))


def test_folders_above_are_made_too_and_only_the_keystore_is_closed(tmp_path: Path) -> None:
    Keystore(tmp_path / "keys" / "north").create(HERONS, COST)

    assert (tmp_path / "keys" / "north").stat().st_mode & 0o777 == 0o700
    assert Keystore(tmp_path / "keys" / "north").open(HERONS)


def test_folder_and_file_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Keystore(tmp_path / "keys").create(HERONS, COST)
    finally:
        os.umask(before)

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("rights", [0o701, 0o710, 0o750, 0o755, 0o777])
def test_a_folder_that_others_can_enter_is_refused(store: Keystore, rights: int) -> None:
    store.folder.chmod(rights)

    with pytest.raises(KeystoreError, match="others have rights to it") as refused:
        store.open(HERONS)
    assert "must be 0700" in str(refused.value)
    with pytest.raises(KeystoreError, match="others have rights to it"):
        store.rotate(HERONS)
    with pytest.raises(KeystoreError, match="others have rights to it"):
        store.create(HERONS, COST)


@pytest.mark.parametrize("rights", [0o601, 0o604, 0o640, 0o644])
def test_a_file_that_others_can_read_is_refused(store: Keystore, rights: int) -> None:
    (store.folder / FILE).chmod(rights)

    with pytest.raises(KeystoreError, match="others have rights to it") as refused:
        store.open(HERONS)
    assert "must be 0600" in str(refused.value)


def test_links_are_refused_in_the_place_of_the_folder_and_of_the_file(store: Keystore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.folder, target_is_directory=True)
    with pytest.raises(KeystoreError, match="no link to one"):
        Keystore(tmp_path / "link").open(HERONS)

    file = store.folder / FILE
    file.rename(store.folder / "elsewhere")
    file.symlink_to(store.folder / "elsewhere")
    with pytest.raises(KeystoreError, match="no link to one"):
        store.open(HERONS)
    file.unlink()
    os.link(store.folder / "elsewhere", file)
    with pytest.raises(KeystoreError, match="no link to one"):
        store.open(HERONS)


def test_what_is_no_folder_or_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(KeystoreError, match="must be a folder"):
        Keystore(tmp_path / "file").open(HERONS)
    with pytest.raises(KeystoreError, match="there is no keystore"):
        Keystore(tmp_path / "nowhere").open(HERONS)
    (tmp_path / "keys").mkdir(mode=0o700)
    with pytest.raises(KeystoreError, match="holds no identity"):
        Keystore(tmp_path / "keys").open(HERONS)
    os.mkfifo(tmp_path / "keys" / FILE, 0o600)
    with pytest.raises(KeystoreError, match="must be a file"):
        Keystore(tmp_path / "keys").open(HERONS)


def test_another_users_folder_is_refused(store: Keystore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(KeystoreError, match="belongs to another user"):
        store.open(HERONS)


def test_an_identity_is_not_written_over(store: Keystore) -> None:
    before = (store.folder / FILE).read_bytes()
    with pytest.raises(KeystoreError, match="is there already"):
        store.create(HERONS, COST)

    assert (store.folder / FILE).read_bytes() == before


@pytest.mark.parametrize("wrong", ["", "three grey heron", "Three grey herons", HERONS + " "])
def test_a_wrong_passphrase_is_refused_and_changes_nothing(store: Keystore, wrong: str) -> None:
    before = (store.folder / FILE).read_bytes()
    for attempt in (store.open, store.rotate):
        with pytest.raises(KeystoreError, match="the passphrase is wrong, or the file was changed"):
            attempt(wrong)

    assert (store.folder / FILE).read_bytes() == before


def test_a_passphrase_too_short_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeystoreError, match="at least 8 characters"):
        Keystore(tmp_path / "keys").create("herons", COST)

    assert not (tmp_path / "keys").exists()


def test_a_changed_file_is_refused_wherever_it_was_changed(store: Keystore) -> None:
    """Salt and cost are covered by the seal, and a cost outside its bounds is refused before it is paid."""
    file = store.folder / FILE
    sound = json.loads(file.read_bytes())
    flipped = {
        name: ("B" if text[5] == "A" else "A").join([text[:5], text[6:]])
        for name, text in (("salt", sound["salt"]), ("sealed", sound["sealed"]))
    }
    for change in (
        {"salt": flipped["salt"]},
        {"sealed": flipped["sealed"]},
        {"scrypt_cost_bits": COST + 1},
        {"scrypt_cost_bits": 40},
        {"scrypt_cost_bits": 1},
        {"scrypt_cost_bits": True},
        {"scrypt_cost_bits": "14"},
        {"format": "looptwin keystore 0"},
        {"sealed": ""},
        {"salt": None},
    ):
        file.write_text(json.dumps(sound | change))
        with pytest.raises(KeystoreError):
            store.open(HERONS)
    for content in (b"", b"[]", b"{}", b"\xff", b"[" * 5000, b" " * 5000):
        file.write_bytes(content)
        with pytest.raises(KeystoreError, match="is no identity of a keystore, or is damaged"):
            store.open(HERONS)
    file.write_text(json.dumps(sound))
    assert store.open(HERONS)


def test_rotation_puts_a_fresh_identity_in_the_old_ones_place(store: Keystore) -> None:
    before = store.open(HERONS).public()
    old, new = store.rotate(HERONS)

    assert old.public() == before
    assert store.open(HERONS).public() == new.public() != before
    assert [path.name for path in store.folder.iterdir()] == [FILE]


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_identity_whole_and_nothing_beside(
    store: Keystore, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.open(HERONS).public()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(KeystoreError, match="No space left on device"):
        store.rotate(HERONS)
    monkeypatch.undo()

    assert [path.name for path in store.folder.iterdir()] == [FILE]
    assert store.open(HERONS).public() == before


def test_two_files_of_one_identity_have_nothing_in_common_but_their_names(tmp_path: Path) -> None:
    """Salt and nonce are fresh at every write."""
    from learning.sessions import keystore

    identity = HybridIdentity()
    one, other = (json.loads(keystore._sealed(identity, HERONS, COST)) for _ in range(2))  # noqa: SLF001

    assert one["salt"] != other["salt"]
    assert one["sealed"][:16] != other["sealed"][:16]


def test_no_secret_shows_in_a_text_a_pickle_an_exception_or_the_folder(store: Keystore) -> None:
    """Planted and hunted: both seeds, in every spelling, and the passphrase."""
    identity = store.open(HERONS)
    seeds = identity.seeds()
    hunted = [part for half in (seeds[:32], seeds[32:]) for part in (half, half.hex().encode())]
    hunted.append(HERONS.encode())
    shown = [repr(identity), str(store), repr(store), (store.folder / FILE).read_text()]
    for attempt in (lambda: store.open("something else"), lambda: store.create(HERONS, COST)):
        try:
            attempt()
        except KeystoreError as refused:
            shown.append("".join(traceback.format_exception(refused)))
    pickled = pickle.dumps(store)

    assert len(shown) == 6
    for secret in hunted:
        assert not any(secret in text.encode() for text in shown)
        assert secret not in pickled
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            attempt(identity)
