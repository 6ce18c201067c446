"""Who is in a session, what their shares are, and who is the same person as whom."""

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fercam.core.emotions import EMOTIONS
from fercam.core.words import length
from fercam.recording.session_json import SessionInfo
from fercam.sessions.statistics import PersonStatistics, SessionStatistics
from fercam.sessions.table import people_names
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.emotion_bars import EmotionBars
from fercam.ui.widgets.menus import passing_menu
from fercam.ui.widgets.parts import heading, icon_button
from fercam.ui.widgets.person_frame import PersonFrame
from fercam.ui.widgets.share_bar import ShareBar

EVERYBODY = 0
MOST_CARDS = 6
"""More people than these are shown when they are asked for."""


class SessionPeople(QWidget):
    """A card for everybody together and one for each person; the shares of the chosen one are
    written out below."""

    renamed = pyqtSignal(int, str)
    merged = pyqtSignal(int, int)
    """The first person is the second one."""
    unmerged = pyqtSignal(int)
    """This person is somebody else after all."""
    chosen_changed = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[int, SessionPerson] = {}
        self.chosen = EVERYBODY
        self._theme = look.THEMES["dark"]
        self._statistics: SessionStatistics | None = None
        self._title = heading("People")
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        self.all = QPushButton()
        self.all.setFont(look.font(look.SMALL_PX))
        self.all.setCheckable(True)
        self.all.clicked.connect(self._show_cards)
        self.all.hide()
        self._whose = ElidedLabel()
        self._whose.setFont(look.font(look.BODY_PX, strong=True))
        self.bars = EmotionBars()
        self._figures = QLabel()
        self._figures.setWordWrap(True)
        self._figures.setFont(look.font(look.SMALL_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addLayout(self._cards)
        for part in (self.all, self._whose, self.bars, self._figures):
            column.addWidget(part)

    @property
    def figures(self) -> str:
        """The figures of the chosen person as they are read."""
        return self._figures.text()

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        self.bars.set_theme(theme)
        for card in self.cards.values():
            card.set_theme(theme)

    def show_people(self, statistics: SessionStatistics, info: SessionInfo, part: str) -> None:
        """Show who is there; `info` says who was merged into whom, `part` which stretch of the
        session this is about, empty for all of it."""
        self._statistics = statistics
        self._title.setText(f"People, {part}" if part else "People")
        everyone = (statistics.group, *statistics.people)
        wanted = {one.person for one in everyone}
        for number in [n for n in self.cards if n not in wanted]:
            card = self.cards.pop(number)
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        names = people_names(info)
        others = {one.person: one.name for one in statistics.people}
        for place, one in enumerate(everyone):
            card = self.cards.get(one.person) or self._add(one.person, place)
            typed = names.get(one.person, "")
            into = [p.id for p in info.people if p.merged_into == one.person]
            card.show_person(one, typed, into, others)
        self._show_cards()
        self.choose(self.chosen if self.chosen in wanted else EVERYBODY)

    def _show_cards(self) -> None:
        """Show those who were there longest, or everyone."""
        if self._statistics is None:
            return
        longest = sorted(self._statistics.people, key=lambda one: -one.seen_s)[:MOST_CARDS]
        shown = {EVERYBODY, *(one.person for one in longest)}
        for number, card in self.cards.items():
            card.setVisible(number in shown or self.all.isChecked())
        rest = len(self._statistics.people) - len(longest)
        self.all.setVisible(rest > 0)
        self.all.setText("Show fewer" if self.all.isChecked() else f"Show {rest} more")

    def choose(self, number: int) -> None:
        """Write out the shares of a person, or of everybody."""
        changed, self.chosen = number != self.chosen, number
        for other, card in self.cards.items():
            card.set_chosen(other == number)
        if self._statistics is not None:
            everyone = (self._statistics.group, *self._statistics.people)
            self._write_out(next(one for one in everyone if one.person == number))
        if changed:
            self.chosen_changed.emit(number)

    def _write_out(self, one: PersonStatistics) -> None:
        assert self._statistics is not None
        self._whose.setText(f"Shares of {'everybody' if not one.person else one.name}")
        shares = np.array([one.shares[name] for name in EMOTIONS], np.float32)
        self.bars.set_probabilities(shares, sure=True)
        self.bars.setAccessibleName(self._whose.text())
        lines = [
            f"Face usable {one.usable_share:.0%} of {length(self._statistics.counted_s)}",
            f"Not sure {one.not_sure_share:.0%} of the time with a face",
        ]
        if one.valence is not None and one.arousal is not None:
            lines.append(f"Valence {one.valence:+.2f}, arousal {one.arousal:+.2f} (derived)")
        self._figures.setText("\n".join(lines))

    def _add(self, number: int, place: int) -> "SessionPerson":
        card = SessionPerson(number)
        card.set_theme(self._theme)
        card.renamed.connect(lambda name: self.renamed.emit(number, name))
        card.merged.connect(lambda into: self.merged.emit(number, into))
        card.unmerged.connect(self.unmerged)
        card.chosen.connect(lambda: self.choose(number))
        self.cards[number] = card
        self._cards.insertWidget(place, card)
        return card


class SessionPerson(PersonFrame):
    """One person: the menu merges, and Enter chooses too."""

    merged = pyqtSignal(int)
    unmerged = pyqtSignal(int)

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._number = number
        self._merged_here: list[int] = []
        self._others: dict[int, str] = {}
        self.name.setVisible(number != EVERYBODY)
        everybody = QLabel("Everybody")
        self.more = icon_button(f"Who person {number} is", "Who this person is")
        self.more.setObjectName("small")
        self.more.clicked.connect(
            lambda: self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        )
        self.bar = ShareBar()
        self.words = QLabel()
        self.words.setProperty("quiet", True)
        for small in (everybody, self.words):
            small.setFont(look.font(look.SMALL_PX, strong=small is everybody))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.disc)
        top.addWidget(everybody if number == EVERYBODY else self.name, 1)
        top.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.words)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.disc.set_theme(theme)
        self.bar.set_theme(theme)
        self.more.setIcon(icons.icon("more", theme.quiet))

    def show_person(
        self, one: PersonStatistics, typed: str, merged_here: list[int], others: dict[int, str]
    ) -> None:
        """Show a person's figures; `others` are those they could turn out to be, by number."""
        self.show_name(typed)
        self._merged_here = merged_here
        self._others = {n: name for n, name in others.items() if n != self._number}
        self.more.setVisible(bool(self._number and (self._others or merged_here)))
        self.bar.show_shares(one.shares, one.not_sure_share)
        mostly = f"mostly {one.dominant} · " if one.dominant else ""
        self.words.setText(f"{mostly}seen {length(one.seen_s)}")
        self.setAccessibleName(f"{one.name}: {self.words.text()}")

    def menu(self) -> QMenu:
        """Return what can be said about who this is."""
        menu = passing_menu(self)
        for number, name in self._others.items():
            menu.addAction(f"Is the same as {name}", lambda n=number: self.merged.emit(n))
        if self._others and self._merged_here:
            menu.addSeparator()
        for number in self._merged_here:
            words = f"Person {number} is somebody else after all"
            menu.addAction(words, lambda n=number: self.unmerged.emit(n))
        return menu

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Choose this person with Enter."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)
