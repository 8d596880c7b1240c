"""Two signals end the program, whatever it is doing.

Python hears a signal only between two of its own steps: not while a program compiles, nor while a device works or
memory is being found for it. But the signal's number is written to a pipe at once (`signal.set_wakeup_fd`), and here a
thread reads that. The first signal is a request, to be met where the work allows; after the second the main thread has
a moment to end by itself, and then the process ends.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE_SECONDS = 5.0
HEARD = (signal.SIGINT, signal.SIGTERM)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def watch(closing: Callable[[], None] = lambda: None) -> Callable[[], None]:
    """Listens until what it returns is called, in place of a watch that listens already; `closing()` is called before
    the process is ended.

    Does nothing outside the main thread, which alone may listen, and in an interactive session, where a second interrupt
    is an everyday thing and ending the process would lose all that is in it.
    """
    if not _in_main_thread() or hasattr(sys, "ps1"):
        return lambda: None
    over, (reading, writing) = threading.Event(), os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def listen() -> None:
        heard = 0
        while heard < 2 and (number := os.read(reading, 1)):
            heard += number[0] in HEARD
        if not number or over.wait(GRACE_SECONDS):
            os.close(reading)
            return
        closing()
        os.write(2, b"\ncrlkit: interrupted\n")
        os._exit(128 + number[0])

    def stop() -> None:
        over.set()
        signal.set_wakeup_fd(before)
        os.close(writing)  # which ends the thread

    threading.Thread(target=listen, name="signals", daemon=True).start()
    return stop


@contextmanager
def stop_request(deadline: float | None, closing: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether to stop, by Ctrl-C, SIGTERM or a deadline (`time.time()`). A second signal stops at once, whatever is
    going on; then `closing()` is called before the process ends. Outside the main thread only the deadline counts."""
    heard, stop = [], watch(closing)

    def note(number, frame):
        heard.append(number)
        signal.signal(number, signal.default_int_handler)

    previous = {number: signal.signal(number, note) for number in HEARD if _in_main_thread()}
    try:
        yield lambda: bool(heard) or (deadline is not None and time.time() > deadline)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        stop()
