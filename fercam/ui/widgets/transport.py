"""Where a file is, and how fast it plays."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from fercam.core.words import clock
from fercam.pipeline.playback import SPEEDS
from fercam.ui import theme as look
from fercam.ui.widgets.combo import Combo

STEPS_PER_S = 100
PAGE_S = 5
SHORT_STEP_S = 1


class Transport(QWidget):
    """A slider and a speed; hidden for sources that cannot be wound."""

    sought = pyqtSignal(float)
    """Go on at this time, in seconds."""
    speed_picked = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Place in the video")
        self.slider.setToolTip("Drag, or use the arrow keys, to go to another place")
        self.slider.setSingleStep(SHORT_STEP_S * STEPS_PER_S)
        self.slider.setPageStep(PAGE_S * STEPS_PER_S)
        self.slider.valueChanged.connect(self._moved)
        self.speed = Combo()
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How fast the video plays")
        for factor in SPEEDS:
            self.speed.addItem(f"{factor:g}×", factor)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(lambda row: self.speed_picked.emit(SPEEDS[row]))
        self._time = QLabel()
        for part in (self.speed, self._time):
            part.setFont(look.font(look.SMALL_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.slider, 1)
        row.addWidget(self._time)
        row.addWidget(self.speed)
        self.hide()

    @property
    def time_text(self) -> str:
        """The place as it is read, such as "0:07 / 0:19"."""
        return self._time.text()

    def reset(self) -> None:
        """Be ready for another source."""
        self.hide()
        self.speed.setCurrentIndex(SPEEDS.index(1.0))

    def show_place(self, position_s: float | None, duration_s: float | None) -> None:
        """Show where it is; not while the slider is being dragged."""
        known = position_s is not None and duration_s is not None
        self.setVisible(known)
        if position_s is None or duration_s is None or self.slider.isSliderDown():
            return
        self.slider.blockSignals(True)
        self.slider.setMaximum(round(duration_s * STEPS_PER_S))
        self.slider.setValue(round(position_s * STEPS_PER_S))
        self.slider.blockSignals(False)
        self._show_time(position_s)

    def _moved(self, steps: int) -> None:
        self._show_time(steps / STEPS_PER_S)
        self.sought.emit(steps / STEPS_PER_S)

    def _show_time(self, position_s: float) -> None:
        whole_s = self.slider.maximum() / STEPS_PER_S
        self._time.setText(f"{clock(position_s)} / {clock(whole_s)}")
