"""What one person's expression looks like: name, mark, word, number, reason for doubt, bars."""

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
)

from fercam.core.values import Face, Prediction
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.emotion_bars import NUMBERS_EVERY_S, EmotionBars
from fercam.ui.widgets.marks import EmotionMark
from fercam.ui.widgets.parts import icon_button, words
from fercam.ui.widgets.person_frame import PersonFrame


class PersonCard(PersonFrame):
    """One person who is watched, or was until a moment ago."""

    neutral_asked = pyqtSignal()
    neutral_unwanted = pyqtSignal()

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.lost = False
        self._face: Face | None = None
        self._said: Face | None = None
        self._quarter = QTimer(self)
        self._quarter.setInterval(round(NUMBERS_EVERY_S * 1000))
        self._quarter.setSingleShot(True)
        self._quarter.timeout.connect(self._say_newest)
        self._mark = EmotionMark()
        self._label = ElidedLabel()
        self._label.setFont(look.font(look.LARGE_PX, strong=True))
        self.neutral = icon_button(
            f"Learn the resting face of person {number}", "Learn this person's resting face (N)"
        )
        self.neutral.setCheckable(True)
        self.neutral.clicked.connect(self._neutral_clicked)
        self.uncover = icon_button(
            f"Show the face of person {number} in recordings",
            "Show this face in recordings; the next one follows",
        )
        self.uncover.setCheckable(True)
        self.uncover.hide()
        self.neutral_menu = QMenu(self)
        self.neutral_menu.addAction("Learn the resting face again", self.neutral_asked.emit)
        self.neutral_menu.addAction("Forget the resting face", self.neutral_unwanted.emit)
        self._corrected = False
        self._away, self._reason = words("out of sight", quiet=True), words(quiet=True)
        self._second = words(quiet=True)
        for told in (self._away, self._reason, self._second):
            told.hide()
        self.bars = EmotionBars()
        self._fade = QGraphicsOpacityEffect(self)
        self._fade.setOpacity(0.45)
        self._fade.setEnabled(False)
        self.setGraphicsEffect(self._fade)
        self._lay_out()
        self._label.setText("…")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for part in (self.disc, self.name, self._away, self.uncover, self.neutral):
            top.addWidget(part, int(part is self.name))
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self._mark)
        middle.addWidget(self._label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(middle)
        column.addWidget(self._reason)
        column.addWidget(self._second)
        column.addSpacing(4)
        column.addWidget(self.bars)

    @property
    def title(self) -> str:
        """The person's name, or number."""
        return self.name.text() or self.name.placeholderText()

    @property
    def words(self) -> str:
        """The label as it is read: "happy 83%" or "not sure"."""
        return self._label.text()

    @property
    def reason(self) -> str:
        """Why it is not sure; empty when it is."""
        return "" if self._reason.isHidden() else self._reason.text()

    @property
    def second_opinion(self) -> str:
        """What the other model says; empty with one model."""
        return "" if self._second.isHidden() else self._second.text()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for part in (self.disc, self._mark, self.bars):
            part.set_theme(theme)
        self.neutral.setIcon(icons.icon("neutral", theme.quiet))
        self.uncover.setIcon(icons.icon("view", theme.quiet))

    def set_lost(self, lost: bool) -> None:
        """Dim the card of a person who is out of sight."""
        if lost != self.lost:
            self.lost = lost
            self._fade.setEnabled(lost)
            self._away.setVisible(lost)
            if lost:
                self.stand_still()

    def stand_still(self) -> None:
        """Show the newest face at once, and stop every movement."""
        self._say_newest()
        self.bars.stand_still()

    def show_face(self, face: Face) -> None:
        """Show a face. Words change at once, numbers four times a second at most."""
        self.show_name(face.name)
        prediction = face.prediction
        if prediction is None:
            return
        self._face = face
        self._corrected = prediction.before is not None
        self.neutral.setChecked(self._corrected)
        self.bars.set_probabilities(prediction.smoothed, prediction.sure, prediction.before)
        if not self._quarter.isActive() or _words(face) != _words(self._said):
            self._say_newest()

    def _say_newest(self) -> None:
        """Say what is known now; a face that came too soon after the one before is said later."""
        if self._face is None or self._face is self._said or self._face.prediction is None:
            return
        self._said = self._face
        self._quarter.start()
        self._say(self._face.prediction, self._face.second)

    def _say(self, prediction: Prediction, second: Prediction | None) -> None:
        percent = f"{prediction.confidence * 100:.0f}%"
        if prediction.doubt is None:
            self._label.setText(f"{prediction.label} {percent}")
            heard = f"expression looks {prediction.label}, {percent}"
        else:
            self._label.setText("not sure")
            self._reason.setText(f"{prediction.doubt.value}: {prediction.label}? {percent}")
            heard = f"not sure, {prediction.doubt.value}"
        self.setAccessibleName(f"{self.title}: {heard}")
        self._reason.setVisible(prediction.doubt is not None)
        self._mark.set_emotion(prediction.label if prediction.sure else None)
        self._second.setVisible(second is not None)
        if second is not None:
            same = "agrees" if second.label == prediction.label else "says"
            doubt = "?" if second.doubt else ""
            self._second.setText(
                f"second model {same}: {second.label}{doubt} {second.confidence * 100:.0f}%"
            )

    def _neutral_clicked(self) -> None:
        self.neutral.setChecked(self._corrected)  # it shows whether one is used, not the click
        if self._corrected:
            self.neutral_menu.popup(self.neutral.mapToGlobal(self.neutral.rect().bottomLeft()))
        else:
            self.neutral_asked.emit()

    def _take_name(self) -> None:
        self.name.clearFocus()
        super()._take_name()


def _words(face: Face | None) -> tuple[object, ...]:
    """Return what a card says of a face besides numbers."""
    if face is None or face.prediction is None:
        return ()
    return (
        face.name,
        face.prediction.label,
        face.prediction.doubt,
        face.second and face.second.label,
    )
