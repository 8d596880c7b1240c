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
from collections.abc import Callable

GRACE_SECONDS = 5.0
HEARD = (signal.SIGINT, signal.SIGTERM)


class Watch:
    """Listens from `start` to `stop`. `closing()` is called before the process is ended.

    Does nothing outside the main thread, which alone may listen; in an interactive session, where a second interrupt is
    an everyday thing and ending the process would lose all that is in it; and where another watch listens already.
    """

    active: "Watch | None" = None

    def __init__(self):
        self.closing: list[Callable[[], None]] = []
        self._over = threading.Event()
        self._pipe: tuple[int, int] | None = None

    def start(self) -> "Watch":
        main = threading.current_thread() is threading.main_thread()
        if main and not hasattr(sys, "ps1") and Watch.active is None:
            Watch.active = self
            self._pipe = os.pipe()
            os.set_blocking(self._pipe[1], False)
            self._before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
            threading.Thread(target=self._listen, args=(self._pipe[0],), name="signals", daemon=True).start()
        return self

    def stop(self) -> None:
        self._over.set()
        if self._pipe:
            signal.set_wakeup_fd(self._before)
            os.close(self._pipe[1])  # which ends the thread
            self._pipe, Watch.active = None, None

    def _listen(self, pipe: int) -> None:
        heard = 0
        while heard < 2:
            number = os.read(pipe, 1)
            if not number:
                os.close(pipe)
                return
            heard += number[0] in HEARD
        if self._over.wait(GRACE_SECONDS):
            os.close(pipe)
            return
        for close in self.closing:
            close()
        os.write(2, b"\ncrlkit: interrupted\n")
        os._exit(128 + number[0])
