"""`looptwin keys`: fingerprints and nothing else come out, and the passphrase never goes in by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning.sessions import keystore
from learning.sessions.keystore import FILE, LEAST_COST_BITS, Keystore
from looptwin.collaboration.passphrase import VARIABLE
from looptwin.command import main

HERONS = "three grey herons"


@pytest.fixture(autouse=True)
def _cheap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    create = Keystore.create
    monkeypatch.setattr(keystore.Keystore, "create", lambda store, text: create(store, text, LEAST_COST_BITS))


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """A file of the user's that holds the passphrase."""
    path = tmp_path / "secret"
    path.write_text(HERONS + "\n")
    path.chmod(0o600)
    return "./secret"


def test_init_show_and_rotate_print_fingerprints_alone(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for what in ("init", "show", "rotate", "show"):
        assert main(["keys", what, "mine", "--passphrase-file", secret]) == 0
        found.append(capsys.readouterr().out)
    first = Keystore(Path("mine")).open(HERONS).public().fingerprint()

    made = found[0].removeprefix("made ")
    assert found[1] == f"holds {made}"
    assert found[2] == f"held {made}holds now {first}\n"
    assert found[3] == f"holds {first}\n"


def test_the_environment_may_hold_the_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, HERONS)

    assert main(["keys", "init", "mine"]) == 0
    assert Keystore(Path("mine")).open(HERONS)


def test_at_a_terminal_a_new_passphrase_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter([HERONS, "three grey heron", HERONS, HERONS, HERONS])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("looptwin.collaboration.passphrase.getpass", lambda prompt: next(typed))

    assert main(["keys", "init", "mine"]) == 2
    assert "the two passphrases differ" in capsys.readouterr().err
    assert not Path("mine").exists()
    assert main(["keys", "init", "mine"]) == 0
    assert main(["keys", "show", "mine"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init", "mine"], "no passphrase: name a file with --passphrase-file"),
        (["show", "mine", "--passphrase-file", "./secret"], "keys show: mine: there is no keystore"),
        (["show", "mine", "--passphrase-file", "./missing"], "missing: No such file"),
        (["show", "mine", "--passphrase-file", "./open"], "others have rights to this passphrase (0644)"),
        (["burn", "mine"], "invalid choice: 'burn'"),
        (["show", "mine", "--passphrase", "herons"], "there is no option --passphrase; did you mean"),
        (["show", "mine", "herons"], "nothing can stand where 'herons' stands"),
    ],
)
def test_a_mistake_is_one_line_and_no_traceback(
    words: list[str], said: str, secret: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    Path("open").write_text(HERONS)
    Path("open").chmod(0o644)

    assert main(["keys", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not Path("mine").exists()


def test_a_wrong_passphrase_is_said_and_not_repeated(
    secret: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["keys", "init", "mine", "--passphrase-file", secret])
    monkeypatch.setenv(VARIABLE, "three grey heron")

    assert main(["keys", "show", "mine"]) == 2
    err = capsys.readouterr().err
    assert err == f"keys show: mine/{FILE}: the passphrase is wrong, or the file was changed\n"
