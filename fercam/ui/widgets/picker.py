"""A drop-down list that asks for fresh entries whenever it is opened."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QSizePolicy

from fercam.pipeline.choices import Choice
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.combo import Combo


class Picker(Combo):
    """Choices with keys, below them optional actions such as "Network address…" (with icons).

    A key that is in no list (a file, an address) gets an entry of its own while it is current.
    """

    opening = pyqtSignal()
    """The list is about to open: `set_choices` may be called now."""
    picked = pyqtSignal(str)
    """A person picked the choice with this key."""
    asked = pyqtSignal(str)
    """A person picked this action; the choice stays what it was."""

    def __init__(self, icon: str, name: str, actions: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._icon = icon
        self._actions = dict(actions or {})
        self._theme = look.THEMES["dark"]
        self._key: str | None = None
        self.setFont(look.font(look.SMALL_PX))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(icons.SIZE_PX, icons.SIZE_PX))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(112)
        self.setMaximumWidth(280)
        self.activated.connect(self._activated)

    @property
    def key(self) -> str | None:
        """The key of the current choice; None before there is one."""
        return self._key

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self._theme = theme
        for row in range(self.count()):
            name = self._actions.get(self.itemText(row), self._icon)
            if self.itemText(row):  # a separator has none
                self.setItemIcon(row, icons.icon(name, theme.text, theme.on_accent))
        self.update()

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Replace the list; the current key stays current."""
        self.clear()
        for choice in choices:
            self.addItem(choice.title, choice.key)
        if self._actions and choices:
            self.insertSeparator(self.count())
        for action in self._actions:
            self.addItem(action)
        self.set_key(self._key)
        self.set_theme(self._theme)

    def set_key(self, key: str | None) -> None:
        """Make a choice current without telling anyone."""
        self._key = key
        if key is None:
            self.setCurrentIndex(-1)
            return
        row = self.findData(key)
        if row < 0:
            row = 0
            self.insertItem(row, _short_title(key), key)
            self.setItemData(row, key, Qt.ItemDataRole.ToolTipRole)
            self.set_theme(self._theme)
        self.setCurrentIndex(row)

    def showPopup(self) -> None:  # noqa: N802
        """Open the list with fresh entries, wide enough to read them."""
        self.opening.emit()
        view = self.view()
        if view is not None:
            view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
        super().showPopup()

    def _activated(self, row: int) -> None:
        key = self.itemData(row)
        if key is None:
            action = self.itemText(row)
            self.set_key(self._key)
            self.asked.emit(action)
        elif key != self._key:
            self._key = key
            self.picked.emit(key)


def _short_title(key: str) -> str:
    """Return a file's or folder's name; an address or anything else as it is."""
    return key if "://" in key else Path(key).name or key
