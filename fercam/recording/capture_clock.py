"""From moments of capture to times of a recording, which leaves out its rests."""


class CaptureClock:
    """Moments are monotonic nanoseconds. Told in the order of time, asked about any moment."""

    def __init__(self) -> None:
        self.origin_ns: int | None = None
        """The moment of the first frame, None before it."""
        self._rests_ns: list[tuple[int, int]] = []
        self._resting_ns: int | None = None

    def begin(self, t_ns: int) -> None:
        """Let the recording begin here."""
        self.origin_ns = t_ns

    def rest(self, t_ns: int) -> None:
        """Rest from here on; before the beginning, or in a rest, there is nothing to rest from."""
        if self.origin_ns is not None and self._resting_ns is None:
            self._resting_ns = t_ns

    def go_on(self, t_ns: int) -> None:
        """End a rest."""
        if self._resting_ns is not None:
            self._rests_ns.append((self._resting_ns, t_ns))
            self._resting_ns = None

    def since_first_s(self, t_ns: int) -> float:
        """Return the seconds since the first frame, rests and all."""
        return 0.0 if self.origin_ns is None else (t_ns - self.origin_ns) / 1e9

    def rests_at(self, t_ns: int) -> bool:
        """Return whether this moment is left out."""
        if self._resting_ns is not None and t_ns >= self._resting_ns:
            return True
        return any(start_ns <= t_ns < end_ns for start_ns, end_ns in self._rests_ns)

    def recorded_s(self, t_ns: int) -> float:
        """Return the time of the recording at this moment, in a rest that of its beginning;
        negative before the first frame."""
        if self._resting_ns is not None:
            t_ns = min(t_ns, self._resting_ns)
        rested_ns = sum(
            min(t_ns, end_ns) - start_ns for start_ns, end_ns in self._rests_ns if start_ns < t_ns
        )
        return self.since_first_s(t_ns - rested_ns)
