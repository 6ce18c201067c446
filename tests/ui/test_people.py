"""Cards stay where they are, say what is known and why it is not, and leave in time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from fercam.core.emotions import EMOTIONS
from fercam.core.values import AnnotatedFrame, Doubt, Face
from fercam.ui.widgets.emotion_bars import EmotionBars
from fercam.ui.widgets.people import PeoplePanel

from .conftest import Clock, make_face, make_frame, make_prediction


@pytest.fixture
def panel(qtbot: QtBot, clock: Clock) -> Iterator[PeoplePanel]:
    made = PeoplePanel(clock=clock)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.clear()


def result(*faces: Face) -> AnnotatedFrame:
    return AnnotatedFrame(make_frame(), faces)


def visible_texts(panel: PeoplePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_an_empty_panel_says_what_to_do(panel: PeoplePanel) -> None:
    assert any("Sit facing the camera" in text for text in visible_texts(panel))
    panel.show_result(result(make_face(1)))
    assert not any("Sit facing the camera" in text for text in visible_texts(panel))


def test_a_card_says_label_and_percent(panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(1, "happy", 0.834)))
    assert panel.cards[1].words == "happy 83%"
    assert panel.cards[1].accessibleName() == "Person 1: expression looks happy, 83%"


def test_a_number_that_came_too_soon_is_said_in_the_end(qtbot: QtBot, panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(1, "happy", 0.83)))
    panel.show_result(result(make_face(1, "happy", 0.91)))
    assert panel.cards[1].words == "happy 83%"
    qtbot.waitUntil(lambda: panel.cards[1].words == "happy 91%")


def test_a_held_picture_and_its_card_say_the_same(panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(1, "happy", 0.83)))
    held = make_face(1, "happy", 0.91)
    panel.show_result(result(held))
    panel.stand_still()
    card = panel.cards[1]
    assert card.words == "happy 91%"
    assert held.prediction is not None
    assert card.bars.shown == pytest.approx(held.prediction.smoothed)
    assert not card.bars.moving


def test_doubt_is_said_with_its_reason(panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(1, "sad", 0.31, doubt=Doubt.LOW_CONFIDENCE)))
    assert panel.cards[1].words == "not sure"
    assert panel.cards[1].reason == "low confidence: sad? 31%"
    panel.show_result(result(make_face(1, "sad", 0.9)))
    assert panel.cards[1].words == "sad 90%"
    assert panel.cards[1].reason == ""


def test_a_face_the_model_has_not_seen_yet_has_a_card(panel: PeoplePanel) -> None:
    panel.show_result(result(Face(make_face(4).detection)))
    assert panel.cards[4].words == "…"


def test_cards_keep_their_order(panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(2), make_face(7)))
    panel.show_result(result(make_face(7), make_face(5), make_face(2)))
    assert list(panel.cards) == [2, 7, 5]


def test_a_lost_person_is_dimmed_comes_back_or_leaves_after_three_seconds(
    panel: PeoplePanel, clock: Clock
) -> None:
    panel.show_result(result(make_face(1), make_face(2)))
    panel.show_result(result(make_face(1)))
    clock.now_s += 2.9
    panel.forget_lost()
    assert [card.lost for card in panel.cards.values()] == [False, True]
    panel.show_result(result(make_face(1), make_face(2)))
    assert [card.lost for card in panel.cards.values()] == [False, False]
    panel.show_result(result())
    clock.now_s += 3.0
    panel.forget_lost()
    assert panel.cards == {}
    assert any("Sit facing the camera" in text for text in visible_texts(panel))


def test_lost_cards_leave_by_themselves(qtbot: QtBot, panel: PeoplePanel, clock: Clock) -> None:
    panel.show_result(result(make_face(1)))
    panel.show_result(result())
    clock.now_s += 3.0
    qtbot.waitUntil(lambda: not panel.cards)


def test_bars_move_smoothly_to_their_values_and_come_to_rest(qtbot: QtBot) -> None:
    bars = EmotionBars()
    qtbot.addWidget(bars)
    happy = EMOTIONS.index("happy")
    seen: list[float] = []
    bars.set_probabilities(make_prediction(1, "happy", 0.88).smoothed, sure=True)
    assert bars.moving
    while bars.moving:
        qtbot.wait(10)
        seen.append(bars.shown[happy])
    assert seen == sorted(seen)
    assert any(0.05 < share < 0.8 for share in seen)
    assert bars.shown == pytest.approx(make_prediction(1, "happy", 0.88).smoothed)


def test_bars_that_are_told_to_stand_still_do(qtbot: QtBot) -> None:
    bars = EmotionBars()
    qtbot.addWidget(bars)
    bars.set_probabilities(make_prediction(1, "happy", 0.88).smoothed, sure=True)
    bars.stand_still()
    assert not bars.moving
    assert bars.shown == pytest.approx(make_prediction(1, "happy", 0.88).smoothed)


def test_a_name_can_be_typed_and_stays_while_it_is_typed(qtbot: QtBot, panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(3)))
    card = panel.cards[3]
    assert card.title == "Person 3"
    with qtbot.waitSignal(panel.renamed) as told:
        qtbot.keyClicks(card.name, " Ada ")
        qtbot.keyClick(card.name, Qt.Key.Key_Return)
    assert told.args == [3, "Ada"]
    panel.show_result(result(replace(make_face(3), name="Ada")))
    assert card.title == "Ada"
    assert card.accessibleName().startswith("Ada: expression looks happy")


def test_a_card_stays_while_its_name_is_typed_though_the_person_is_lost(
    qtbot: QtBot, panel: PeoplePanel, clock: Clock
) -> None:
    panel.show_result(result(make_face(1), make_face(2)))
    name = panel.cards[1].name
    panel.activateWindow()
    name.setFocus()
    qtbot.waitUntil(name.hasFocus)
    panel.show_result(result())
    clock.now_s += 3.5
    panel.forget_lost()
    assert list(panel.cards) == [1]
    name.clearFocus()
    qtbot.waitUntil(lambda: not panel.cards)


def test_nobody_stays_uncovered_when_numbers_are_given_anew(
    qtbot: QtBot, panel: PeoplePanel
) -> None:
    panel.show_result(result(make_face(1)))
    panel.cards[1].uncover.setChecked(True)
    with qtbot.waitSignal(panel.uncovered_changed):
        panel.clear()
    panel.show_result(result(make_face(1)))
    assert not panel.uncovered and not panel.cards[1].uncover.isChecked()


def test_of_a_name_too_long_for_its_card_the_beginning_is_seen(
    qtbot: QtBot, panel: PeoplePanel
) -> None:
    panel.show_result(result(make_face(3)))
    name = panel.cards[3].name
    qtbot.keyClicks(name, "Adelheid Wilhelmina von Hohenfels")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert name.cursorPosition() == 0
    panel.show_result(result(replace(make_face(3), name="Wilhelmina Adelheid von Hohenfels")))
    assert name.cursorPosition() == 0


def test_a_second_model_is_quoted(panel: PeoplePanel) -> None:
    face = make_face(1, "happy", 0.8)
    panel.show_result(result(replace(face, second=make_prediction(1, "sad", 0.6))))
    assert panel.cards[1].second_opinion == "second model says: sad 60%"
    panel.show_result(result(replace(face, second=make_prediction(1, "happy", 0.7))))
    assert panel.cards[1].second_opinion == "second model agrees: happy 70%"
    panel.show_result(result(face))
    assert panel.cards[1].second_opinion == ""


def test_one_person_is_chosen_and_a_click_chooses_another(
    qtbot: QtBot, panel: PeoplePanel, clock: Clock
) -> None:
    panel.show_result(result(make_face(1), make_face(2)))
    assert panel.chosen == 1
    qtbot.mouseClick(panel.cards[2], Qt.MouseButton.LeftButton)
    assert panel.chosen == 2
    panel.show_result(result(make_face(1)))
    clock.now_s += 3.0
    panel.forget_lost()
    assert panel.chosen == 1


def test_a_face_nobody_knows_yet_has_no_card(panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(0)))
    assert panel.cards == {}


def test_a_resting_face_is_asked_for_by_its_button(qtbot: QtBot, panel: PeoplePanel) -> None:
    panel.show_result(result(make_face(5)))
    with qtbot.waitSignal(panel.neutral_asked) as told:
        qtbot.mouseClick(panel.cards[5].neutral, Qt.MouseButton.LeftButton)
    assert told.args == [5]
