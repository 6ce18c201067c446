"""One card per person, which stays while the person is briefly lost."""

import time
from collections.abc import Callable

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from fercam.core.values import AnnotatedFrame
from fercam.ui import theme as look
from fercam.ui.widgets.parts import heading, words
from fercam.ui.widgets.person_card import PersonCard

KEEP_LOST_S = 3.0
SWEEP_MS = 250
NOBODY = "No face yet.\n\nSit facing the camera, with light from the front."


class PeoplePanel(QWidget):
    """Cards in the order in which people appeared. A lost one is dimmed and leaves after 3 s.

    Exactly one person is `chosen` while there are any: the first, until a card is clicked.
    """

    renamed = pyqtSignal(int, str)
    neutral_asked = pyqtSignal(int)
    neutral_unwanted = pyqtSignal(int)
    chosen_changed = pyqtSignal()
    uncovered_changed = pyqtSignal()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._theme = look.THEMES["dark"]
        self._cards: dict[int, PersonCard] = {}
        self._seen_s: dict[int, float] = {}
        self._chosen: int | None = None
        self._uncovered: set[int] = set()
        self._offers_uncovering = False
        self._title = heading("People")
        self._nobody = words(NOBODY, quiet=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._title)
        self._column.addWidget(self._nobody)
        self._sweep = QTimer(self)
        self._sweep.setInterval(SWEEP_MS)
        self._sweep.timeout.connect(self.forget_lost)

    @property
    def cards(self) -> dict[int, PersonCard]:
        """The cards by the person's number, in their order on the screen."""
        return dict(self._cards)

    @property
    def chosen(self) -> int | None:
        """The number of the person whose details are shown; None without people."""
        return self._chosen

    @property
    def uncovered(self) -> frozenset[int]:
        """The numbers of those whose faces recordings may show although they hide faces."""
        return frozenset(self._uncovered)

    def offer_uncovering(self, offered: bool) -> None:
        """Let people choose who may be seen in recordings, or not, where all are seen anyway."""
        self._offers_uncovering = offered
        for card in self._cards.values():
            card.uncover.setVisible(offered)

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
            if not number:
                continue  # not known yet who it is
            present.add(number)
            self._seen_s[number] = now_s
            card = self._cards.get(number) or self._add(number)
            card.set_lost(False)
            card.show_face(face)
        for number, card in self._cards.items():
            if number not in present:
                card.set_lost(True)
        if len(present) < len(self._cards):
            self._sweep.start()

    def forget_lost(self) -> None:
        """Remove the cards of people lost for 3 s; called four times a second while any is.

        Not while a name is typed in one: what is typed next would go to the window's shortcuts.
        """
        now_s = self._clock()
        for number, card in list(self._cards.items()):
            gone = card.lost and now_s - self._seen_s[number] >= KEEP_LOST_S
            if gone and not card.name.hasFocus():
                self._remove(number)
        if not any(card.lost for card in self._cards.values()):
            self._sweep.stop()

    def stand_still(self) -> None:
        """Stop every movement; the cards stay."""
        for card in self._cards.values():
            card.stand_still()

    def clear(self) -> None:
        """Remove every card; numbers are given anew, so nobody stays uncovered."""
        for number in list(self._cards):
            self._remove(number)
        if self._uncovered:
            self._uncovered.clear()
            self.uncovered_changed.emit()

    def choose(self, number: int | None) -> None:
        """Make a person the one whose details are shown."""
        if number == self._chosen:
            return
        self._chosen = number
        for other, card in self._cards.items():
            card.set_chosen(other == number and len(self._cards) > 1)
        self.chosen_changed.emit()

    def _add(self, number: int) -> PersonCard:
        card = PersonCard(number)
        card.set_theme(self._theme)
        card.renamed.connect(lambda name: self.renamed.emit(number, name))
        card.neutral_asked.connect(lambda: self.neutral_asked.emit(number))
        card.neutral_unwanted.connect(lambda: self.neutral_unwanted.emit(number))
        card.chosen.connect(lambda: self.choose(number))
        card.uncover.setVisible(self._offers_uncovering)
        card.uncover.setChecked(number in self._uncovered)
        card.uncover.toggled.connect(lambda shown: self._uncover(number, shown))
        self._cards[number] = card
        self._column.addWidget(card)
        self._nobody.hide()
        if self._chosen is None:
            self.choose(number)
        return card

    def _uncover(self, number: int, shown: bool) -> None:
        (self._uncovered.add if shown else self._uncovered.discard)(number)
        self.uncovered_changed.emit()

    def _remove(self, number: int) -> None:
        card = self._cards.pop(number)
        del self._seen_s[number]
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._nobody.setVisible(not self._cards)
        if number == self._chosen:
            self.choose(next(iter(self._cards), None))
