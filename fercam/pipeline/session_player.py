"""Plays a session: its pictures and the faces that belong to them, pulled like a pipeline's."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fercam.core.mailbox import Latest
from fercam.core.values import AnnotatedFrame, Frame
from fercam.pipeline.session_play import SessionPlay

if TYPE_CHECKING:  # they need libraries that must not delay the window
    from fercam.recording.session_json import SessionInfo
    from fercam.sessions.session import Session


class SessionPlayerListener(Protocol):
    """Is called from the player's thread; must return at once."""

    def on_opened(self, session: "Session") -> None:
        """A session is open and its first picture comes next."""

    def on_place(self, t_s: float, playing: bool) -> None:
        """Another frame is shown, or playing has begun or ended."""

    def on_player_failed(self, message: str) -> None:
        """What was asked could not be done; one plain sentence."""


class SessionPlayer:
    """Shows one session at a time, on a thread of its own; every method returns at once.

    Where the video has the overlay in its pictures already, results carry no faces. Where there is
    no picture, the faces come on an empty one.
    """

    mirrored = False

    def __init__(self, listener: SessionPlayerListener) -> None:
        self._listener = listener
        self._play: SessionPlay | None = None
        self._closing: SessionPlay | None = None

    @property
    def newest_frame(self) -> Latest[Frame]:
        """The frame to show."""
        return self._play.newest_frame if self._play else Latest()

    @property
    def newest_result(self) -> Latest[AnnotatedFrame]:
        """The frame to show with its faces."""
        return self._play.newest_result if self._play else Latest()

    def open(self, folder: Path) -> None:
        """Open a session at its beginning, held; the one before is closed."""
        self.close()
        play = SessionPlay(folder, lambda: self._listener if self._play is play else None)
        self._play = play
        play.start()

    def close(self) -> None:
        """Close the session; the listener hears no more of it."""
        if self._play is not None:
            self._play.request_stop()
            self._closing, self._play = self._play, None

    def join(self, timeout_s: float) -> bool:
        """Wait until what was closed has let go of its files; return whether it has."""
        return self._closing is None or self._closing.join(timeout_s)

    def set_playing(self, playing: bool) -> None:
        """Play on, from the beginning if it is at its end, or hold."""
        self._order(lambda play: play.set_playing(playing))

    def set_speed(self, speed: float) -> None:
        """Play `speed` times as fast as it was."""
        self._order(lambda play: play.set_speed(speed))

    def seek(self, t_s: float) -> None:
        """Show the frame at a time; of several wishes only the last is followed."""
        if self._play is not None:
            self._play.seek(t_s)

    def step(self, frames: int) -> None:
        """Hold and go so many frames on (1) or back (-1)."""
        self._order(lambda play: play.step(frames))

    def use_table(self, model: str | None) -> None:
        """Show what this model saw; None is the one the session was made with."""
        self._order(lambda play: play.use_table(model))

    def second_table(self, model: str | None) -> None:
        """Show what another model says beside it; None shows one again."""
        self._order(lambda play: play.second_table(model))

    def set_info(self, info: "SessionInfo") -> None:
        """Use a description that was edited: other names, merged people."""
        self._order(lambda play: play.set_info(info))

    def _order(self, order: Callable[[SessionPlay], None]) -> None:
        if self._play is not None:
            self._play.order(order)
