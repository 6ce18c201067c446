"""What stands around the picture: timeline, coach, circumplex, and what the model sees."""

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from fercam.core.emotions import EMOTIONS, emotion_index
from fercam.core.values import AnnotatedFrame, Face
from fercam.ui import theme as look
from fercam.ui.pipeline import Pipeline
from fercam.ui.widgets.people import PeoplePanel

if TYPE_CHECKING:
    from fercam.ui.widgets.circumplex import Circumplex
    from fercam.ui.widgets.coach_panel import CoachPanel
    from fercam.ui.widgets.face_view import FaceView
    from fercam.ui.widgets.timeline import Timeline

Instrument = TypeVar("Instrument", "Timeline", "CoachPanel", "Circumplex", "FaceView")

ASK_MS = 50
TIMELINE_PX = 176
"""Kept free for the timeline from the start, so that the picture does not jump when it comes."""
OPINIONS = 900
"""Pairs of answers that the agreement of two models is counted over: half a minute of one face."""


class Instruments:
    """Makes the instruments when they are first wanted and feeds those that are shown, and the
    timeline always.

    They are about everybody in the picture, or about the person chosen in the people panel. What
    they are made of needs OpenCV and pyqtgraph, which must not delay the window.
    """

    def __init__(self, people: PeoplePanel) -> None:
        self.side, self.bottom = QWidget(), QWidget()
        for place in (self.side, self.bottom):
            column = QVBoxLayout(place)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(12)
            place.hide()
        self.timeline: Timeline | None = None
        self.coach: CoachPanel | None = None
        self.circumplex: Circumplex | None = None
        self.face_view: FaceView | None = None
        self._people = people
        self._people.chosen_changed.connect(self._show_details)
        self._theme = look.THEMES["dark"]
        self._shown: set[str] = set()
        self._pipeline: Pipeline | None = None
        self._result: AnnotatedFrame | None = None
        self._paused, self._room_below = False, True
        self._rates: tuple[float, float | None] = (0.0, None)
        self._agreed: deque[bool] = deque(maxlen=OPINIONS)
        self._ask = QTimer(self.side)
        self._ask.setInterval(ASK_MS)
        self._ask.timeout.connect(self._look_for_explanation)

    @property
    def agreement(self) -> float | None:
        """How often the two models gave the same label lately, 0..1; None with one model."""
        return sum(self._agreed) / len(self._agreed) if self._agreed else None

    def watch(self, pipeline: Pipeline) -> None:
        """Ask this pipeline for explanations; from now on instruments may be made."""
        self._pipeline = pipeline
        self.show_only(self._shown)

    def show_only(self, names: set[str]) -> None:
        """Show these of "timeline", "coach", "circumplex" and "details"."""
        self._shown = names
        if self._pipeline is not None:
            self._make_wanted()
        parts = {
            "coach": self.coach,
            "circumplex": self.circumplex,
            "details": self.face_view,
            "timeline": self.timeline,
        }
        for name, part in parts.items():
            if part is not None:
                part.setVisible(name in names)
        self.side.setVisible(bool(names & {"coach", "circumplex", "details"}))
        self.bottom.setMinimumHeight(TIMELINE_PX)
        self._show_bottom()
        self._show_details()

    def set_room_below(self, there_is: bool) -> None:
        """Put the timeline away while there is no room for it."""
        self._room_below = there_is
        self._show_bottom()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for part in (self.timeline, self.coach, self.circumplex, self.face_view):
            if part is not None:
                part.set_theme(theme)

    def show_result(self, result: AnnotatedFrame) -> None:
        """Show a new result."""
        self._result = result
        t_s = result.frame.t_capture_ns / 1e9
        if self.timeline is not None:
            self.timeline.add(result, t_s)  # shown or not: the last minute has no holes
        if self.circumplex is not None and self.circumplex.isVisible():
            self.circumplex.add(result, t_s)
        for face in result.faces:
            if face.prediction is not None and face.second is not None:
                self._agreed.append(face.prediction.label == face.second.label)
        if not any(face.second for face in result.faces) and result.faces:
            self._agreed.clear()
        self._show_coach()
        if self.face_view is not None and self.face_view.isVisible():
            chosen = self._chosen_face()
            self.face_view.show_crop(chosen.crop if chosen is not None else None)

    def show_rate(self, fps: float, wanted_fps: float | None) -> None:
        """Take note of the frames that come and those that should."""
        self._rates = (fps, wanted_fps)
        self._show_coach()

    def set_paused(self, paused: bool) -> None:
        """Stand still, and explain the face that is held; or go on."""
        self._paused = paused
        for part in (self.timeline, self.circumplex):
            if part is not None:
                part.set_paused(paused)
        self._show_details()

    def clear(self) -> None:
        """Forget everybody."""
        self._result = None
        self.set_paused(False)
        self._agreed.clear()
        self._ask.stop()
        for part in (self.timeline, self.circumplex, self.coach):
            if part is not None:
                part.clear()
        if self.face_view is not None:
            self.face_view.show_crop(None)

    def _make_wanted(self) -> None:
        if "timeline" in self._shown and self.timeline is None:
            from fercam.ui.widgets.timeline import Timeline

            self.timeline = self._place(Timeline(), self.bottom)
            self.timeline.set_paused(self._paused)
        if "coach" in self._shown and self.coach is None:
            from fercam.ui.widgets.coach_panel import CoachPanel

            self.coach = self._place(CoachPanel(), self.side)
        if "circumplex" in self._shown and self.circumplex is None:
            from fercam.ui.widgets.circumplex import Circumplex

            self.circumplex = self._place(Circumplex(), self.side)
            self.circumplex.set_paused(self._paused)
        if "details" in self._shown and self.face_view is None:
            from fercam.ui.widgets.face_view import FaceView

            self.face_view = self._place(FaceView(), self.side)

    def _show_bottom(self) -> None:
        self.bottom.setVisible("timeline" in self._shown and self._room_below)

    def _place(self, part: Instrument, place: QWidget) -> Instrument:
        part.set_theme(self._theme)
        column = place.layout()
        assert column is not None
        column.addWidget(part)
        return part

    def _chosen_face(self) -> Face | None:
        if self._result is None:
            return None
        faces = {face.detection.track_id: face for face in self._result.faces}
        return faces.get(self._people.chosen or 0)

    def _show_coach(self) -> None:
        if self.coach is None or not self.coach.isVisible():
            return
        from fercam.pipeline.coach import advise

        face = self._chosen_face()
        quality = face.crop.quality if face is not None and face.crop is not None else None
        self.coach.show_advice(advise(quality, *self._rates))

    def _show_details(self) -> None:
        """Show the chosen person's face; while it is held, find out what mattered in it."""
        view, face = self.face_view, self._chosen_face()
        if view is None or not view.isVisibleTo(self.side):
            return
        view.show_crop(face.crop if face is not None else None)
        if not self._paused or face is None or self._pipeline is None:
            return
        if face.crop is not None and face.prediction is not None:
            self._pipeline.explain(face.crop, emotion_index(face.prediction.label))
            self._ask.start()

    def _look_for_explanation(self) -> None:
        found = self._pipeline.newest_explanation.get() if self._pipeline is not None else None
        face = self._chosen_face()
        if not self._paused or face is None or face.crop is None or self.face_view is None:
            self._ask.stop()
        elif found is not None and found.crop is face.crop.pixels:
            self._ask.stop()
            self.face_view.show_importance(
                found.crop, found.importance, EMOTIONS[found.emotion_index]
            )
