"""`looptwin init`: a scenario of one's own, whole or not at all, and never over a file that is there."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from looptwin.errors import UserError, folder_error


def init_command(arguments: Namespace) -> int:
    """Write NAME.yaml and its schema into the present folder, and say what to do next."""
    from scenarios.json_schema import json_schema
    from scenarios.template import SCHEMA_FILE, template

    name = str(arguments.name).removesuffix(".yaml")
    if not name.replace("-", "_").isidentifier():
        raise UserError(f"{arguments.name!r} is no name for a scenario: letters, digits, - and _, and no digit first")
    schema = json.dumps(json_schema(), indent=1) + "\n"
    wanted = {f"{name}.yaml": template(name), SCHEMA_FILE: schema}
    if _holds(Path(SCHEMA_FILE), schema):
        # another scenario stands here already, of this same version
        del wanted[SCHEMA_FILE]
    write_new(Path(), wanted)
    sys.stdout.write(
        f"wrote {' and '.join(wanted)}; now change it, then\n"
        f"  looptwin validate ./{name}.yaml\n  looptwin run ./{name}.yaml\n"
    )
    return 0


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def write_new(folder: Path, wanted: Mapping[str, str]) -> None:
    """Write files that are not there yet, all or none.

    Raises UserError when one is there, FolderError when the disk is full or closed.
    """
    written: list[Path] = []
    try:
        for name, text in wanted.items():
            _write(folder / name, text)
            written.append(folder / name)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise folder_error(error, folder.absolute()) from error
        raise


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        # unlike a rename, a link never takes the place of a file
        os.link(beside, path)
    except FileExistsError:
        raise UserError(f"{path}: is there already and is not written over; choose another name or move it") from None
    finally:
        beside.unlink(missing_ok=True)
