"""Spawned worker processes for independent pieces of work, and what happens when one of them dies.

Spawned, not forked: a fork after JAX has started its threads can hang. A worker imports the modules that the work is
made of and nothing else: not the caller's main module (so a script needs no guard, and `python -` works), and not
pandas or JAX unless the work asks. It finds the same rooms as its parent, computes on one thread, leaves Ctrl-C to its
parent and ends when its parent does, however that ends.
"""

from __future__ import annotations

import pickle
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

from looptwin.errors import RunFailed, UserError
from looptwin.replications.labour import Answer, pack, perform, sentence, settle
from looptwin.replications.spawning import HOME, QuietContext, interrupts_blocked, interrupts_noted

Item = TypeVar("Item")
Result = TypeVar("Result")

ATTEMPTS = 3
"""How often an item may lose its worker before the run fails."""

ANSWER_SECONDS = 0.1
"""How long Ctrl-C may wait for its answer."""


def carry_out(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    name: Callable[[Item], str] = str,
    say: Callable[[str], None] = lambda text: None,
) -> Generator[tuple[int, Result], None, None]:
    """Yield (place, result) of every item as they end; with one worker in this process and in order.

    work: picklable when there are several workers, and so are items and results. name: how messages call an item.
    say: told when an item is done again because its worker died. Close the iterator to stop the workers.
    Raises RunFailed that names the item when the work raises or loses its worker three times; a UserError of the work
    comes through as it is.
    """
    if workers < 1:
        raise UserError(f"workers must be at least 1, got {workers}")
    if min(workers, len(items)) <= 1:
        yield from _in_this_process(work, items, name)
    else:
        assignment = pack(work, items)
        yield from _Sweep(assignment, items, min(workers, len(items)), name, say).results()


def _in_this_process(
    work: Callable[[Item], Result], items: Sequence[Item], name: Callable[[Item], str]
) -> Iterator[tuple[int, Result]]:
    for place, item in enumerate(items):
        try:
            result = work(item)
        except UserError:
            raise
        except Exception as error:
            raise RunFailed(f"{name(item)} failed: {sentence(error)}") from error
        yield place, result


class _Sweep(Generic[Item]):
    """Items on their way through pools of workers. Holds state: what waits, what flies, what lost its worker."""

    def __init__(
        self,
        assignment: bytes,
        items: Sequence[Item],
        workers: int,
        name: Callable[[Item], str],
        say: Callable[[str], None],
    ) -> None:
        self._assignment = assignment
        self._items = items
        self._workers = workers
        self._name = name
        self._say = say
        self._waiting = deque(range(len(items)))
        self._flying: dict[Future[Any], int] = {}
        self._losses: Counter[int] = Counter()

    def results(self) -> Iterator[tuple[int, Any]]:
        with interrupts_noted() as act_on_interrupt:
            while self._waiting:
                pool = _Pool(self._workers, self._assignment)
                try:
                    yield from self._through(pool, act_on_interrupt)
                    pool.end()
                except BrokenExecutor:
                    why = pool.bury()
                    yield from self._take_back(why)
                finally:
                    pool.kill()

    def _through(self, pool: _Pool, act_on_interrupt: Callable[[], None]) -> Iterator[tuple[int, Any]]:
        """Keep every worker busy with one item and no more, so that a death can be blamed on few."""
        while self._waiting or self._flying:
            act_on_interrupt()
            while len(self._flying) < self._workers and (place := self._next()) is not None:
                self._flying[pool.submit(place)] = place
                self._waiting.remove(place)
            done, _ = wait(self._flying, timeout=ANSWER_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                result = self._open(future.result(), self._flying[future])
                yield self._flying.pop(future), result
        act_on_interrupt()

    def _next(self) -> int | None:
        """The next item; of those that lost a worker only one flies at a time, so that the innocent get away."""
        suspect_flies = any(self._losses[place] for place in self._flying.values())
        return next((place for place in self._waiting if not (suspect_flies and self._losses[place])), None)

    def _take_back(self, why: str) -> Iterator[tuple[int, Any]]:
        """After a death: keep what had ended, send the rest back to the front of the queue."""
        fallen = []
        for future, place in list(self._flying.items()):
            del self._flying[future]
            if future.done() and not future.cancelled() and future.exception() is None:
                yield place, self._open(future.result(), place)
            else:
                fallen.append(place)
        for place in sorted(fallen, reverse=True):
            self._losses[place] += 1
            self._waiting.appendleft(place)
            if self._losses[place] >= ATTEMPTS:
                raise RunFailed(f"{self._name(self._items[place])} lost its worker {ATTEMPTS} times ({why})")
        if fallen:
            names = ", ".join(self._name(self._items[place]) for place in sorted(fallen))
            self._say(f"a worker died ({why}); done again: {names}")

    def _open(self, answer: Answer, place: int) -> Any:
        if isinstance(answer.error, UserError):
            raise answer.error
        if answer.error is not None:
            failure = RunFailed(f"{self._name(self._items[place])} failed: {answer.error}")
            failure.add_note(f"In the worker:\n{answer.trace}")
            raise failure
        letter = answer.letter
        if isinstance(letter, bytes):
            return pickle.loads(letter)  # noqa: S301 - written by our own worker a moment ago
        with letter.open("rb") as file:
            result = pickle.load(file)  # noqa: S301 - as above
        letter.unlink()
        return result


class _Pool:
    """One process pool and the processes it started. Holds state."""

    def __init__(self, workers: int, assignment: bytes) -> None:
        self._context = QuietContext()
        try:
            self._spool = TemporaryDirectory(prefix="looptwin-")
            self._executor = ProcessPoolExecutor(
                workers,
                mp_context=self._context,
                initializer=settle,
                initargs=(assignment, HOME, Path(self._spool.name)),
            )
        except (OSError, NotImplementedError, ImportError) as error:
            raise RunFailed(f"workers cannot be started here ({error}); use one worker") from error

    def submit(self, place: int) -> Future[Any]:
        with interrupts_blocked():
            try:
                return self._executor.submit(perform, place)
            except OSError as error:
                raise RunFailed(f"a worker cannot be started ({error}); use fewer workers") from error

    def end(self) -> None:
        self._executor.shutdown(wait=True)

    def bury(self) -> str:
        """End what is left of a broken pool; say how its first worker died."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        codes = [process.exitcode for process in self._context.started]
        # The executor ends the survivors by SIGTERM.
        strange = [code for code in codes if code not in (None, 0, -signal.SIGTERM)]
        code = strange[0] if strange else -signal.SIGTERM
        assert code is not None
        return f"exit status {code}" if code > 0 else f"killed by signal {-code}"

    def kill(self) -> None:
        for process in self._context.started:
            if process.is_alive():
                process.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)
        for process in self._context.started:
            process.join()
        self._spool.cleanup()
