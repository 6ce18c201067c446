"""The player's toolbar: back to the list, which model, what to show, what comes out."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from fercam.pipeline.choices import Choice
from fercam.recording.session_json import SessionInfo
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.elided_label import ElidedLabel
from fercam.ui.widgets.live_toolbar import NO_SECOND
from fercam.ui.widgets.parts import icon_button
from fercam.ui.widgets.picker import Picker

STYLES = {
    "labels": ("Boxes and labels", "O"),
    "bars": ("Boxes, labels and bars", "A"),
    "none": ("The picture alone", ""),
}
"""How the overlay is drawn: its words and the key that switches it."""
EXPORTS = {
    "csv": ("Table (CSV)", "csv"),
    "parquet": ("Table (Parquet)", "parquet"),
    "json": ("Everything (JSON)", "json"),
    "mp4": ("Video with labels (MP4)", "mp4"),
    "highlights": ("Highlights: the peaks cut together (MP4)", "mp4"),
    "srt": ("Subtitles (SRT)", "srt"),
    "vtt": ("Subtitles for the web (WebVTT)", "vtt"),
}
"""What a session can be exported as: its words and the file's suffix."""
REPORTS = {"html": "Report for the browser (HTML)", "pdf": "Report for print (PDF)"}
OWN_TABLE = ""
"""The key of the model that a session was made with."""
PANEL = "Panel: people, shares, markers"
MORE = {
    "analyse": "Analyse again with another model…",
    "compare": "Compare with another session…",
    "tags": "Tags…",
    "folder": "Open folder",
    "delete": "Delete this session",
}
"""What else can be done with a session."""


class SessionToolbar(QWidget):
    """Buttons, menus and pickers only; the page decides what they do."""

    export_asked = pyqtSignal(str)
    report_asked = pyqtSignal(str)
    more_asked = pyqtSignal(str)
    style_picked = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.back = _button("Sessions", "Back to the list (Alt+Left)", text=True)
        self.title = ElidedLabel()
        self.title.setFont(look.font(look.BODY_PX, strong=True))
        self.model = Picker("model", "Model whose answers are shown")
        self.second_model = Picker("model", "Second model, beside the first")
        self.view = _button("What to show", "What to show")
        self.export = _button("Export", "Export this session", text=True)
        self.report = _button("Report", "Write a report about this session", text=True)
        self.more = _button("More", "More about this session")
        self.styles: dict[str, QAction] = {}
        self.panel = QAction(f"{PANEL}\tP", self)
        self.panel.setCheckable(True)
        self.panel.setChecked(True)
        self.names = QAction("Names and numbers", self)
        self.names.setCheckable(True)
        self.names.setChecked(True)
        self.whom = QMenu("Whose answers", self)
        self.whom.setFont(look.font(look.SMALL_PX))
        self._whom_group = QActionGroup(self)
        self._people: dict[int, str] = {}
        self._icons = {
            self.back: "back",
            self.view: "view",
            self.export: "export",
            self.report: "report",
            self.more: "more",
        }
        self._fill_menus()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.back)
        row.addWidget(self.title, 2)
        for picker in (self.model, self.second_model):
            picker.setFixedHeight(32)
            picker.setMaximumWidth(160)
            picker.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            picker.hide()
            row.addWidget(picker, 1)
        for button in (self.view, self.export, self.report, self.more):
            row.addWidget(button)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for button, name in self._icons.items():
            button.setIcon(icons.icon(name, theme.text))
        for picker in (self.model, self.second_model):
            picker.set_theme(theme)

    @property
    def person(self) -> int | None:
        """Whose answers are exported; None for everybody's."""
        action = self._whom_group.checkedAction()
        return None if action is None else action.data()

    @property
    def person_name(self) -> str:
        """That one's name; empty for everybody."""
        return "" if self.person is None else self._people[self.person]

    def offer_people(self, names: Mapping[int, str]) -> None:
        """Offer to export one person's answers; of one person alone there is no choice."""
        chosen = self.person
        if names == self._people:
            return
        self._people = dict(names)
        self.whom.clear()
        self._whom_group = QActionGroup(self)
        for number, name in ((None, "Everybody"), *names.items()):
            action = QAction(name.replace("&", "&&"), self._whom_group)
            action.setCheckable(True)
            action.setData(number)
            action.setChecked(number == (chosen if chosen in names else None))
            self.whom.addAction(action)
        entry = self.whom.menuAction()
        assert entry is not None
        entry.setVisible(len(names) > 1)

    def offer_models(self, info: SessionInfo) -> None:
        """Offer the models that looked at a session; one alone is no choice."""
        others = [Choice(one.model, one.model) for one in info.analyses]
        self.model.set_choices([Choice(OWN_TABLE, info.model), *others])
        if self.model.key not in {one.key for one in others}:
            self.model.set_key(OWN_TABLE)
        second = [one for one in others if one.key != self.model.key]
        if self.model.key != OWN_TABLE and info.model not in {one.key for one in others}:
            second.insert(0, Choice(info.model, info.model))
        self.second_model.set_choices([NO_SECOND, *second])
        if self.second_model.key not in {one.key for one in second}:
            self.second_model.set_key(NO_SECOND.key)
        self.model.setVisible(bool(others))
        self.second_model.setVisible(bool(second))

    def forget_session(self) -> None:
        """Offer nobody's answers and no model."""
        self.offer_people({})
        for picker in (self.model, self.second_model):
            picker.hide()
            picker.set_key("")

    @property
    def style_shown(self) -> str:
        """How the overlay is drawn, one of STYLES."""
        return next(name for name, action in self.styles.items() if action.isChecked())

    def pick_style(self, name: str) -> None:
        """Draw the overlay in one of STYLES."""
        self.styles[name].setChecked(True)
        self.style_picked.emit(name)

    def _fill_menus(self) -> None:
        view = _menu(self.view)
        group = QActionGroup(self)
        for name, (words, key) in STYLES.items():
            action = QAction(f"{words}\t{key}" if key else words, group)
            action.setCheckable(True)
            action.setChecked(name == "labels")
            action.triggered.connect(lambda _, name=name: self.style_picked.emit(name))
            self.styles[name] = action
            view.addAction(action)
        view.addSeparator()
        view.addActions([self.names, self.panel])
        exports = {name: words for name, (words, _) in EXPORTS.items()}
        export = _menu(self.export)
        _fill(export, exports, self.export_asked.emit)
        export.addSeparator()
        export.addMenu(self.whom)
        _fill(_menu(self.report), REPORTS, self.report_asked.emit)
        _fill(_menu(self.more), MORE, self.more_asked.emit)


def _menu(button: QToolButton) -> QMenu:
    menu = QMenu(button)
    menu.setFont(look.font(look.SMALL_PX))
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return menu


def _fill(menu: QMenu, words: Mapping[str, str], do: object) -> None:
    assert callable(do)
    for name, text in words.items():
        menu.addAction(text, lambda name=name: do(name))


def _button(name: str, tooltip: str, text: bool = False) -> QToolButton:
    button = icon_button(name, tooltip)
    button.setFont(look.font(look.SMALL_PX))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if text:
        button.setText(name)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFixedHeight(32)
    else:
        button.setFixedSize(36, 32)
    return button
