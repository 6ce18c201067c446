"""Choosing what reads the expressions: the toolbar's lists of models."""

from PyQt6.QtCore import QObject, pyqtSignal

from fercam.pipeline import choices
from fercam.ui.widgets.live_toolbar import COMPARE, NO_SECOND, LiveToolbar


class ModelChooser(QObject):
    """Fills the lists when they open; the second one is shown while two models are compared."""

    chosen = pyqtSignal(str)
    second_chosen = pyqtSignal(str)
    """Compare with this model; `ONE_MODEL` for none."""

    def __init__(self, toolbar: LiveToolbar, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._second = toolbar.model, toolbar.second_model
        self._model.opening.connect(lambda: self._model.set_choices(choices.model_choices()))
        self._second.opening.connect(self._fill_second)
        self._model.picked.connect(self.chosen)
        self._model.asked.connect(self._compare)
        self._second.picked.connect(self.second_chosen)

    @property
    def key(self) -> str | None:
        """What is chosen."""
        return self._model.key

    def begin(self, model: str | None, remembered: str) -> None:
        """Choose `model`; without one the remembered one, if it is there, else the first."""
        known = choices.model_choices()
        if model is None and remembered in {choice.key for choice in known}:
            model = remembered
        if model is None and known:
            model = known[0].key
        self._model.set_key(model)
        self._model.set_choices(known)

    def show(self, model: str | None) -> None:
        """Make a model the chosen one without telling anybody."""
        self._model.set_key(model)

    def show_second(self, model: str) -> None:
        """Make a model the second one without telling anybody; `ONE_MODEL` hides the list."""
        self._second.set_key(model)
        self._second.setVisible(bool(model))

    def _fill_second(self) -> None:
        self._second.set_choices([NO_SECOND, *choices.model_choices()])

    def _compare(self, action: str) -> None:
        assert action == COMPARE
        self._fill_second()
        self._second.show()
        self._second.showPopup()
