"""The last seconds, kept in memory, so that what just happened can still be saved."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from fercam.core.errors import FerCamError
from fercam.core.mailbox import Mailbox
from fercam.core.stage import Stage
from fercam.core.values import AnnotatedFrame
from fercam.logs import logger
from fercam.recording.kept import KeptFrame, keep, save_kept
from fercam.recording.options import RecordOptions, SaveRule, SessionAbout
from fercam.recording.rules import RuleWatch

MOST_BYTES = 160_000_000
"""The memory the pictures may take: 30 s of 1280x720 at 30 fps take about half of it."""
RUNS_ON_S = 2.0
"""What a rule saves goes on for so long after the event."""
BY_HAND = "Saved by hand"

Saved = Callable[[str, bool], None]
"""Is told one sentence, and whether something went wrong."""


class ReplayBuffer:
    """Keeps frames for some seconds, on a thread of its own that there is only while it does.

    Every method returns at once and may be called from any thread. `saved` hears what became of
    each save; `about` is asked on the thread that saves. One save at a time.
    """

    def __init__(
        self,
        about: Callable[[], SessionAbout],
        saved: Saved,
        *,
        most_bytes: int = MOST_BYTES,
        runs_on_s: float = RUNS_ON_S,
    ) -> None:
        self._about = about
        self._saved = saved
        self._most_bytes = most_bytes
        self._runs_on_s = runs_on_s
        self._seconds = 0.0
        self._options = RecordOptions()
        self._lock = threading.Lock()
        self._kept: deque[KeptFrame] = deque()
        self._bytes = 0
        self._from_ns = 0  # frames captured earlier are of another source
        self._rules = RuleWatch(())
        self._wanted: tuple[str, int, int] | None = None  # words, the event, when to save it
        self._mailbox: Mailbox[AnnotatedFrame] | None = None
        self._stage: Stage | None = None
        self._saving: threading.Thread | None = None

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._stage is not None

    @property
    def seconds(self) -> float:
        """How much is kept just now, in seconds."""
        with self._lock:
            return self._span_s()

    @property
    def bytes(self) -> int:
        """How much memory the pictures take just now."""
        return self._bytes

    def set(self, seconds: float, rules: Sequence[SaveRule], options: RecordOptions) -> None:
        """Keep the last `seconds` (0: nothing), save when a rule says so, as `options` say."""
        watch = RuleWatch(rules)
        with self._lock:
            self._seconds, self._options = seconds, options
            if watch.rules != self._rules.rules:  # the same ones remember when they last saved
                self._rules = watch
        if seconds > 0 and self._stage is None:
            self._mailbox = mailbox = Mailbox[AnnotatedFrame]()
            self._stage = Stage("fercam-replay", lambda: self._step(mailbox), _log_failure)
            self._stage.start()
        elif seconds <= 0:
            self.close()

    def offer(self, annotated: AnnotatedFrame) -> None:
        """Hand a frame over; one there is no time for is left out."""
        mailbox = self._mailbox
        if mailbox is not None:
            mailbox.put(annotated)

    def clear(self, about: Callable[[], SessionAbout] | None = None) -> None:
        """Forget everything, since another source is watched from now on; what a rule wanted is
        saved first, with what `about` says of the source so far."""
        with self._lock:
            wanted, self._wanted, kept = self._wanted, None, list(self._kept)
            self._kept.clear()
            self._bytes = 0
            self._rules.forget()
            self._from_ns = time.monotonic_ns()
        if wanted is not None:
            self._save(kept, *wanted[:2], about)

    def save(self, words: str = BY_HAND) -> None:
        """Save what just happened."""
        now_ns = time.monotonic_ns()
        with self._lock:
            kept = list(self._kept)
        self._save(kept, words, now_ns)

    def close(self) -> None:
        """Keep nothing any more; a save that is under way, or that a rule wanted, is completed."""
        mailbox, stage = self._mailbox, self._stage
        self._mailbox = self._stage = None
        if mailbox is not None and stage is not None:
            stage.stop()
            mailbox.close()
        self.clear()

    def join(self, timeout_s: float) -> bool:
        """Wait until a save that is under way is complete; return whether it is."""
        saving = self._saving
        if saving is not None:
            saving.join(timeout_s)
        return saving is None or not saving.is_alive()

    # On the thread of the buffer

    def _step(self, mailbox: Mailbox[AnnotatedFrame]) -> None:
        annotated = mailbox.take(timeout_s=0.1)
        if annotated is not None:
            self._keep(annotated)
        due: tuple[list[KeptFrame], str, int] | None = None
        with self._lock:
            if self._wanted is not None and time.monotonic_ns() >= self._wanted[2]:
                due = list(self._kept), *self._wanted[:2]
                self._wanted = None
        if due is not None:
            self._save(*due)

    def _keep(self, annotated: AnnotatedFrame) -> None:
        kept = keep(annotated)
        with self._lock:
            if kept.t_capture_ns < self._from_ns:
                return
            self._kept.append(kept)
            self._bytes += len(kept.jpeg)
            while self._kept and (self._span_s() > self._seconds or self._bytes > self._most_bytes):
                self._bytes -= len(self._kept.popleft().jpeg)
            words = self._rules.add(annotated)
            if words and self._wanted is None:
                event_ns = annotated.frame.t_capture_ns
                due_ns = time.monotonic_ns() + round(self._runs_on_s * 1e9)
                self._wanted = words, event_ns, due_ns

    def _span_s(self) -> float:
        if not self._kept:
            return 0.0
        return (self._kept[-1].t_capture_ns - self._kept[0].t_capture_ns) / 1e9

    # Saving

    def _save(
        self,
        kept: list[KeptFrame],
        words: str,
        event_ns: int,
        about: Callable[[], SessionAbout] | None = None,
    ) -> None:
        with self._lock:
            busy = self._saving is not None and self._saving.is_alive()
            if not busy and kept:
                self._saving = threading.Thread(
                    target=self._write_all,
                    args=(kept, words, event_ns, about or self._about, self._options),
                    name="fercam-replay-save",
                )
                self._saving.start()
        if busy and words == BY_HAND:
            self._saved("The last replay is still being saved; try again in a moment.", True)
        elif not kept:
            self._saved("There is nothing to save yet: no picture was kept.", True)

    def _write_all(
        self,
        kept: list[KeptFrame],
        words: str,
        event_ns: int,
        about: Callable[[], SessionAbout],
        options: RecordOptions,
    ) -> None:
        try:
            saved = save_kept(kept, (event_ns, words), about, options)
        except FerCamError as error:
            self._saved(error.user_message, True)
        except Exception as failure:  # noqa: BLE001  (the one place where it surfaces)
            _log_failure(failure)
            self._saved(
                f"The replay could not be saved ({type(failure).__name__}); see the log.", True
            )
        else:
            why = "" if words == BY_HAND else f"{words}. "
            self._saved(f"{why}The last {saved}.", False)


def _log_failure(failure: Exception) -> None:
    logger.error("the replay failed", exc_info=failure)
