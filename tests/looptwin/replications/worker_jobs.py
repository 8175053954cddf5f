"""Small pieces of work for the tests of workers, which import them by name."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from looptwin.errors import UserError


def square(item: int) -> int:
    return item * item


def process_number(item: int) -> int:
    return os.getpid()


def where_is_sim(item: int) -> str | None:
    import sim

    return sim.__file__


def modules_and_environment(item: int) -> tuple[set[str], dict[str, str]]:
    return {name.partition(".")[0] for name in sys.modules}, dict(os.environ)


def multiply_matrices(library: str) -> float:
    """The share of the busiest thread in the processor time that products of large matrices cost."""
    if library == "jax":
        import jax.numpy as np
    else:
        import numpy as np
    matrix = np.ones((1000, 1000))
    float((matrix @ matrix)[0, 0])
    before = _time_of_threads()
    for _ in range(5):
        float((matrix @ matrix)[0, 0])
    spent = [time - before.get(thread, 0) for thread, time in _time_of_threads().items()]
    return max(spent) / sum(spent)


def _time_of_threads() -> dict[str, int]:
    """Processor time of every thread of this process, in nanoseconds."""
    tasks = Path("/proc/self/task").iterdir()
    return {task.name: int((task / "schedstat").read_text().split()[0]) for task in tasks}


def many_bytes(number: int) -> bytes:
    return bytes(number)


def hears_no_interrupt(item: int) -> tuple[bool, bool]:
    """Whether Ctrl-C is ignored here, and whether it was blocked from the process's first moment."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return signal.getsignal(signal.SIGINT) == signal.SIG_IGN, signal.SIGINT in blocked


def prints(item: int) -> None:
    print("a job's own words")  # noqa: T201 - which is the point


def dies_once(item: int, marker: Path) -> int:
    """Item 2 kills its worker the first time."""
    if item == 2 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def dies_while_sending(item: int, marker: Path) -> bytes:
    """Item 1 kills its worker while its large result is on the way, the first time."""
    if item == 1 and not marker.exists():
        marker.touch()
        threading.Thread(target=_die_while_sending, args=[threading.get_ident()], daemon=True).start()
    return bytes(60_000_000)


def _die_while_sending(sender: int) -> None:
    """Wait until the thread writes to a file or to the pipe, whichever takes the result, and end the process then."""
    while True:
        frame = sys._current_frames()[sender]  # noqa: SLF001 - the only way to see what another thread does
        while frame is not None:
            if frame.f_code.co_name in ("write_bytes", "_send"):
                time.sleep(0.005)
                os.kill(os.getpid(), signal.SIGKILL)
            frame = frame.f_back
        time.sleep(0.0002)


def always_dies(item: int) -> int:
    if item == 1:
        os._exit(7)
    return item


def fails(item: int) -> int:
    if item == 2:
        raise ValueError("negative stock")
    return item


class OddError(Exception):
    """Cannot be rebuilt from its arguments, like many exceptions of users."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def fails_oddly(item: int) -> None:
    raise OddError("odd", " end")


def gives_a_lambda(item: int) -> Callable[[], Any]:
    return lambda: item


def refuses(item: int) -> None:
    raise UserError("stock 'serviceable' does not exist")


def sleeps_unless_first(item: int) -> int:
    if item:
        time.sleep(60)
    return os.getpid()


def tells_and_sleeps(folder: str) -> None:
    (Path(folder) / f"worker-{os.getpid()}").touch()
    time.sleep(60)
