"""What a model says of itself."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout

from fercam.core.words import size
from fercam.inference.figures import headline
from fercam.training.job import EXPORT_FORMATS
from fercam.ui import icons
from fercam.ui import theme as look
from fercam.ui.widgets.parts import heading, push, words

if TYPE_CHECKING:  # it needs libraries that must not delay the window
    from fercam.training.own_models import ModelEntry

SHIPPED = "Came with FerCam; it stays as it is."


class ModelCard(QFrame):
    """A model's name, figures and texts, and the buttons for it; the page decides what they do."""

    export_asked = pyqtSignal(str)
    """Export it in one of `EXPORT_FORMATS`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.use = push("Use in Live", "Use this model in Live", main=True)
        self.export = push("Export…", "Write its network in a format that other programs read")
        self.delete = push("Delete", "Delete this model; that can be undone (Delete)")
        self.name, self.description = QLineEdit(), QLineEdit()
        self.facts, self.figures = words(quiet=True), words()
        self.intended, self.limits, self.licence = words(), words(), words(quiet=True)
        self.name.setFont(look.font(look.LARGE_PX, strong=True))
        self.name.setAccessibleName("Name of the model")
        self.name.setToolTip("Type another name and press Enter")
        self.description.setFont(look.font(look.SMALL_PX))
        self.description.setAccessibleName("Description of the model")
        self.description.setPlaceholderText("What is it for? Write a description and press Enter")
        menu = QMenu(self)
        for form, title in EXPORT_FORMATS.items():
            menu.addAction(title, lambda form=form: self.export_asked.emit(form))
        self.export.setMenu(menu)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.use, self.export, self.delete):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for part in (self.name, self.facts, self.description):
            column.addWidget(part)
        column.addLayout(buttons)
        for title, text in (
            ("Figures", self.figures),
            ("What it is for", self.intended),
            ("What it cannot do", self.limits),
            ("Licence", self.licence),
        ):
            column.addSpacing(4)
            column.addWidget(heading(title))
            column.addWidget(text)
        column.addStretch(1)

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        self.export.setIcon(icons.icon("export", theme.text))
        self.delete.setIcon(icons.icon("remove", theme.text))

    @property
    def is_written_in(self) -> bool:
        """Whether somebody types a name or a description just now."""
        return _written_in(self.name) or _written_in(self.description)

    def show_model(self, entry: "ModelEntry", in_live: bool) -> None:
        """Show a model, which runs in Live already or not; what is just typed stays."""
        card = entry.card
        for field, text in (
            (self.name, entry.name),
            (self.description, card.description if card else ""),
        ):
            if not _written_in(field):
                field.setText(text)
        self.name.setReadOnly(not entry.own or card is None)
        self.description.setVisible(entry.own and card is not None)
        self.use.setEnabled(card is not None and not in_live)
        self.export.setEnabled(card is not None)
        self.delete.setEnabled(entry.own)
        self.delete.setToolTip("Delete this model; that can be undone" if entry.own else SHIPPED)
        self.facts.setText(_facts(entry))
        self.figures.setText(_figures(entry))
        self.intended.setText(card.intended_use if card else "")
        self.limits.setText(card.limits if card else "")
        self.licence.setText(card.licence if card else "")


def _written_in(field: QLineEdit) -> bool:
    return field.hasFocus() and field.isModified()


def _facts(entry: "ModelEntry") -> str:
    card = entry.card
    if card is None:
        return entry.problem
    parts = [
        card.architecture,
        f"{card.parameters:,} parameters" if card.parameters else "",
        size(entry.bytes),
        f"trained on {card.data['name']}" if card.data.get("name") else "",
        "yours" if entry.own else "came with FerCam",
    ]
    return " · ".join(part for part in parts if part)


def _figures(entry: "ModelEntry") -> str:
    if entry.card is None:
        return ""
    test = headline(entry.card.metrics)
    if test is None or "accuracy" not in test:
        return "Not measured by FerCam: nobody knows how good it is."
    said = f"{test['accuracy']:.1%} of the test faces right"
    if "faces" in test:
        said += f" ({test['faces']:,} faces"
        fresh = "without_copies_of_training" in entry.card.metrics["test"]
        said += ", copies of training pictures left out)" if fresh else ")"
    if "balanced_accuracy" in test:
        said += f", {test['balanced_accuracy']:.1%} as a mean over the emotions"
    return (
        f"{said}. Sure from a confidence of {entry.card.sure_threshold:.0%} on."
        if entry.card.sure_threshold < 1
        else f"{said}."
    )
