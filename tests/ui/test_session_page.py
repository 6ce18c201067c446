"""The player of a session: play, step, mark, name, leave out, compare models."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from helpers.tables import Face, write_table
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QMainWindow, QMenu, QSlider, QWidget
from pytestqt.qtbot import QtBot

from fercam.recording.session_json import Analysis, Marker, Person, Span
from fercam.sessions.edits import merge, rename
from fercam.sessions.session import open_session
from fercam.ui import theme as look
from fercam.ui.session_bridge import SessionBridge
from fercam.ui.tabs.session_page import SessionPage
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.session_chart import MOST_LANES
from fercam.ui.widgets.session_lanes import SessionLanes
from fercam.ui.widgets.session_steps import ABSENT, NOT_SURE, Steps

from .session_fakes import HAPPY_THEN_SAD, FakeDesk, FakePlayer, make_session

DURATION_S = 4.0
SHIFT = Qt.KeyboardModifier.ShiftModifier
PEOPLE = (Person(1), Person(2))


class Shown:
    """A page that shows a session, and who it speaks with."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.page, self.folder = SessionPage(), folder
        bridge = SessionBridge(self.page)
        self.player, self.desk = FakePlayer(bridge), FakeDesk(bridge)
        bridge.opened.connect(self.page.show_session)
        bridge.place_changed.connect(self.page.show_place)
        bridge.player_failed.connect(self.page.show_failure)
        bridge.statistics_ready.connect(self.page.show_statistics)
        bridge.table_ready.connect(self.page.show_table)
        bridge.differences_ready.connect(self.page.show_differences)
        self.window = QMainWindow()
        self.window.setCentralWidget(self.page)
        qtbot.addWidget(self.window)
        self.page.work_with(self.player, self.desk)
        self.window.resize(1100, 720)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.page.open(folder)
        self.player.calls.clear()


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    made: list[Shown] = []

    def show_one(frames: Sequence[Sequence[Face]] = HAPPY_THEN_SAD, **about: object) -> Shown:
        folder = make_session(tmp_path / "one", **({"people": PEOPLE} | about))
        write_table(folder / "frames.csv", frames)
        if about.get("analyses"):
            others = [[(p, "surprise", 0.6, True) for p, *_ in frame] for frame in HAPPY_THEN_SAD]
            write_table(folder / "frames.other.csv", others[:30] + HAPPY_THEN_SAD[30:])
        made.append(Shown(qtbot, folder))
        return made[-1]

    yield show_one
    for one in made:
        one.page.close_session()


def actions(menu: QMenu) -> dict[str, Callable[[], None]]:
    return {action.text(): action.trigger for action in menu.actions() if action.text()}


def place_of(lanes: SessionLanes, t_s: float, y: float = 40) -> QPointF:
    return QPointF(lanes.chart.scale.x(t_s), y)


def point_at(lanes: SessionLanes, t_s: float, y: float = 40) -> None:
    at, none = place_of(lanes, t_s, y), Qt.MouseButton.NoButton
    kind, no_key = QMouseEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    lanes.chart.mouseMoveEvent(QMouseEvent(kind, at, at, none, none, no_key))


def drag(lanes: SessionLanes, from_s: float, to_s: float, y: float, keys: object = None) -> None:
    held = keys or Qt.KeyboardModifier.NoModifier
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = QMouseEvent.Type
    for kind, t_s, button in (
        (kinds.MouseButtonPress, from_s, left),
        (kinds.MouseMove, to_s, none),
        (kinds.MouseButtonRelease, to_s, left),
    ):
        at = place_of(lanes, t_s, y)
        event = QMouseEvent(kind, at, at, button, left, held)  # type: ignore[call-overload]
        {
            kinds.MouseButtonPress: lanes.chart.mousePressEvent,
            kinds.MouseMove: lanes.chart.mouseMoveEvent,
            kinds.MouseButtonRelease: lanes.chart.mouseReleaseEvent,
        }[kind](event)


def test_a_session_is_shown_with_its_people_their_shares_and_what_it_is(
    show: Callable[..., Shown],
) -> None:
    page = show(tags=("pilot",), dropped=3).page
    assert page.toolbar.title.text().startswith("22 Nov 2026")
    assert list(page.people.cards) == [0, 1, 2]
    assert page.people.cards[1].words.text() == "mostly happy · seen 4.0 s"
    for part in ("120 frames", "3 dropped", "no video", "model tiny", "#pilot"):
        assert part in page.status.text()
    assert page.buttons.transport.time_text == "0:00 / 0:04"


