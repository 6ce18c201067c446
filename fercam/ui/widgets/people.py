"""The panel on the right: one card per face, which stays while a face is briefly lost."""

import time
from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fercam.core.values import AnnotatedFrame, Prediction
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.emotion_bars import NUMBERS_EVERY_S, EmotionBars, emotion_brush

KEEP_LOST_S = 3.0
SWEEP_MS = 250
WIDTH_PX = 264
NOBODY = "No face yet.\n\nSit facing the camera, with light from the front."


class PeoplePanel(QWidget):
    """Cards in the order in which people appeared. A lost one is dimmed and leaves after 3 s."""

    def __init__(
        self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._theme = look.THEMES["dark"]
        self._cards: dict[int, PersonCard] = {}
        self._seen_s: dict[int, float] = {}
        self._title = QLabel("People")
        self._title.setFont(look.font(look.BODY_PX, strong=True))
        self._nobody = QLabel(NOBODY)
        self._nobody.setWordWrap(True)
        self._nobody.setProperty("quiet", True)
        self._nobody.setFont(look.font(look.SMALL_PX))
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._nobody)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._title)
        outer.addWidget(scroll, 1)
        self.setFixedWidth(WIDTH_PX)
        self._sweep = QTimer(self)
        self._sweep.setInterval(SWEEP_MS)
        self._sweep.timeout.connect(self.forget_lost)

    @property
    def cards(self) -> dict[int, "PersonCard"]:
        """The cards by the person's number, in their order on the screen."""
        return dict(self._cards)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for card in self._cards.values():
            card.set_theme(theme)

    def show_result(self, result: AnnotatedFrame) -> None:
        """Show the faces of a result; people who are not in it are lost for now."""
        now_s = self._clock()
        present = set()
        for face in result.faces:
            number = face.detection.track_id
            present.add(number)
            self._seen_s[number] = now_s
            card = self._cards.get(number) or self._add(number)
            card.set_lost(False)
            if face.prediction is not None:
                card.show_prediction(face.prediction)
        for number, card in self._cards.items():
            if number not in present:
                card.set_lost(True)
        if len(present) < len(self._cards):
            self._sweep.start()

    def forget_lost(self) -> None:
        """Remove the cards of people lost for 3 s; called four times a second while any is."""
        now_s = self._clock()
        for number, card in list(self._cards.items()):
            if card.lost and now_s - self._seen_s[number] >= KEEP_LOST_S:
                self._remove(number)
        if not any(card.lost for card in self._cards.values()):
            self._sweep.stop()

    def stand_still(self) -> None:
        """Stop every movement; the cards stay."""
        for card in self._cards.values():
            card.bars.stand_still()

    def clear(self) -> None:
        """Remove every card."""
        for number in list(self._cards):
            self._remove(number)

    def _add(self, number: int) -> "PersonCard":
        card = PersonCard(number)
        card.set_theme(self._theme)
        self._cards[number] = card
        self._column.insertWidget(self._column.count() - 1, card)
        self._nobody.hide()
        return card

    def _remove(self, number: int) -> None:
        card = self._cards.pop(number)
        del self._seen_s[number]
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._nobody.setVisible(not self._cards)


class PersonCard(QFrame):
    """What one person's expression looks like: mark, word, number, reason for doubt, bars."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self.lost = False
        self._number = number
        self._percent = ""
        self._percent_s = 0.0
        self._said: tuple[str, bool] | None = None
        self._mark = _Mark()
        self._label = ElidedLabel()
        self._label.setFont(look.font(look.LARGE_PX, strong=True))
        self._name = QLabel(f"Person {number}")
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        for quiet in (self._name, self._reason):
            quiet.setProperty("quiet", True)
            quiet.setFont(look.font(look.SMALL_PX))
        self._reason.hide()
        self.bars = EmotionBars()
        self._fade = QGraphicsOpacityEffect(self)
        self._fade.setOpacity(0.45)
        self._fade.setEnabled(False)
        self.setGraphicsEffect(self._fade)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._mark)
        top.addWidget(self._label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._name)
        column.addLayout(top)
        column.addWidget(self._reason)
        column.addSpacing(4)
        column.addWidget(self.bars)
        self._label.setText("…")

    @property
    def words(self) -> str:
        """The label as it is read: "happy 83%" or "not sure"."""
        return self._label.text()

    @property
    def reason(self) -> str:
        """Why it is not sure; empty when it is."""
        return "" if self._reason.isHidden() else self._reason.text()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._mark.set_theme(theme)
        self.bars.set_theme(theme)

    def set_lost(self, lost: bool) -> None:
        """Dim the card of a person who is out of sight."""
        if lost != self.lost:
            self.lost = lost
            self._fade.setEnabled(lost)
            self._name.setText(f"Person {self._number}" + (" · out of sight" if lost else ""))
            if lost:
                self.bars.stand_still()

    def show_prediction(self, prediction: Prediction) -> None:
        """Show a prediction. Words change at once, numbers four times a second at most."""
        self.bars.set_probabilities(prediction.smoothed, prediction.sure)
        says = (prediction.label, prediction.sure)
        now_s = time.monotonic()
        if says == self._said and now_s - self._percent_s < NUMBERS_EVERY_S:
            return
        self._said, self._percent_s = says, now_s
        percent = f"{prediction.confidence * 100:.0f}%"
        if prediction.doubt is None:
            self._label.setText(f"{prediction.label} {percent}")
            self.setAccessibleName(
                f"Person {self._number}: expression looks {prediction.label}, {percent}"
            )
        else:
            self._label.setText("not sure")
            self._reason.setText(f"{prediction.doubt.value}: {prediction.label}? {percent}")
            self.setAccessibleName(f"Person {self._number}: not sure, {prediction.doubt.value}")
        self._reason.setVisible(prediction.doubt is not None)
        self._mark.set_emotion(prediction.label if prediction.sure else None)


class _Mark(QWidget):
    """A square in the emotion's colour; hatched when not sure."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = look.THEMES["dark"]
        self._emotion: str | None = None
        self.setFixedSize(16, 16)

    def set_theme(self, theme: look.Theme) -> None:
        self._theme = theme
        self.update()

    def set_emotion(self, emotion: str | None) -> None:
        self._emotion = emotion
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(emotion_brush(self._theme, self._emotion))
        edge = QColor(self._theme.quiet)
        painter.setPen(edge if self._emotion is None else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)
        painter.end()
