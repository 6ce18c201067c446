"""One session being shown, on a thread of its own."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fercam.core.errors import FerCamError, SessionError
from fercam.core.mailbox import Latest
from fercam.core.stage import Stage
from fercam.core.values import AnnotatedFrame, Frame, Image
from fercam.logs import logger

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.recording.session_json import SessionInfo
    from fercam.sessions.pictures import PictureReader
    from fercam.sessions.session import Session
    from fercam.sessions.table import FrameTable

WRONG_PICTURE_S = 0.5
"""A picture that far from its frame's time is another one: the video was cut."""
_EMPTY = 24  # gray of the picture where there is none


class Teller(Protocol):
    """What a player tells; see `session_player.SessionPlayerListener`."""

    def on_opened(self, session: "Session") -> None: ...
    def on_place(self, t_s: float, playing: bool) -> None: ...
    def on_player_failed(self, message: str) -> None: ...


class SessionPlay:
    """Shows the session in a folder until `request_stop`; see `SessionPlayer` for what it tells.

    `listener` gives who is to be told, None once nobody listens. `start`, `order`, `seek`,
    `request_stop` and `join` may be called from anywhere, all else is ordered.
    """

    def __init__(self, folder: Path, listener: Callable[[], Teller | None]) -> None:
        self.newest_frame: Latest[Frame] = Latest()
        self.newest_result: Latest[AnnotatedFrame] = Latest()
        self._folder = folder
        self._listener = listener
        self._changed = threading.Condition()
        self._orders: list[Callable[[SessionPlay], None]] = []
        self._seek_to_s: float | None = None
        self._playing = False
        self._speed = 1.0
        self._frame = 0
        self._anchor = (0.0, 0.0)  # real time and session time at which playing began
        self._second: FrameTable | None = None
        self._reader: PictureReader | None = None
        self._session: Session | None = None
        self._stage = Stage("fercam-player", self._play_all, self._failed)

    def start(self) -> None:
        """Open the session and show its first frame."""
        self._stage.start()

    def request_stop(self) -> None:
        """End soon."""
        self._stage.stop()
        with self._changed:
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it came."""
        return self._stage.join(timeout_s)

    def order(self, order: Callable[["SessionPlay"], None]) -> None:
        """Do something on the player's thread, after what was ordered before."""
        with self._changed:
            self._orders.append(order)
            self._changed.notify()

    def seek(self, t_s: float) -> None:
        """Show the frame at a time; a wish that was not yet followed is forgotten."""
        with self._changed:
            waiting, self._seek_to_s = self._seek_to_s is not None, t_s
            if not waiting:
                self._orders.append(SessionPlay._follow_seek)
            self._changed.notify()

    # What may be ordered

    def set_playing(self, playing: bool) -> None:
        """See `SessionPlayer`."""
        if playing and self._frame >= self._table.frames - 1:
            self._go_to(0)
        self._playing = playing and self._table.frames > 1
        self._anchor_here()
        self._tell_place()

    def set_speed(self, speed: float) -> None:
        """See `SessionPlayer`."""
        self._speed = speed
        self._anchor_here()

    def step(self, frames: int) -> None:
        """See `SessionPlayer`."""
        self._playing = False
        self._go_to(self._frame + frames)

    def use_table(self, model: str | None) -> None:
        """See `SessionPlayer`."""
        now_s = self._now_s
        self._own_table = self._opened.table_of(model)
        self._table = self._own_table.with_people(self._opened.info)
        self._go_to(self._table.frame_at(now_s))

    def second_table(self, model: str | None) -> None:
        """See `SessionPlayer`."""
        self._second = self._opened.table_of(model) if model else None
        self._go_to(self._frame)

    def set_info(self, info: "SessionInfo") -> None:
        """See `SessionPlayer`."""
        self._session = self._opened.with_info(info)
        self._table = self._own_table.with_people(info)
        self._go_to(self._frame)

    def _follow_seek(self) -> None:
        with self._changed:
            wanted_s, self._seek_to_s = self._seek_to_s, None
        self._go_to(self._table.frame_at(wanted_s or 0.0))

    # The thread

    def _play_all(self) -> None:
        try:
            self._open()
            while not self._stage.stopping:
                for order in self._wait_for_orders():
                    self._follow(order)
                if self._playing:
                    self._play_on()
        finally:
            if self._reader is not None:
                self._reader.close()

    def _open(self) -> None:
        from fercam.sessions.pictures import PictureReader
        from fercam.sessions.session import ANNOTATED, open_session

        session = self._session = open_session(self._folder)
        self._own_table = session.table
        self._table = session.table.with_people(session.info)
        self._shows_faces = session.video_kind != ANNOTATED
        self._empty = _empty_picture(session.table)
        listener = self._listener()
        if listener is not None:
            listener.on_opened(session)
        try:
            if session.video is not None:
                self._reader = PictureReader(session.video, session.video_start_s)
        except SessionError as failure:
            self._tell_failure(failure.user_message)
        self._go_to(0)

    @property
    def _opened(self) -> "Session":
        assert self._session is not None  # orders are followed once it is open
        return self._session

    def _wait_for_orders(self) -> list[Callable[["SessionPlay"], None]]:
        """Return what is to be done, at the latest when the next frame is due."""
        with self._changed:
            if not self._orders and not self._stage.stopping:
                self._changed.wait(self._next_due_s() if self._playing else None)
            orders, self._orders = self._orders, []
            return orders

    def _follow(self, order: Callable[["SessionPlay"], None]) -> None:
        try:
            order(self)
        except SessionError as failure:
            self._tell_failure(failure.user_message)

    def _failed(self, failure: Exception) -> None:
        if not isinstance(failure, FerCamError):
            logger.error("the player failed", exc_info=failure)
        words = "The session cannot be played any further; open it again."
        self._tell_failure(getattr(failure, "user_message", words))

    def _next_due_s(self) -> float:
        following = min(self._frame + 1, self._table.frames - 1)
        start_s, from_s = self._anchor
        due_s = start_s + (float(self._table.time_s[following]) - from_s) / self._speed
        return max(0.0, due_s - time.monotonic())

    def _play_on(self) -> None:
        """Show the frame that is due; frames that were missed are passed over."""
        start_s, from_s = self._anchor
        due = self._table.frame_at(from_s + (time.monotonic() - start_s) * self._speed)
        if due > self._frame:
            self._playing = due < self._table.frames - 1
            self._show(due)

    def _go_to(self, frame: int) -> None:
        self._show(min(max(frame, 0), self._table.frames - 1))
        self._anchor_here()

    def _anchor_here(self) -> None:
        self._anchor = (time.monotonic(), self._now_s)

    @property
    def _now_s(self) -> float:
        return float(self._table.time_s[self._frame]) if self._table.frames else 0.0

    def _show(self, frame: int) -> None:
        if not self._table.frames:
            return
        self._frame = frame
        result = self._table.annotated(frame, self._picture(), self._opened.names, self._second)
        if not self._shows_faces:
            result = AnnotatedFrame(result.frame, (), result.t_done_ns)
        self.newest_result.set(result)
        self.newest_frame.set(result.frame)
        self._tell_place()

    def _picture(self) -> Image:
        if self._reader is None:
            return self._empty
        try:
            t_s, image = self._reader.at(self._now_s)
        except SessionError as failure:
            self._tell_failure(failure.user_message)
            return self._empty
        return image if abs(t_s - self._now_s) < WRONG_PICTURE_S else self._empty

    def _tell_place(self) -> None:
        listener = self._listener()
        if listener is not None:
            listener.on_place(self._now_s, self._playing)

    def _tell_failure(self, message: str) -> None:
        listener = self._listener()
        if listener is not None:
            listener.on_player_failed(message)


def _empty_picture(table: "FrameTable") -> Image:
    """Return a dark picture with room for every box."""
    corners = table.box_px[:, :2] + table.box_px[:, 2:]
    width, height = np.maximum((640, 360), corners.max(axis=0, initial=0) + 20).tolist()
    picture = np.full((height, width, 3), _EMPTY, np.uint8)
    picture.setflags(write=False)
    return picture
