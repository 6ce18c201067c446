"""What the app asks of the child: while it trains to wait, to go on, to stop, to go on alone; while
it brings networks in or out to break that off.
"""

import _thread
import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fercam.training.runs import wish_file

LOOK_EVERY_S = 0.5


class Control:
    """Hears the app out on threads of its own.

    Standard input takes the lines `pause`, `go`, `stop` and `alone`; its end means stop, unless the
    child was left alone. Windows that did not start it write the same into the run's `wish_file`.
    """

    def __init__(self, run_dir: Path, emit: Callable[..., None]) -> None:
        self._emit = emit
        self._wishes = wish_file(run_dir)
        self._alone = self._stop = False
        self._changed = threading.Condition()
        self._go = True
        for watch in (self._listen, self._look):
            threading.Thread(target=watch, name="app-watch", daemon=True).start()

    def stop_asked(self) -> bool:
        """Return whether training is to end and keep the best."""
        return self._stop

    def wait_while_paused(self) -> None:
        """Return at once, or when training may go on or has to stop."""
        with self._changed:
            if self._may_go():
                return
            self._emit("paused", paused=True)
            self._changed.wait_for(self._may_go)
        self._emit("paused", paused=False)

    def _may_go(self) -> bool:
        return self._go or self._stop

    def _listen(self) -> None:
        heard = b""
        while part := os.read(0, 1024):
            *lines, heard = (heard + part).split(b"\n")
            for line in lines:
                self._take(line.decode(errors="replace").strip())
        if not self._alone:
            self._take("stop")

    def _look(self) -> None:
        while not self._stop:
            with contextlib.suppress(OSError):
                self._take(self._wishes.read_text(encoding="utf-8").strip())
                self._wishes.unlink()
            time.sleep(LOOK_EVERY_S)

    def _take(self, wish: str) -> None:
        if wish == "alone":
            self._alone = True
            self._emit("alone")
        with self._changed:
            self._stop |= wish == "stop"
            if wish in ("pause", "go"):
                self._go = wish == "go"
            self._changed.notify_all()


_last_step = threading.RLock()
_broken_off = threading.Event()


def break_off_when_stdin_closes() -> None:
    """For work that leaves nothing half done: from now on the end of standard input raises
    KeyboardInterrupt in the main thread, unless the work has come to its `last_step`.
    """

    def watch() -> None:
        while os.read(0, 1024):
            pass
        with _last_step:
            _broken_off.set()
            _thread.interrupt_main()

    threading.Thread(target=watch, name="break-off-watch", daemon=True).start()


def last_step() -> None:
    """Call this before what was made is put in place: from here on the work is finished whatever
    the app asks, so that what is told of it is true.

    Raises:
        KeyboardInterrupt: it was broken off before, which went unheard: where Python cleans up or
            is called from C, exceptions are lost.
    """
    _last_step.acquire()
    if _broken_off.is_set():
        raise KeyboardInterrupt


def give_way() -> None:
    """Let every other program go first, the window's video above all."""
    import psutil

    if hasattr(os, "nice"):
        os.nice(19)
        # Linux may weigh a terminal session as a whole, whatever the niceness inside it
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text("19", encoding="utf-8")
    else:
        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
