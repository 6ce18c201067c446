"""Times, sizes and dates as people read them."""

from datetime import datetime


def clock(t_s: float, decimals: int = 0) -> str:
    """Return a time such as "0:07", "1:02:03" or, with a decimal, "0:07.4"."""
    step = 10**decimals
    ticks = max(0, int(t_s * step + 1e-6))
    whole_s, rest = divmod(ticks, step)
    minutes, seconds = divmod(whole_s, 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{words}.{rest:0{decimals}d}" if decimals else words


def length(seconds: float) -> str:
    """Return how long something lasted: "0.4 s", and from ten seconds on as `clock` does."""
    return f"{seconds:.1f} s" if seconds < 10 else clock(seconds)


def size(count: int) -> str:
    """Return a size on disk such as "340 kB", "12 MB" or "1.4 GB"."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    if count < 1_000_000_000:
        return f"{round(count / 1_000_000)} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def counted(count: int, one: str, many: str = "") -> str:
    """Return "1 face" or "1,204 faces"; `many` is a plural that is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def people(count: int) -> str:
    """Return "nobody", "1 person" or "3 people"."""
    return counted(count, "person", "people") if count else "nobody"


def percent(share: float | None) -> str:
    """Return a share of 0..1 such as "83.4%"; empty if it is not known."""
    return "" if share is None else f"{share:.1%}"


def called(number: int, name: str) -> str:
    """Return what a person is called: the name typed, else "Person 3"."""
    return name or f"Person {number}"


def date(utc: str) -> str:
    """Return a moment of ISO 8601 in this computer's time: "22 Nov 2026, 14:03"; empty if none."""
    try:
        moment = datetime.fromisoformat(utc).astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment.day} {moment:%b %Y, %H:%M}"
