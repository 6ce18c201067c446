"""What to train: data, network, how it starts, and its settings."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fercam.training.config import (
    CHOICES,
    MAY_BE_ZERO,
    MOST,
    RECIPES,
    SETTINGS,
    TrainingConfig,
    default_recipe,
)
from fercam.training.data_choice import DataChoice
from fercam.ui import theme as look
from fercam.ui.widgets.combo import Combo
from fercam.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from fercam.training.networks import Network
    from fercam.training.run_desk import Base

PLAIN = {
    "epochs": "Epochs",
    "batch_size": "Batch size",
    "patience": "Early stopping",
    "learning_rate": "Learning rate",
    "augmentation": "Augmentation",
}
HELP = {
    "epochs": "How often every face is shown",
    "batch_size": "Faces per step; fewer need less memory",
    "patience": "Stop when so many epochs brought nothing better",
    "learning_rate": "How large the steps are",
    "augmentation": "Change the faces a little at random, so that none is learned by heart",
}
WORDS = {
    "augmentation": {"none": "None", "flip": "Mirrored", "webcam": "As from a webcam"},
    "recipe": {
        "notebook": "The notebook's",
        "strong": "Strong",
        "fine-tune": "Fine-tune",
        "few faces": "Few faces",
    },
}
ROW_PX = 32
SKIP = ("architecture",)
BACKBONE = "EfficientNetLite0"
SCRATCH, BASE = "scratch", "base"
Control = QSpinBox | QDoubleSpinBox | Combo | QLineEdit


class TrainForm(QScrollArea):
    """Every control is in `controls` by its setting's name."""

    data_asked = pyqtSignal()
    measure_asked = pyqtSignal()
    start_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.data: DataChoice | None = None
        self.base: Base | None = None
        self._networks: dict[str, Network] = {}
        # whether somebody chose the network, not the model in use; and the recipe for it
        self._picked = self._recipe_picked = False
        self.data_name = ElidedLabel()
        self.choose_data = _button("Choose data…", "Go to the Data page", self.data_asked)
        self.network = Combo()
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("quiet", True)
        self.measure = _button(
            "Measure speed here", "Takes about a minute, in the background", self.measure_asked
        )
        self.begins = Combo()
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.name.textEdited.connect(self._refresh)
        self.recipe = Combo()
        for recipe in RECIPES:
            self.recipe.addItem(WORDS["recipe"].get(recipe, recipe), recipe)
        self.controls: dict[str, Control] = {
            name: _control(name) for name in SETTINGS if name not in SKIP
        }
        self.advanced = QToolButton()
        self.advanced.setText("Advanced")
        self.advanced.setCheckable(True)
        self.advanced.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.advanced.setToolTip("All other settings")
        self.start = _button("Start training", "Start (Ctrl+Return)", self.start_asked)
        self.start.setObjectName("start")
        self._lay_out()
        self.network.activated.connect(self._pick_network)
        self.begins.activated.connect(lambda _: self._use_default_recipe())
        self.recipe.activated.connect(self._pick_recipe)
        self.advanced.toggled.connect(self._more.setVisible)
        self._offer_begins()
        self._use_recipe()
        self._refresh()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        top = _form()
        for words, part in (
            ("Data", self.data_name),
            ("", self.choose_data),
            ("Network", self.network),
            ("", self.about),
            ("", self.measure),
            ("Begins", self.begins),
            ("Name", self.name),
            ("Settings", self.recipe),
        ):
            _row(top, words, part)
        for name, words in PLAIN.items():
            _row(top, words, self.controls[name], HELP[name])
        self._more = QWidget()
        more = _form()
        self._more.setLayout(more)
        for name, control in self.controls.items():
            if name not in PLAIN:
                _row(more, name.replace("_", " ").capitalize(), control)
        self._more.hide()
        column.addLayout(top)
        column.addWidget(self.advanced, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._more)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    @property
    def ready(self) -> bool:
        """Whether there is all that training needs."""
        return self.data is not None and bool(self._networks)

    @property
    def architecture(self) -> str:
        """The network that is chosen."""
        return str(self.network.currentData() or "")

    def set_data(self, data: DataChoice) -> None:
        """Train on this."""
        self.data = data
        if not self.name.isModified() or not self.name.text():
            self.name.setText(data.title[:60])
        self._use_default_recipe()
        self._refresh()

    def show_networks(self, known: "Sequence[Network]") -> None:
        """Offer these networks."""
        first = not self._networks
        chosen = self.architecture
        self._networks = {network.name: network for network in known}
        self.network.clear()
        for network in known:
            self.network.addItem(f"{network.name} · {_count(network.parameters)}", network.name)
            self.network.setItemData(
                self.network.count() - 1, _about(network), Qt.ItemDataRole.ToolTipRole
            )
        wanted = self.base.architecture if first and self.base else chosen
        self.network.setCurrentIndex(max(0, self.network.findData(wanted)))
        self._on_network() if first else self._refresh()

    def show_base(self, base: "Base | None") -> None:
        """Offer to go on from this model, if there is one; what somebody chose here stays."""
        if base == self.base:
            return
        scratch = self.begins.isEnabled() and self.begins.currentData() == SCRATCH
        self.base = base
        known = self.network.findData(base.architecture) if base is not None else -1
        if known >= 0 and not self._picked:
            self.network.setCurrentIndex(known)
        self._offer_begins()
        if scratch:
            self.begins.setCurrentIndex(self.begins.findData(SCRATCH))
        self._use_default_recipe()
        self._refresh()

    def config(self) -> TrainingConfig:
        """Return what is chosen; the run's folder is up to the desk."""
        assert self.data is not None
        values: dict[str, Any] = {name: _value(control) for name, control in self.controls.items()}
        return replace(
            TrainingConfig(self.data.path, Path()),
            class_names=self.data.class_names,
            detect=self.data.detect,
            architecture=self.architecture,
            weights=self._weights(),
            **values,
        )

    def _weights(self) -> Path | None:
        from_base = self.begins.currentData() == BASE and self.base is not None
        return self.base.weights if from_base and self.base else None

    def _pick_network(self) -> None:
        self._picked, self._recipe_picked = True, False
        self._on_network()

    def _pick_recipe(self) -> None:
        self._recipe_picked = True
        self._use_recipe()

    def _on_network(self) -> None:
        self._offer_begins()
        backbone = self.controls["backbone"]
        assert isinstance(backbone, QLineEdit)
        backbone.setText(BACKBONE if self.architecture == "transfer" else "")
        self._use_default_recipe()
        self._refresh()

    def _offer_begins(self) -> None:
        self.begins.clear()
        if self.base is not None and self.base.architecture == self.architecture:
            self.begins.addItem(f"Fine-tune {self.base.name}", BASE)
        self.begins.addItem("From scratch", SCRATCH)
        self.begins.setEnabled(self.begins.count() > 1)
        self.begins.setToolTip(
            "Going on from a model needs few faces and a minute; from scratch needs thousands"
            if self.begins.count() > 1
            else "The model in use is another network, so this one starts from scratch"
        )

    def _use_default_recipe(self) -> None:
        if self._recipe_picked:
            return
        faces = self.data.faces if self.data is not None else 0
        recipe = default_recipe(self.architecture, self._weights(), faces)
        if recipe != self.recipe.currentData():  # else what was changed by hand stays
            self.recipe.setCurrentIndex(self.recipe.findData(recipe))
            self._use_recipe()

    def _use_recipe(self) -> None:
        """Set every control as the recipe says, the others as they are by default."""
        values = RECIPES[self.recipe.currentData()]
        plain = TrainingConfig(Path(), Path())
        for name, control in self.controls.items():
            if name != "backbone":
                _set_value(control, values.get(name, getattr(plain, name)))

    def _refresh(self) -> None:
        data = self.data
        self.data_name.setText(data.title if data else "None chosen yet")
        self.data_name.setToolTip(str(data.path) if data else "")
        self.choose_data.setText("Other data…" if data else "Choose data…")
        network = self._networks.get(self.architecture)
        self.about.setText(_about(network) if network else "")
        self.about.setVisible(network is not None)
        self.measure.setVisible(network is not None and network.ms_per_face is None)
        self.start.setEnabled(self.ready)


