"""The first signal asks a run to stop where its work allows; the second stops it as soon as Python is reached."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEARD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_request(deadline: float | None) -> Iterator[Callable[[], bool]]:
    """Whether to stop, by Ctrl-C, SIGTERM or a deadline (`time.time()`); a second signal raises KeyboardInterrupt.
    Outside the main thread, which alone may listen, only the deadline counts."""
    heard, listening = [], threading.current_thread() is threading.main_thread()

    def note(number, frame):
        heard.append(number)
        for each in HEARD:
            signal.signal(each, signal.default_int_handler)

    previous = {number: signal.signal(number, note) for number in HEARD if listening}
    try:
        yield lambda: bool(heard) or (deadline is not None and time.time() > deadline)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
