"""From a source's time to a session's, which starts at 0 and leaves out where recording rested."""

from fercam.recording.session_json import Span

_SHORTEST_STEP_S = 1 / 60000  # the videos' finest step: no two frames share a time
_JUMP_BACK_S = 0.5  # a source whose time falls back by more has started anew


class SessionClock:
    """Turns the media times of frames, in order, into times of the session."""

    def __init__(self) -> None:
        self.pauses: list[Span] = []
        self._zero_s: float | None = None  # the media time of the session's time 0
        self._first_s = self._last_s = 0.0
        self._gap_s = 1 / 30
        self._paused_s: float | None = None  # the time of the session at which it rests

    @property
    def paused(self) -> bool:
        """Whether it rests."""
        return self._paused_s is not None

    @property
    def first_media_s(self) -> float:
        """The media time of the first frame; 0 before it."""
        return self._first_s

    def pause(self, media_s: float) -> None:
        """Rest from `media_s` on; harmless when resting, or before the first frame."""
        if self._zero_s is not None and self._paused_s is None:
            self._paused_s = max(media_s - self._zero_s, self._last_s + _SHORTEST_STEP_S)

    def resume(self, media_s: float) -> None:
        """Go on from `media_s`: the rest between takes no time of the session."""
        if self._zero_s is None or self._paused_s is None:
            return
        rest_s = max(0.0, media_s - self._zero_s - self._paused_s)
        self.pauses.append(Span(self._paused_s, self._paused_s + rest_s))
        self._zero_s += rest_s
        self._paused_s = None

    def time_s(self, media_s: float) -> float:
        """Return the time of the session of the next frame, later than that of the last."""
        if self._zero_s is None:
            self._zero_s = self._first_s = media_s
            return 0.0
        if media_s - self._zero_s < self._last_s - _JUMP_BACK_S:
            self._zero_s = media_s - self._last_s - self._gap_s
        now_s = max(media_s - self._zero_s, self._last_s + _SHORTEST_STEP_S)
        self._gap_s, self._last_s = now_s - self._last_s, now_s
        return now_s