def _about(network: "Network") -> str:
    words = [f"{network.title}: {_count(network.parameters)} weights, {network.size_mb:.1f} MB"]
    if network.ms_per_face is not None:
        words.append(f"{network.ms_per_face:.1f} ms a face here")
    if network.trains_per_s is not None:
        words.append(f"learned {network.trains_per_s:,.0f} faces/s last time")
    return ", ".join(words)


def _count(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.0f} k"


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return form


def _row(form: QFormLayout, words: str, part: QWidget, tip: str = "") -> None:
    part.setFont(look.font(look.SMALL_PX))
    if not words:
        form.addRow(part)
        return
    label = QLabel(words)
    label.setFont(look.font(look.SMALL_PX))
    for one in (label, part):
        one.setMinimumHeight(ROW_PX)
    label.setBuddy(part)
    part.setAccessibleName(words)
    if tip:
        part.setToolTip(tip)
        label.setToolTip(tip)
    form.addRow(label, part)


def _button(words: str, tip: str, signal: Any) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(tip)
    button.clicked.connect(signal)
    return button


def _control(name: str) -> Control:
    """Return what a setting is changed with, by the type of its default."""
    default = getattr(TrainingConfig(Path(), Path()), name)
    if name in CHOICES:
        combo = Combo()
        for choice in CHOICES[name]:
            combo.addItem(WORDS.get(name, {}).get(choice, choice.replace("_", " ")), choice)
        return combo
    if isinstance(default, str):
        return QLineEdit(default)
    if isinstance(default, int):
        spin = QSpinBox()
        spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        spin.setRange(0 if name in MAY_BE_ZERO else 1, 100_000)
        return spin
    real = QDoubleSpinBox()
    real.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    real.setDecimals(5 if default <= 0.01 else 3)
    real.setRange(0.0, MOST.get(name, 100.0))
    real.setSingleStep(0.0001 if name == "learning_rate" else 0.05)
    real.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    return real


def _value(control: Control) -> Any:
    if isinstance(control, Combo):
        return control.currentData()
    return control.text().strip() if isinstance(control, QLineEdit) else control.value()


def _set_value(control: Control, value: Any) -> None:
    if isinstance(control, Combo):
        control.setCurrentIndex(control.findData(value))
    elif isinstance(control, QLineEdit):
        control.setText(str(value))
    else:
        control.setValue(value)
