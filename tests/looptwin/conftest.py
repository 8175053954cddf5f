"""A user's folder with one scenario, in which commands are typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from looptwin.command import main
from tests.looptwin.command_line import SMALL, Told


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with one scenario, in which commands are typed."""
    (tmp_path / "small.yaml").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(here: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Type a command: status, standard output, standard error."""

    def command(*words: str) -> Told:
        status = main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    return command
