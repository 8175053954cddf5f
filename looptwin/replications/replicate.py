"""Replications of a job: found on disk or computed, in this process or by workers, always the same.

A job is a function at the top level of a module that turns a `Task` into an `Outcome`. What comes back is in the order
of the tasks whatever the order in which they ended. With a run folder every finished replication is a shard at once,
its tables stay on disk, and a sweep that was stopped, in whatever way, goes on where it was.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from looptwin.errors import FolderError, Interrupted, folder_error
from looptwin.replications.lock import RunFolder
from looptwin.replications.shards import Key, Outcome, Replication, Shards, in_memory
from looptwin.replications.spawning import interrupts_noted
from looptwin.replications.workers import carry_out

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass(frozen=True)
class Task:
    """One replication to compute.

    payload: whatever the job needs, picklable; tasks that share it send it to a worker once. label: what sets this task
    apart in messages when several scenarios are replicated. workspace: given to the job when the run has a folder; a
    job may write Parquet parts there and return their paths as a table, which keeps its memory constant.
    """

    key: Key
    payload: Any = None
    label: str = ""
    workspace: Path | None = None

    @property
    def name(self) -> str:
        """How messages call this task."""
        return f"{self.label} replication {self.key.replication}".strip()


Job = Callable[[Task], Outcome]


class Narrator(Protocol):
    """Is told how a sweep goes. Nothing of it may reach the results."""

    def begin(self, total: int, found: int) -> None: ...
    def advance(self) -> None: ...
    def say(self, text: str) -> None: ...
    def end(self) -> None: ...


def replicate(
    job: Job,
    tasks: Sequence[Task],
    *,
    workers: int = 1,
    folder: RunFolder | None = None,
    narrator: Narrator | None = None,
) -> list[Replication]:
    """The replication of every task, in the order of the tasks; tasks with equal keys are computed once.

    With one worker everything runs in this process, otherwise in spawned ones. narrator: by default a progress bar when
    standard error is a terminal, lines there otherwise. A damaged shard and a replication whose worker died are done
    again and said. Raises Interrupted on Ctrl-C, RunFailed when a job fails, FolderError when the disk does; what was
    finished by then stays in the folder.
    """
    narrator = narrator or default_narrator(sys.stderr)
    shards = None if folder is None else folder.shards
    wanted = {task.key.id: task for task in tasks}
    found = {} if shards is None else _take_up(wanted, shards, narrator)
    missing = [task for address, task in wanted.items() if address not in found]
    narrator.begin(len(wanted), len(found))
    try:
        work = partial(_perform, job, shards)
        with closing(carry_out(work, missing, workers=workers, name=_name, say=narrator.say)) as results:
            for place, replication in results:
                found[missing[place].key.id] = replication
                narrator.advance()
        _tidy(shards, narrator)
    except BaseException as error:
        # People press Ctrl-C more than once; the second must not tear what the first asked for.
        with interrupts_noted():
            _tidy(shards, narrator)
            kept = _kept(wanted, shards)
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(f"interrupted; {kept}") from None
        if shards is not None:
            narrator.say(kept)
        raise
    return [found[task.key.id] for task in tasks]


def run_digest(replications: Sequence[Replication], tables: Sequence[str] = ("events", "kpis")) -> str:
    """Names and values of these tables of all replications in order, as 64 hexadecimal digits.

    A table that a replication does not have (a run that kept counters only) counts as absent, not as empty.
    """
    whole = hashlib.blake2b(digest_size=32)
    for replication in replications:
        for table in tables:
            whole.update(f"{table} {replication.digests.get(table, '-')}\n".encode())
    return whole.hexdigest()


def _perform(job: Job, shards: Shards | None, task: Task) -> Replication:
    if shards is None:
        return in_memory(task.key, job(task))
    with shards.workspace(task.key) as workspace:
        return shards.keep(task.key, job(replace(task, workspace=workspace)), workspace)


def _take_up(wanted: Mapping[str, Task], shards: Shards, narrator: Narrator) -> dict[str, Replication]:
    """What an earlier sweep finished; what it left unfinished or damaged is removed."""
    found = {}
    try:
        shards.sweep_up()
        for address, task in wanted.items():
            try:
                replication = shards.find(task.key)
            except FolderError as error:
                narrator.say(f"{task.name} is done again, its shard is damaged: {error}")
                shards.discard(task.key)
                continue
            if replication is not None:
                found[address] = replication
    except OSError as error:
        raise folder_error(error, shards.root) from error
    return found


def _tidy(shards: Shards | None, narrator: Narrator) -> None:
    if shards is not None:
        shards.sweep_up()
    narrator.end()


def _name(task: Task) -> str:
    return task.name


def _kept(wanted: Mapping[str, Task], shards: Shards | None) -> str:
    if shards is None:
        return "nothing is kept, as the run has no folder"
    count = sum(shards.has(task.key) for task in wanted.values())
    return f"{count} of {len(wanted)} replications are kept in {shards.root.parent}; the same command continues"


def default_narrator(stream: TextIO) -> Narrator:
    """A progress bar when the stream is a terminal, lines otherwise."""
    return Bar(stream) if stream.isatty() else Lines(stream)


class Lines:
    """Says on a stream what a reader must know, and at the end one line. Holds state: the counts."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._total = self._found = self._computed = 0

    def begin(self, total: int, found: int) -> None:
        self._total, self._found = total, found

    def advance(self) -> None:
        self._computed += 1

    def say(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        if self._total > 1 and self._found + self._computed == self._total:
            before = f", {self._found} kept from before" if self._found else ""
            self.say(f"{self._total} replications: {self._computed} computed{before}")


class Bar(Lines):
    """The same beside a progress bar, which goes when the sweep ends. Holds state."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, total: int, found: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        super().begin(total, found)
        columns = (TextColumn("replications"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(file=self._stream), transient=True, redirect_stdout=False)
        self._task = self._bar.add_task("", total=total, completed=found)
        self._bar.start()

    def advance(self) -> None:
        super().advance()
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def say(self, text: str) -> None:
        if self._bar is None:
            super().say(text)
        else:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        super().end()
