"""The instruments of the Live tab say what the results say, and rest when they should."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers.results import annotated, face
from PyQt6.QtCore import QPoint, QTimer
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QGraphicsView, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fercam.core.affect import CIRCUMPLEX
from fercam.core.values import AnnotatedFrame, Doubt, Face, FaceCrop, FaceQuality
from fercam.overlay.palette import AGAINST, EMOTION_COLOURS, FOR, LEVEL_COLOURS, person_colour
from fercam.pipeline.coach import LIGHTS, NOBODY, advise
from fercam.ui.theme import THEMES, apply_theme
from fercam.ui.widgets.circumplex import Circumplex
from fercam.ui.widgets.coach_panel import CoachPanel
from fercam.ui.widgets.face_view import FaceView
from fercam.ui.widgets.timeline import Timeline
from fercam.ui.widgets.timeline_lanes import LONGEST_RUN, MOST_LANES, STEPS, LastMinute

from .conftest import Clock

PANEL_PX = 264
FINE = FaceQuality(160, 120, 0.2, 3, -2, 0.0)


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[QWidget, int], QWidget]:
    def shown(widget: QWidget, width_px: int) -> QWidget:
        qtbot.addWidget(widget)
        widget.setFixedWidth(width_px)
        widget.adjustSize()
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return shown


@pytest.fixture
def timeline(show: Callable[..., QWidget], clock: Clock) -> Iterator[Timeline]:
    made = Timeline(clock=clock)
    show(made, 800)
    yield made
    made.close()


@pytest.fixture
def circumplex(show: Callable[..., QWidget], clock: Clock) -> Circumplex:
    made = Circumplex(clock=clock)
    show(made, PANEL_PX)
    return made


@pytest.fixture
def coach(show: Callable[..., QWidget], clock: Clock) -> CoachPanel:
    made = CoachPanel(clock=clock)
    show(made, PANEL_PX)
    return made


@pytest.fixture
def view(show: Callable[..., QWidget], clock: Clock) -> FaceView:
    made = FaceView(clock=clock)
    show(made, PANEL_PX)
    return made


def colours(widget: QWidget) -> Counter[tuple[int, int, int]]:
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = picture.constBits()
    assert bits is not None
    bits.setsize(picture.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(picture.height(), picture.bytesPerLine())
    pixels = rows[:, : 3 * picture.width()].reshape(-1, 3)
    return Counter(map(tuple, pixels.tolist()))


def rgb(name: str) -> tuple[int, int, int]:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()


def feed(
    target: Timeline | LastMinute,
    until_s: float,
    *faces: Face,
    start_s: float = 0.0,
    clock: Clock | None = None,
) -> None:
    for number in range(round((until_s - start_s) * 10)):
        if clock is not None:
            clock.now_s += 1
        target.add(annotated(*faces), start_s + number / 10)


# --- timeline ---------------------------------------------------------------------------------


def test_a_lane_has_the_colour_of_the_emotion_and_of_the_person(
    timeline: Timeline, clock: Clock
) -> None:
    feed(timeline, 30, face(1, label="happy"), face(3, label="sad"), clock=clock)
    seen = colours(timeline)
    for emotion in ("happy", "sad"):
        assert seen[EMOTION_COLOURS["dark"][emotion]] > 2000
    for person_id in (1, 3):
        assert seen[person_colour(person_id, "dark")] > 50
    assert seen[EMOTION_COLOURS["dark"]["angry"]] == 0
    assert timeline.people == ("Person 1", "Person 3")


def test_the_more_confident_the_higher(timeline: Timeline, clock: Clock) -> None:
    happy = EMOTION_COLOURS["dark"]["happy"]
    feed(timeline, 20, face(label="happy", confidence=0.9), clock=clock)
    high = colours(timeline)[happy]
    timeline.clear()
    feed(timeline, 20, face(label="happy", confidence=0.45), clock=clock)
    assert colours(timeline)[happy] == pytest.approx(high / 2, rel=0.15)


def test_not_sure_has_no_colour_of_an_emotion(timeline: Timeline, clock: Clock) -> None:
    timeline.clear()
    without = colours(timeline)[rgb(THEMES["dark"].quiet)]
    feed(timeline, 30, face(label="happy", sure=False), clock=clock)
    seen = colours(timeline)
    assert seen[EMOTION_COLOURS["dark"]["happy"]] == 0
    assert seen[rgb(THEMES["dark"].quiet)] > without + 500


def test_reading_says_who_expressed_what(timeline: Timeline) -> None:
    feed(timeline, 10, replace(face(1, label="happy", confidence=0.83), name="Ann"))
    feed(timeline, 20, face(2, label="sad", sure=False), start_s=10)
    assert timeline.people == ("Ann", "Person 2")
    timeline.read_at(15)
    assert timeline.reading == "15 s ago: Ann happy 83%"
    timeline.read_at(5)
    assert timeline.reading == "5 s ago: Person 2 not sure"
    timeline.read_at(40)
    assert timeline.reading == "40 s ago: nobody"
    timeline.read_at(None)
    assert timeline.reading == ""


def test_paused_it_stands_still_and_goes_on_with_a_gap(timeline: Timeline) -> None:
    feed(timeline, 10, face(label="happy"))
    timeline.set_paused(True)
    before = timeline.now_s
    feed(timeline, 20, face(label="sad"), start_s=10)
    assert timeline.now_s == before
    timeline.set_paused(False)
    feed(timeline, 30, face(label="sad"), start_s=20)
    timeline.read_at(15)
    assert timeline.reading.endswith("nobody")
    timeline.read_at(25)
    assert "happy" in timeline.reading


def test_cleared_it_is_empty(timeline: Timeline, clock: Clock) -> None:
    feed(timeline, 10, face(label="happy"), clock=clock)
    timeline.clear()
    assert timeline.people == ()
    assert colours(timeline)[EMOTION_COLOURS["dark"]["happy"]] == 0


def test_it_draws_ten_times_a_second_at_most_and_not_while_hidden(
    timeline: Timeline, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(timeline, "_draw", lambda: drawn.append(clock.now_s))
    for number in range(300):
        clock.now_s += 1 / 30
        timeline.add(annotated(face()), number / 30)
    assert 60 <= len(drawn) <= 100
    drawn.clear()
    timeline.hide()
    feed(timeline, 20, face(), start_s=10, clock=clock)
    assert drawn == []


def test_what_came_while_it_was_hidden_is_there_when_it_is_shown(
    timeline: Timeline, qtbot: QtBot
) -> None:
    timeline.hide()
    feed(timeline, 30, face(label="happy"))
    timeline.show()
    qtbot.waitExposed(timeline)
    assert colours(timeline)[EMOTION_COLOURS["dark"]["happy"]] > 2000


def test_the_mouse_reads_the_moment_under_it(timeline: Timeline, qtbot: QtBot) -> None:
    feed(timeline, 30, face(label="happy", confidence=0.83))
    timeline.set_paused(True)
    chart = next(part for part in timeline.findChildren(QGraphicsView))

    def reads(x: int, words: str) -> bool:
        qtbot.mouseMove(chart.viewport(), QPoint(x, 30))
        return timeline.reading.endswith(words)

    qtbot.waitUntil(lambda: reads(chart.width() - 40, "Person 1 happy 83%"))
    qtbot.waitUntil(lambda: reads(40, "nobody"))


def test_the_light_theme_is_followed(timeline: Timeline, clock: Clock) -> None:
    timeline.set_theme(THEMES["light"])
    feed(timeline, 30, face(label="happy"), clock=clock)
    seen = colours(timeline)
    assert seen[EMOTION_COLOURS["light"]["happy"]] > 2000
    assert seen[EMOTION_COLOURS["dark"]["happy"]] == 0


# --- what the timeline remembers --------------------------------------------------------------


def steps(minute: LastMinute) -> list[int]:
    return [sum(len(run.confidences) for run in lane.runs) for lane in minute.lanes]


def test_memory_is_bounded() -> None:
    minute = LastMinute()
    feed(minute, 300, face(1), face(2, label="sad"))
    assert len(minute.lanes) == 2
    assert all(STEPS <= count <= STEPS + LONGEST_RUN for count in steps(minute))
    assert len(minute.valence()[0]) <= STEPS


def test_who_was_not_seen_for_a_minute_is_forgotten() -> None:
    minute = LastMinute()
    feed(minute, 5, face(1))
    feed(minute, 60, face(2), start_s=5)
    assert [lane.person_id for lane in minute.lanes] == [1, 2]
    feed(minute, 70, face(2), start_s=60)
    assert [lane.person_id for lane in minute.lanes] == [2]


def test_newcomers_take_the_lane_of_who_is_away_but_of_nobody_present() -> None:
    minute = LastMinute()
    first = [face(number) for number in range(1, MOST_LANES + 1)]
    feed(minute, 5, *first)
    feed(minute, 6, *first, face(9), start_s=5)
    assert [lane.person_id for lane in minute.lanes] == [1, 2, 3, 4, 5, 6]
    feed(minute, 8, *first[1:], face(9), start_s=6)
    assert [lane.person_id for lane in minute.lanes] == [2, 3, 4, 5, 6, 9]


def test_absence_is_a_gap_and_a_slow_computer_is_none() -> None:
    minute = LastMinute()
    for t_s in np.arange(0, 10, 0.7):
        minute.add(annotated(face()), float(t_s))
    assert len(minute.lanes[0].runs) == 1
    minute.add(annotated(), 12.0)
    minute.add(annotated(face()), 14.0)
    assert len(minute.lanes[0].runs) == 2
    assert minute.words_at(12.0) == "nobody"
    assert np.isnan(minute.valence()[1]).sum() == 1


def test_the_groups_line_is_the_mean_valence_of_the_faces() -> None:
    minute = LastMinute()
    certain = {"confidence": 1.0}
    minute.add(annotated(face(1, label="happy", **certain), face(2, label="sad", **certain)), 1.0)
    seconds, valence = minute.valence()
    assert valence.tolist() == [pytest.approx((0.81 - 0.63) / 2)]
    assert -0.2 <= seconds[0] <= 0


def test_winding_back_starts_anew() -> None:
    minute = LastMinute()
    feed(minute, 10, face(1))
    minute.add(annotated(face(2)), 3.0)
    assert [lane.person_id for lane in minute.lanes] == [2]


def test_faces_not_read_yet_have_no_lane() -> None:
    minute = LastMinute()
    minute.add(annotated(face(1, label=None), face(0)), 1.0)
    assert minute.lanes == ()


# --- circumplex -------------------------------------------------------------------------------


def certain(person_id: int, label: str, sure: bool = True) -> Face:
    return face(person_id, label=label, confidence=1.0, sure=sure)


def test_a_dot_is_where_the_emotion_is(circumplex: Circumplex) -> None:
    circumplex.add(annotated(certain(1, "happy"), certain(2, "sad")), 0.0)
    assert circumplex.points[1] == pytest.approx(CIRCUMPLEX["happy"])
    assert circumplex.points[2] == pytest.approx(CIRCUMPLEX["sad"])
    seen = colours(circumplex)
    assert seen[person_colour(1, "dark")] > 50
    assert seen[person_colour(2, "dark")] > 50


def test_a_trail_is_painted_at_any_time(circumplex: Circumplex, qtlog: Any) -> None:
    for number in range(30):  # the clock stands still: most of these are not drawn by themselves
        share = number / 30
        circumplex.add(annotated(face(1, label="happy", confidence=0.2 + 0.7 * share)), share)
    assert colours(circumplex)[person_colour(1, "dark")] > 50
    assert [record.message for record in qtlog.records if "QColor" in record.message] == []


def test_a_doubtful_dot_is_hollow(circumplex: Circumplex, clock: Clock) -> None:
    circumplex.add(annotated(certain(1, "happy")), 0.0)
    filled = colours(circumplex)[person_colour(1, "dark")]
    clock.now_s += 1
    circumplex.add(annotated(certain(1, "happy", sure=False)), 0.0)
    assert 0 < colours(circumplex)[person_colour(1, "dark")] < filled / 2


def test_it_says_that_it_is_derived(circumplex: Circumplex) -> None:
    texts = [label.text() for label in circumplex.findChildren(QLabel)]
    assert "derived from the seven" in texts


def test_who_leaves_loses_the_dot(circumplex: Circumplex) -> None:
    circumplex.add(annotated(certain(1, "happy"), certain(2, "sad")), 0.0)
    circumplex.add(annotated(certain(2, "sad")), 0.3)
    assert set(circumplex.points) == {1, 2}
    circumplex.add(annotated(certain(2, "sad")), 1.0)
    assert set(circumplex.points) == {2}
    circumplex.clear()
    assert circumplex.points == {}


def test_paused_the_dots_stay(circumplex: Circumplex) -> None:
    circumplex.add(annotated(certain(1, "happy")), 0.0)
    circumplex.set_paused(True)
    circumplex.add(annotated(certain(1, "sad")), 5.0)
    assert circumplex.points[1] == pytest.approx(CIRCUMPLEX["happy"])


# --- coach ------------------------------------------------------------------------------------


def test_every_light_says_what_its_colour_says(coach: CoachPanel) -> None:
    coach.show_advice(advise(replace(FINE, brightness=20, side_px=40), 30, 30))
    assert coach.lines["Light"] == "poor: Move the lamp in front of you."
    assert coach.lines["Size"] == "fair: Come closer to the camera."
    assert coach.lines["Angle"].startswith("good")
    visible = [label.text() for label in coach.findChildren(QLabel) if label.isVisible()]
    assert "Move the lamp in front of you." in visible
    assert {"poor", "fair", "good", *LIGHTS} <= set(visible)
    seen = colours(coach)
    assert all(seen[LEVEL_COLOURS["dark"][level]] > 20 for level in ("good", "fair", "bad"))


def test_without_a_face_it_says_so_once(coach: CoachPanel) -> None:
    coach.show_advice(advise(None, 30, 30))
    visible = [label.text() for label in coach.findChildren(QLabel) if label.isVisible()]
    assert visible.count(NOBODY) == 1
    assert coach.lines["Angle"].startswith("unknown")


def test_lights_do_not_flicker(coach: CoachPanel, clock: Clock) -> None:
    coach.show_advice(advise(FINE, 30, 30))
    coach.show_advice(advise(replace(FINE, brightness=20), 30, 30))
    assert coach.lines["Light"].startswith("good")
    clock.now_s += 1.1
    coach.show_advice(advise(replace(FINE, brightness=20), 30, 30))
    assert coach.lines["Light"].startswith("poor")
    coach.clear()
    assert coach.lines["Light"] == "unknown"


# --- face view --------------------------------------------------------------------------------


def checkered() -> np.ndarray:
    return (np.indices((48, 48)).sum(axis=0) % 2 * 255).astype(np.uint8)


def test_the_crop_is_enlarged_without_blur(view: FaceView) -> None:
    view.set_theme(THEMES["light"])
    view.show_crop(FaceCrop(0, 1, checkered(), FINE))
    seen = colours(view)
    assert seen[(0, 0, 0)] >= 192 * 192 / 2
    assert seen[(255, 255, 255)] >= 192 * 192 / 2
    assert view.words.startswith("Good to read.")
    assert "160 px" in view.words
    assert view.legend == ()


def test_a_flaw_is_named_first(view: FaceView) -> None:
    view.show_crop(FaceCrop(0, 1, checkered(), replace(FINE, flaw=Doubt.TOO_DARK)))
    assert view.words.startswith("Too dark.")


def test_its_words_change_four_times_a_second_at_most(view: FaceView, clock: Clock) -> None:
    def words(brightness: float) -> str:
        view.show_crop(FaceCrop(0, 1, checkered(), replace(FINE, brightness=brightness)))
        return view.words

    assert "brightness 120" in words(120)
    assert "brightness 120" in words(140)
    clock.now_s += 0.3
    assert "brightness 140" in words(140)
    view.show_crop(None)
    assert "brightness 90" in words(90)


def test_the_map_has_two_colours_and_a_legend(view: FaceView) -> None:
    importance = np.zeros((48, 48), np.float32)
    importance[:24], importance[40:] = 1.0, -1.0
    black = np.zeros((48, 48), np.uint8)
    view.show_crop(FaceCrop(0, 1, black, FINE))
    view.show_importance(black, importance, "happy")
    assert view.has_map
    assert view.legend == ("mattered for happy", "spoke against happy")
    picture = view.grab().toImage()
    middle = view.width() // 2
    column = [picture.pixelColor(middle, y) for y in range(picture.height())]
    assert any(near(colour, FOR) for colour in column)
    assert any(near(colour, AGAINST) for colour in column)


def near(seen: QColor, colour: tuple[int, int, int]) -> bool:
    """Whether a colour is `colour` at three quarters, over black."""
    shown = seen.red(), seen.green(), seen.blue()
    return all(abs(one - 0.75 * other) <= 3 for one, other in zip(shown, colour, strict=True))


def test_the_map_leaves_with_its_face(view: FaceView) -> None:
    crop = FaceCrop(0, 1, checkered(), FINE)
    view.show_importance(crop.pixels, np.ones((48, 48), np.float32), "sad")
    view.show_crop(crop)
    assert not view.has_map
    assert view.legend == ()
    view.show_crop(None)
    assert view.words == "No face to look at."


# --- all of them ------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_every_instrument_follows_every_theme_is_named_and_keeps_no_timer(
    theme: str, show: Callable[..., QWidget], qapp: object
) -> None:
    apply_theme(qapp, THEMES[theme])  # type: ignore[arg-type]
    result: AnnotatedFrame = annotated(face(1), face(2, sure=False))
    made = (Timeline(), Circumplex(), CoachPanel(), FaceView())
    for instrument in made:
        show(instrument, 800 if isinstance(instrument, Timeline) else PANEL_PX)
        instrument.set_theme(THEMES[theme])
        if isinstance(instrument, (Timeline, Circumplex)):
            instrument.add(result, 1.0)
        assert len(colours(instrument)) > 3
        assert instrument.accessibleName()
        assert instrument.minimumSizeHint().width() <= instrument.width()
        assert not any(timer.isActive() for timer in instrument.findChildren(QTimer))
    made[0].close()
    apply_theme(qapp, THEMES["dark"])  # type: ignore[arg-type]
