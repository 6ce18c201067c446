"""Takes the pictures of the window anew, from the demo: `make screenshots`.

Each state is reached as a person would reach it, with the real pipeline; nothing of this machine
and nobody but the demo's portrait is in them.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from fercam import paths
from fercam.settings import Settings, save_settings
from fercam.ui.main_window import HELP, LIVE, SESSIONS, SETTINGS, WELCOME, MainWindow

PATIENCE_S = 40.0
SETTLED_S = 8.0
"""Long enough for the timeline to show something."""
RECORDED_S = 6.0


def nothing(window: MainWindow) -> None:
    """The state is there by itself."""


def pause_and_explain(window: MainWindow) -> None:
    window.live.freeze(True)
    view = window.live.instruments.face_view
    assert view is not None
    until(lambda: view.has_map)


def learn(window: MainWindow) -> None:
    window.live.people.cards[1].name.setText("Grace")
    window.live.people.renamed.emit(1, "Grace")
    window.live.learn_neutral(1)
    until(lambda: window.live.neutral_guide.progress.value() > 45)


def compare(window: MainWindow) -> None:
    window.live.apply_settings(Settings(second_model="fercam-nano", welcomed=True))
    until(lambda: window.live.people.cards[1].second_opinion)


def record(window: MainWindow) -> None:
    window.live.record()
    until(window.live.record_strip.isVisible)
    spin(RECORDED_S / 2)
    window.live.recording.mark()
    QTest.keyClicks(window.live.record_strip.marker_text, "Looks up")
    QTest.keyClick(window.live.record_strip.marker_text, Qt.Key.Key_Return)
    spin(RECORDED_S / 2)


def list_sessions(window: MainWindow) -> None:
    record(window)
    window.live.recording.toggle()
    until(lambda: not window.live.record_strip.isVisible())
    window.show_page(SESSIONS)
    until(lambda: window.sessions.shelf.entries and window.sessions.shelf.entries[0].thumbnail)


def play(window: MainWindow) -> None:
    list_sessions(window)
    window.sessions.open_session(window.sessions.shelf.entries[0].folder)
    until(lambda: window.sessions.page.video.shown_result)
    spin(1.0)


@dataclass(frozen=True)
class Shot:
    """A state: what to watch (None for a page without a picture), and what to do then."""

    source: str | None
    page: str = LIVE
    settings: dict[str, Any] = field(default_factory=dict)
    do: Callable[[MainWindow], None] = nothing
    faces: bool = True


EVERYTHING = {"coach": True, "circumplex": True, "details": True}
SHOTS = {
    "live": Shot("demo"),
    "two-people": Shot("demo:two", settings={"circumplex": True}),
    "not-sure": Shot("demo:dark"),
    "coach": Shot("demo:dark", settings={"coach": True}),
    "neutral": Shot("demo", do=learn),
    "paused": Shot("demo", settings={"details": True}, do=pause_and_explain),
    "two-models": Shot("demo", do=compare),
    "everything": Shot("demo:two", settings=EVERYTHING),
    "compact": Shot("demo", settings={"compact": True, "bars": True}),
    "recording": Shot("demo", do=record),
    "sessions": Shot("demo:two", do=list_sessions),
    "player": Shot("demo:two", do=play),
    "no-sessions": Shot(None, SESSIONS),
    "error": Shot("missing.mp4", faces=False),
    "first-start": Shot(None, WELCOME),
    "settings": Shot(None, SETTINGS),
    "help": Shot(None, HELP),
}
SIZES = {"": (1200, 760), "-small": (900, 600), "-large": (1920, 1080)}
THEMES = ("dark", "light", "contrast")


def spin(seconds: float) -> None:
    until(lambda: False, seconds, must=False)


def until(condition: Callable[[], object], seconds: float = PATIENCE_S, must: bool = True) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_s:
            assert not must, "the state was not reached"
            return
        QApplication.processEvents()
        time.sleep(0.005)


def take(name: str, shot: Shot, theme: str, folder: Path, settings_file: Path) -> None:
    """Take one state in one theme, in every size."""
    save_settings(Settings(theme=theme, welcomed=True, **shot.settings), settings_file)
    window = MainWindow(settings_file=settings_file)
    window.resize(*SIZES[""])
    window.show()
    spin(0.2)
    if shot.source is not None:
        window.begin(shot.source, None)
        if shot.faces:
            until(lambda: window.live.people.cards)
            spin(SETTLED_S)
        else:
            until(lambda: window.live.banner.kind == "error")
    window.show_page(shot.page)
    shot.do(window)
    for suffix, size in SIZES.items():
        window.resize(*size)
        spin(0.4)
        window.grab().save(str(folder / f"{name}-{theme}{suffix}.png"))
    done: list[bool] = []
    window.closed.connect(lambda: done.append(True))
    window.close()
    until(lambda: done)


def main(folder: Path, wanted: list[str]) -> None:
    """Write the pictures into `folder`: those whose names begin with one of `wanted`, or all."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    with tempfile.TemporaryDirectory() as home:
        neutrals = Path(home) / "neutrals.json"
        paths.user_neutrals_file = lambda: neutrals  # type: ignore[assignment]
        paths.user_cache_dir = lambda: Path(home) / "cache"  # type: ignore[assignment]
        for name, shot in SHOTS.items():
            for theme in THEMES:
                videos = Path(home) / f"{name}-{theme}"
                paths.sessions_dir = lambda videos=videos: videos  # type: ignore[assignment]
                if not wanted or any(f"{name}-{theme}".startswith(begin) for begin in wanted):
                    take(name, shot, theme, folder, Path(home) / "settings.json")
    app.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