def test_what_is_wrong_with_the_session_is_said_above_it(show: Callable[..., Shown]) -> None:
    page = show().page
    assert page.banner.kind == "warning"
    assert "no video to show" in page.banner.text


def test_keys_play_step_and_jump(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show()
    video = shown.page.video
    assert video.hasFocus()
    keys = Qt.Key
    qtbot.keyClick(video, keys.Key_Space)
    qtbot.keyClick(video, keys.Key_Right)
    qtbot.keyClick(video, keys.Key_Left)
    shown.player.listener.on_place(2.0, False)
    qtbot.keyClick(video, keys.Key_Right, SHIFT)
    shown.player.listener.on_place(2.0, False)
    qtbot.keyClick(video, keys.Key_Left, SHIFT)
    assert shown.player.calls == [
        ("set_playing", True), ("step", 1), ("step", -1), ("seek", 3.0), ("seek", 1.0),
    ]  # fmt: skip


def test_buttons_do_the_same(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show()
    buttons = shown.page.buttons
    for button in (buttons.play, buttons.next, buttons.previous):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    shown.player.listener.on_place(0.5, True)
    assert buttons.play.accessibleName() == "Hold"
    qtbot.mouseClick(buttons.play, Qt.MouseButton.LeftButton)
    buttons.transport.speed_picked.emit(2.0)
    assert shown.player.calls == [
        ("set_playing", True),
        ("step", 1),
        ("step", -1),
        ("set_playing", False),
        ("set_speed", 2.0),
    ]


def test_a_click_and_a_drag_in_the_lanes_go_there(show: Callable[..., Shown]) -> None:
    shown = show()
    drag(shown.page.lanes, 1.0, 3.0, 40)
    places = [t_s for name, t_s in shown.player.calls if name == "seek"]
    assert places == pytest.approx([1.0, 3.0], abs=0.01)


def test_a_click_on_a_marker_goes_exactly_there(show: Callable[..., Shown]) -> None:
    shown = show(markers=(Marker(1.234, "door"),))
    drag(shown.page.lanes, 1.24, 1.24, 6)
    assert shown.player.calls[0] == ("seek", 1.234)


def test_the_lanes_say_what_is_under_the_mouse(show: Callable[..., Shown]) -> None:
    lanes = show(excluded=(Span(0.0, 0.5),)).page.lanes
    for t_s, lane, words in (
        (0.2, 0, "0:00.2: Person 1 happy 90% (left out)"),
        (1.0, 1, "0:01.0: Person 2 neutral 80%"),
        (2.5, 1, "0:02.5: nobody"),
        (3.5, 0, "0:03.5: Person 1 not sure"),
    ):
        point_at(lanes, t_s + 0.004, lanes.chart.shape.lane(lane).center().y())
        assert lanes.reading == words


@pytest.mark.parametrize("steps", [20, 1000], ids=["many frames a step", "many steps a frame"])
def test_steps_show_what_prevails(tmp_path: Path, steps: int) -> None:
    session = open_session(make_session(tmp_path / "one", people=PEOPLE))
    one, two = Steps(session.table, session.info).lanes(0.0, DURATION_S, steps)
    kinds = {0.25: 3, 0.6: 5, 0.9: NOT_SURE}
    assert {share: one.kinds[int(share * steps)] for share in kinds} == kinds
    assert two.kinds[steps // 4] == 4
    assert set(two.kinds[steps // 2 + 1 :].tolist()) == {ABSENT}
    assert one.heights[steps // 4] == pytest.approx(0.9, abs=0.01)


def test_the_wheel_and_the_keys_zoom_and_statistics_follow(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    shown = show()
    lanes = shown.page.lanes
    at = place_of(lanes, 1.0)
    lanes.chart.wheelEvent(
        QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
    )
    from_s, to_s = lanes.chart.shown_s
    assert to_s - from_s == pytest.approx(DURATION_S / 1.5)
    assert lanes.chart.scale.x(1.0) == pytest.approx(at.x(), abs=1)
    assert lanes.bar.isVisible()
    qtbot.waitUntil(lambda: shown.desk.calls[-1] == ("statistics", from_s, to_s, None))
    qtbot.keyClick(shown.page.video, Qt.Key.Key_Plus)
    assert lanes.chart.shown_s[1] - lanes.chart.shown_s[0] < to_s - from_s
    qtbot.keyClick(shown.page.video, Qt.Key.Key_0)
    assert lanes.chart.shown_s == (0.0, pytest.approx(DURATION_S))
    assert not lanes.bar.isVisible()


def test_a_zoomed_part_turns_its_pages_while_playing(show: Callable[..., Shown]) -> None:
    shown = show()
    lanes = shown.page.lanes
    lanes.chart.zoom(4, 0.0)
    shown.player.listener.on_place(1.5, True)
    assert lanes.chart.shown_s == pytest.approx((1.5, 2.5))


def test_m_sets_a_marker_that_can_be_named_at_once(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    shown = show()
    shown.player.listener.on_place(1.5, False)
    qtbot.keyClick(shown.page.video, Qt.Key.Key_M)
    assert shown.desk.infos[shown.folder].markers == (Marker(1.5),)
    field = shown.page.markers.list.findChild(QLineEdit)
    assert field is not None
    field.setText("0:01 door opens")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.desk.infos[shown.folder].markers == (Marker(1.5, "door opens"),))
    assert shown.page.markers.markers == (Marker(1.5, "door opens"),)


def test_a_deleted_marker_comes_back_with_undo(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show(markers=(Marker(1.0, "door"), Marker(2.0, "", "happy")))
    page = shown.page
    page.markers.list.setCurrentRow(0)
    qtbot.keyClick(page.markers.list, Qt.Key.Key_Delete)
    assert page.markers.markers == (Marker(2.0, "", "happy"),)
    page.banner.press()
    assert page.markers.markers == (Marker(1.0, "door"), Marker(2.0, "", "happy"))
    assert shown.desk.infos[shown.folder].markers == page.markers.markers
    qtbot.keyClick(page.markers.list, Qt.Key.Key_Return)
    assert ("seek", 1.0) in shown.player.calls


def test_shift_and_drag_leave_a_part_out_of_the_statistics(show: Callable[..., Shown]) -> None:
    shown = show()
    drag(shown.page.lanes, 0.0, 2.0, 40, SHIFT)
    (span,) = shown.desk.infos[shown.folder].excluded
    assert (span.start_s, span.end_s) == pytest.approx((0.0, 2.0), abs=0.01)
    assert shown.page.people.cards[1].words.text() == "mostly sad · seen 2.0 s"
    shown.page.spans.included.emit(span)
    assert shown.desk.infos[shown.folder].excluded == ()


def test_e_leaves_out_from_here_to_there(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show()
    shown.player.listener.on_place(1.0, False)
    qtbot.keyClick(shown.page.video, Qt.Key.Key_E)
    assert "Left out from 0:01.0" in shown.page.banner.text
    shown.player.listener.on_place(2.5, False)
    qtbot.keyClick(shown.page.video, Qt.Key.Key_E)
    assert shown.desk.infos[shown.folder].excluded == (Span(1.0, 2.5),)
    assert shown.page.banner.kind == ""
    menu = actions(shown.page.lanes_menu(1.5))
    menu["Count this part again"]()
    assert shown.desk.infos[shown.folder].excluded == ()


def test_people_are_renamed_merged_and_taken_apart(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    shown = show()
    people = shown.page.people
    people.cards[1].name.setFocus()
    people.cards[1].name.setText("Ann")
    qtbot.keyClick(people.cards[1].name, Qt.Key.Key_Return)
    assert shown.desk.infos[shown.folder].people[0].name == "Ann"
    assert people.cards[1].name.cursorPosition() == 0  # of a long name the beginning is seen
    actions(people.cards[2].menu())["Is the same as Ann"]()
    assert list(people.cards) == [0, 1]
    assert shown.player.calls[-1][0] == "set_info"
    actions(people.cards[1].menu())["Person 2 is somebody else after all"]()
    assert list(people.cards) == [0, 1, 2]


def test_a_name_goes_along_with_who_has_it(show: Callable[..., Shown]) -> None:
    people = (shown := show()).page.people
    shown.page.edit(rename(2, "Ann"))
    shown.page.edit(merge(2, 1))
    assert people.cards[1].name.text() == "Ann"
    actions(people.cards[1].menu())["Person 2 is somebody else after all"]()
    assert [people.cards[number].name.text() for number in (1, 2)] == ["", "Ann"]


def test_a_click_on_a_person_writes_out_their_shares(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    people = show().page.people
    qtbot.mouseClick(people.cards[2], Qt.MouseButton.LeftButton)
    assert people.chosen == 2
    assert "Face usable 50% of 4.0 s" in people.figures
    assert people.bars.accessibleName() == "Shares of Person 2"


def test_of_many_people_those_seen_longest_have_a_card_and_a_lane(
    show: Callable[..., Shown],
) -> None:
    crowd = [[(n, "sad", 0.9, True) for n in range(1, 12) if n > 5 or i < 10] for i in range(40)]
    page = show(crowd).page
    assert page.lanes.lanes_bar.maximum() == 11 - MOST_LANES
    assert [n for n, card in page.people.cards.items() if not card.isHidden()] == [
        0, 6, 7, 8, 9, 10, 11,
    ]  # fmt: skip
    page.people.all.click()
    assert not page.people.cards[1].isHidden()


def test_tags_are_typed_with_commas(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show()
    shown.page.edit_tags()
    qtbot.keyClicks(shown.page.tags, "pilot, room 2,")
    qtbot.keyClick(shown.page.tags, Qt.Key.Key_Return)
    assert shown.desk.infos[shown.folder].tags == ("pilot", "room 2")


def test_what_is_being_typed_is_kept_when_the_session_is_left(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    shown = show()
    shown.page.edit_tags()
    qtbot.keyClicks(shown.page.tags, "pilot")
    shown.page.close_session()  # as a click on Back does, which takes no focus
    assert shown.desk.infos[shown.folder].tags == ("pilot",)


def test_nothing_of_the_session_before_stands_under_another_one(
    show: Callable[..., Shown], tmp_path: Path
) -> None:
    about = {"analyses": (Analysis("other", "1", "frames.other.csv"),)}
    shown = show(markers=(Marker(1.0, "Clown"),), tags=("pilot",), **about)
    page = shown.page
    page.toolbar.model.set_key("other")
    page.toolbar.model.picked.emit("other")
    page.lanes.chart.zoom(2.0)
    point_at(page.lanes, 1.0)
    assert page.lanes.bar.isVisible() and page.lanes.reading
    shown.player.open = lambda folder: None  # type: ignore[method-assign]  # a damaged one
    page.open(tmp_path / "damaged")
    chart = page.lanes.chart
    assert chart.people == 0
    assert (chart.shown_s, chart.zoomed, page.lanes.reading) == ((0.0, 0.0), False, "")
    assert not page.lanes.bar.isVisible()
    assert page.people.isHidden()
    assert page.markers.markers == ()
    assert page.tags.text() == ""
    assert not page.toolbar.model.key


def test_after_the_words_of_a_marker_the_picture_has_the_keyboard(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    page = show().page
    qtbot.keyClick(page.video, Qt.Key.Key_M)
    editor = page.markers.list.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "Clown")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(page.video.hasFocus)


def test_the_overlay_has_styles_and_none(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    page = show().page
    video = page.video
    assert (video.overlay, video.bars) == (True, False)
    qtbot.keyClick(video, Qt.Key.Key_A)
    assert (video.overlay, video.bars) == (True, True)
    qtbot.keyClick(video, Qt.Key.Key_O)
    assert not video.overlay
    page.toolbar.names.trigger()
    assert not video.ids


def test_another_model_is_shown_beside_the_first_and_where_they_differ(
    show: Callable[..., Shown],
) -> None:
    shown = show(analyses=(Analysis("other", "0" * 64, "frames.other.csv"),))
    page = shown.page
    assert not page.toolbar.second_model.isHidden()
    page.toolbar.second_model.picked.emit("other")
    page.toolbar.second_model.set_key("other")
    page._use_second("other")
    assert ("second_table", "other") in shown.player.calls
    assert "models agree on 67%" in page.status.text()
    at = place_of(page.lanes, 0.5, page.lanes.chart.shape.bottom - 4)
    assert "Person 1 happy or surprise" in page.lanes.chart._words(at, 0.5)


def test_a_session_can_be_seen_as_another_model_saw_it(show: Callable[..., Shown]) -> None:
    shown = show(analyses=(Analysis("other", "0" * 64, "frames.other.csv"),))
    shown.page.toolbar.model.set_key("other")
    shown.page.toolbar.model.picked.emit("other")
    assert ("use_table", "other") in shown.player.calls
    assert shown.desk.calls[-1] == ("statistics", None, None, "other")
    assert "model other" in shown.page.status.text()
    assert shown.page.lanes.chart._words(place_of(shown.page.lanes, 0.5, 40), 0.5).endswith(
        "Person 1 surprise 60%"
    )


def test_the_sessions_own_model_can_be_the_second_beside_another(
    show: Callable[..., Shown],
) -> None:
    shown = show(analyses=(Analysis("other", "0" * 64, "frames.other.csv"),))
    bar = shown.page.toolbar
    own = shown.page.session.info.model
    bar.model.set_key("other")
    bar.model.picked.emit("other")
    bar.second_model.set_key(own)
    bar.second_model.picked.emit(own)
    assert bar.second_model.key == own
    assert shown.player.calls[-1] == ("second_table", own)
    assert "models agree on 67%" in shown.page.status.text()


def test_a_new_name_does_not_cut_the_lanes_anew(
    show: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    chart = shown.page.lanes.chart
    chart.grab()
    steps, cut = chart._steps, chart._cut
    shown.page.edit(rename(1, "Anna"))
    chart.grab()
    assert chart._steps is steps
    assert chart._cut is cut
    assert chart._names == {1: "Anna"}
    shown.page.edit(merge(2, 1))
    assert chart._steps is not steps


def test_one_person_can_be_chosen_for_exports(show: Callable[..., Shown]) -> None:
    bar = show().page.toolbar
    offered = {action.text(): action for action in bar.whom.actions()}
    assert list(offered) == ["Everybody", "Person 1", "Person 2"]
    assert bar.whom.menuAction().isVisible()
    assert bar.person is None
    offered["Person 2"].trigger()
    assert (bar.person, bar.person_name) == (2, "Person 2")
    bar.offer_people({1: "Person 1", 2: "Anna"})
    assert (bar.person, bar.person_name) == (2, "Anna")
    bar.offer_people({})
    assert bar.person is None
    assert not bar.whom.menuAction().isVisible()


def test_what_cannot_be_played_is_one_sentence(show: Callable[..., Shown]) -> None:
    shown = show()
    shown.player.listener.on_player_failed("The video is cut here.")
    assert (shown.page.banner.kind, shown.page.banner.text) == ("error", "The video is cut here.")


def test_a_narrow_window_puts_the_panel_away_until_it_is_asked_for(
    qtbot: QtBot, show: Callable[..., Shown]
) -> None:
    shown = show()
    page = shown.page
    assert page.side.isVisible()
    shown.window.resize(700, 500)
    qtbot.waitUntil(lambda: not page.side.isVisible())
    qtbot.keyClick(page.video, Qt.Key.Key_P)
    assert page.side.isVisible()
    assert page.toolbar.panel.isChecked()


def test_it_fits_the_smallest_window(qtbot: QtBot, show: Callable[..., Shown]) -> None:
    shown = show(markers=(Marker(1.0),), excluded=(Span(1.0, 2.0),))
    page = shown.page
    page.lanes.chart.zoom(2)
    shown.window.resize(560, 420)
    qtbot.waitUntil(lambda: (page.width(), page.height()) == (560, 420))
    qtbot.waitUntil(lambda: not page.side.isVisible())
    kinds = (QAbstractButton, QLabel, QSlider, Combo)
    for part in (one for kind in kinds for one in page.findChildren(kind) if one.isVisible()):
        right = part.mapTo(page, part.rect().topRight()).x()
        assert right <= page.width(), part.accessibleName()


@pytest.mark.parametrize("name", look.THEMES)
def test_every_control_has_a_name_and_every_theme_is_painted(
    show: Callable[..., Shown], name: str
) -> None:
    page = show(markers=(Marker(1.0, "", "happy"),), excluded=(Span(1.0, 2.0),)).page
    page.set_theme(look.THEMES[name])
    assert page.grab().toImage().pixelColor(2, 2).isValid()
    chart = page.lanes.chart.grab().toImage()
    assert chart.pixelColor(2, 36).name() != look.THEMES[name].window
    for control in page.findChildren(QWidget):
        reached = control.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = control.parent() is not None and isinstance(control.parent(), Combo | QLineEdit)
        if control.isVisible() and reached and not inner:
            assert control.accessibleName() or getattr(control, "text", str)(), control
