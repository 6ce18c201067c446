"""Two sessions side by side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fercam.core import words
from fercam.core.emotions import EMOTIONS
from fercam.recording.session_json import SessionInfo
from fercam.sessions.statistics import PersonStatistics, SessionStatistics
from fercam.ui import theme as look
from fercam.ui.widgets.emotion_bars import EmotionBars
from fercam.ui.widgets.marks import PersonDisc
from fercam.ui.widgets.parts import heading, scrolling
from fercam.ui.widgets.share_bar import ShareBar

if TYPE_CHECKING:  # it needs OpenCV, which must not delay the window
    from fercam.sessions.comparison import SessionComparison

HOW = "The line across each bar is where the other session is."


class ComparisonView(QWidget):
    """The shares of everybody in each session, and of each person below."""

    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.columns = (ComparedSession(), ComparedSession())
        self.back = QPushButton("Back")
        self.back.setToolTip("Back to the list (Alt+Left)")
        self.back.clicked.connect(self.left)
        how = QLabel(HOW)
        how.setProperty("quiet", True)
        for small in (self.back, how):
            small.setFont(look.font(look.SMALL_PX))
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.back)
        top.addWidget(heading("Two sessions side by side"), 1)
        inside = QWidget()
        sides = QHBoxLayout(inside)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(12)
        for column in self.columns:
            sides.addWidget(column, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 8)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(how)
        whole.addWidget(scrolling(inside), 1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for column in self.columns:
            column.set_theme(theme)

    def show_comparison(self, comparison: "SessionComparison") -> None:
        """Show two sessions."""
        sessions = comparison.first, comparison.second
        both = comparison.first_statistics, comparison.second_statistics
        for column, session, mine, other in zip(
            self.columns, sessions, both, reversed(both), strict=True
        ):
            column.show_session(session.info, mine, other)


class ComparedSession(QFrame):
    """One of the two."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._theme = look.THEMES["dark"]
        self.title, self.facts, self.figures = QLabel(), QLabel(), QLabel()
        self.title.setFont(look.font(look.BODY_PX, strong=True))
        self.bars = EmotionBars()
        self._people = QVBoxLayout()
        self._people.setSpacing(8)
        for label in (self.title, self.facts, self.figures):
            label.setWordWrap(True)
        for small in (self.facts, self.figures):
            small.setFont(look.font(look.SMALL_PX))
        self.facts.setProperty("quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for part in (self.title, self.facts, self.bars, self.figures):
            column.addWidget(part)
        column.addLayout(self._people)
        column.addStretch(1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.bars.set_theme(theme)
        for disc in self.findChildren(PersonDisc):
            disc.set_theme(theme)
        for bar in self.findChildren(ShareBar):
            bar.set_theme(theme)

    def show_session(
        self, info: SessionInfo, mine: SessionStatistics, other: SessionStatistics
    ) -> None:
        """Show a session; marks in its bars show the other one."""
        self.title.setText(words.date(info.start_utc) or "Session")
        source = str(info.source.get("description") or "")
        facts = (words.length(mine.counted_s), words.people(len(mine.people)), source)
        self.facts.setText(" · ".join(part for part in facts if part))
        self.bars.set_probabilities(_shares(mine.group.shares), True, _shares(other.group.shares))
        self.bars.setAccessibleName(f"Shares of everybody, {self.title.text()}")
        self.figures.setText(_figures(mine.group, other.group))
        while (item := self._people.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.hide()
                part.deleteLater()
        for one in mine.people:
            self._people.addWidget(self._row(one))

    def _row(self, one: PersonStatistics) -> QWidget:
        row = QWidget()
        disc, bar = PersonDisc(one.person), ShareBar()
        disc.set_theme(self._theme)
        bar.set_theme(self._theme)
        bar.show_shares(one.shares, one.not_sure_share)
        mostly = f": mostly {one.dominant}" if one.dominant else ""
        said = QLabel(f"{one.name}{mostly} · seen {words.length(one.seen_s)}")
        said.setFont(look.font(look.SMALL_PX))
        said.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(disc)
        line.addWidget(said, 1)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(bar)
        return row


def _shares(shares: Mapping[str, float]) -> NDArray[np.float32]:
    return np.array([shares[name] for name in EMOTIONS], np.float32)


def _figures(mine: PersonStatistics, other: PersonStatistics) -> str:
    lines = [
        f"Face usable {mine.usable_share:.0%} ({_change(mine.usable_share, other.usable_share)})"
    ]
    if mine.valence is not None and other.valence is not None:
        lines.append(
            f"Valence {mine.valence:+.2f} ({mine.valence - other.valence:+.2f} to the other)"
        )
    return "\n".join(lines)


def _change(mine: float, other: float) -> str:
    return f"{(mine - other) * 100:+.0f} points to the other"
