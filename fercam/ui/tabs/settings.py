"""The Settings tab: every choice in one place, made from `fercam.settings`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fercam.settings import SECTIONS, About, Settings, shown_settings
from fercam.ui import theme as look
from fercam.ui.desktop import open_outside
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.parts import heading, scrolling, words

WIDEST_PX = 760
CONTROL_PX = 244
NOTHING_FOUND = "No setting is called that."


class SettingsTab(QWidget):
    """Changes apply at once. `settings` are always those that are shown."""

    changed = pyqtSignal(Settings)

    def __init__(self, settings: Settings, file: Path) -> None:
        super().__init__()
        self.settings = settings
        self._before_reset: Settings | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the settings")
        self.search.setAccessibleName("Search the settings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.reset_all = QPushButton("Reset everything")
        self.reset_all.setToolTip("Give every setting its default; this can be undone")
        self.reset_all.clicked.connect(self._reset_or_undo)
        self._nothing = QLabel(NOTHING_FOUND)
        self._nothing.setProperty("quiet", True)
        self._nothing.hide()
        self.rows = {name: _Row(name, about) for name, about in shown_settings().items()}
        self._sections: dict[str, QWidget] = {}
        self._lay_out(file)
        for row in self.rows.values():
            row.picked.connect(self._take)
        self._show(settings)

    def _lay_out(self, file: Path) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(self.reset_all)
        self.open_folder = QPushButton("Open folder")
        self.open_folder.clicked.connect(lambda: open_outside(file.parent))
        bottom = QHBoxLayout()
        bottom.addWidget(words(f"Kept in {file}", quiet=True), 1)
        bottom.addWidget(self.open_folder)
        for small in (self.search, self.reset_all, self._nothing, self.open_folder):
            small.setFont(look.font(look.SMALL_PX))
        inside = QWidget()
        inside.setMaximumWidth(WIDEST_PX)
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(16)
        column.addLayout(top)
        column.addWidget(self._nothing)
        for section in SECTIONS:
            self._sections[section] = self._section(section)
            column.addWidget(self._sections[section])
        column.addLayout(bottom)
        column.addStretch(1)
        scroll = scrolling(inside)
        scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _section(self, section: str) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading(section, look.LARGE_PX))
        if SECTIONS[section]:
            column.addWidget(words(SECTIONS[section]))
        for row in self.rows.values():
            if row.about.section == section:
                column.addWidget(row)
        return made

    def show_settings(self, settings: Settings) -> None:
        """Show what was chosen elsewhere; after that, undoing a reset would take it back."""
        if self._with_rows_of(settings) != self.settings:
            self._forget_undo()
        self._show(settings)

    def _show(self, settings: Settings) -> None:
        self.settings = settings
        for name, row in self.rows.items():
            row.show_value(getattr(settings, name))
        changed = any(row.changed for row in self.rows.values())
        self.reset_all.setEnabled(changed or self._before_reset is not None)

    def _take(self, name: str, value: object) -> None:
        self._forget_undo()
        self._change(replace(self.settings, **{name: value}))  # type: ignore[arg-type]

    def _change(self, settings: Settings) -> None:
        self._show(settings)
        self.changed.emit(settings)

    def _forget_undo(self) -> None:
        self._before_reset = None
        self.reset_all.setText("Reset everything")

    def _reset_or_undo(self) -> None:
        if self._before_reset is not None:
            back = self._with_rows_of(self._before_reset)
            self._forget_undo()
        else:
            back, self._before_reset = self._with_rows_of(Settings()), self.settings
            self.reset_all.setText("Undo")
        self._change(back)

    def _with_rows_of(self, other: Settings) -> Settings:
        """Return the settings with what can be chosen here from others."""
        return replace(self.settings, **{name: getattr(other, name) for name in self.rows})

    def _filter(self, text: str) -> None:
        wanted = text.lower().split()
        for section, widget in self._sections.items():
            rows = [row for row in self.rows.values() if row.about.section == section]
            for row in rows:
                row.setVisible(all(word in row.searched for word in wanted))
            widget.setVisible(any(not row.isHidden() for row in rows))
        self._nothing.setVisible(all(widget.isHidden() for widget in self._sections.values()))


class _Row(QFrame):
    """One setting: its name and help, its control, and a way back to its default."""

    picked = pyqtSignal(str, object)

    def __init__(self, name: str, about: About) -> None:
        super().__init__()
        self.setObjectName("card")
        self.about = about
        self.searched = f"{about.section} {about.title} {about.help}".lower()
        self._name = name
        self._default = getattr(Settings(), name)
        self.control, self._show, read, signal = _control(about, self._default)
        self.control.setAccessibleName(about.title)
        self.control.setAccessibleDescription(about.help)
        self.control.setToolTip(f"Default: {self._words(self._default)}")
        self.control.setFont(look.font(look.SMALL_PX))
        self.control.installEventFilter(self)
        self._read: Callable[[], object] = read
        signal.connect(lambda *_: self.picked.emit(self._name, self._read()))
        self.reset = QPushButton("Reset")
        self.reset.setToolTip(f"Back to: {self._words(self._default)}")
        self.reset.setAccessibleName(f"Reset {about.title} to {self._words(self._default)}")
        self.reset.clicked.connect(lambda: self.picked.emit(self._name, self._default))
        self.reset.setFont(look.font(look.SMALL_PX))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        title = QLabel(about.title)
        title.setFont(look.font(look.BODY_PX))
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(title)
        left.addWidget(words(about.help, quiet=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(self.reset)
        row.addWidget(self.control)

    @property
    def changed(self) -> bool:
        """Whether it is not at its default."""
        return bool(self._read() != self._default)

    def show_value(self, value: object) -> None:
        self.control.blockSignals(True)
        self._show(value)
        self.control.blockSignals(False)
        self.reset.setVisible(self.changed)

    def _words(self, value: object) -> str:
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.about.choices is not None:
            return self.about.choices[str(value)]
        return f"{value:g}{_unit(self.about)}"

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Let the wheel scroll the page, not change what the pointer happens to be over."""
        wheel = event is not None and event.type() == QEvent.Type.Wheel
        if wheel and event is not None and not self.control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class _Number(QDoubleSpinBox):
    """Writes 30 s, not 30.00 s."""

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Return the value without zeros that say nothing."""
        point = self.locale().decimalPoint()
        return super().textFromValue(value).rstrip("0").removesuffix(point)


def _control(about: About, default: object) -> tuple[QWidget, Callable[[Any], None], Any, Any]:
    """Return a control, what shows a value in it, what reads it, and its signal of a change."""
    if about.choices is not None:
        combo = Combo()
        combo.setFixedWidth(CONTROL_PX)
        for key, title in about.choices.items():
            combo.addItem(title, key)
        return (
            combo,
            lambda value: combo.setCurrentIndex(combo.findData(value)),
            combo.currentData,
            combo.currentIndexChanged,
        )
    if isinstance(default, bool):
        check = QCheckBox()
        check.setFixedWidth(CONTROL_PX)
        check.toggled.connect(lambda on: check.setText("On" if on else "Off"))

        def show(on: bool) -> None:
            check.setChecked(on)
            check.setText("On" if on else "Off")

        return check, show, check.isChecked, check.toggled
    spin: QSpinBox | QDoubleSpinBox = QSpinBox() if isinstance(default, int) else _Number()
    assert about.bounds is not None
    low, high = about.bounds
    if isinstance(spin, QSpinBox):
        spin.setRange(int(low), int(high))
        spin.setSingleStep(int(about.step))
    else:
        spin.setRange(low, high)
        spin.setSingleStep(about.step)
    spin.setSuffix(_unit(about))
    spin.setKeyboardTracking(False)
    spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    spin.setFixedWidth(CONTROL_PX)
    return spin, spin.setValue, spin.value, spin.valueChanged


def _unit(about: About) -> str:
    """Return what stands behind a number."""
    return f" {about.unit}" if about.unit not in ("", "%") else about.unit
