"""The Training tab: data, faces of one's own, runs, what came of them, and the models there are."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fercam.core.values import AnnotatedFrame, Face
from fercam.settings import Settings
from fercam.training.data_choice import DataChoice
from fercam.training.job import ENGINE_MISSING, engine_available
from fercam.ui import theme as look
from fercam.ui.pipeline import Pipeline
from fercam.ui.training.data_page import DataPage
from fercam.ui.training.models_page import ModelsPage
from fercam.ui.training.result_parts import EmptyState, Switch
from fercam.ui.training.results_page import ResultsPage
from fercam.ui.training.samples_page import SamplesPage
from fercam.ui.training.train_page import TrainPage
from fercam.ui.widgets.jobs import JobsList

Page = DataPage | SamplesPage | TrainPage | ResultsPage | ModelsPage
DATA, SAMPLES, TRAIN, RESULTS, MODELS = "Data", "My samples", "Train", "Results", "Models"
MISSING = "This FerCam cannot train"


class TrainingTab(QWidget):
    """Five pages and the ways between them. `begin` whenever it is shown; `leave` before it goes.

    Runs show in `jobs`, the list that the window has on every tab.
    """

    use_asked = pyqtSignal(str)
    """Let this model read the faces in Live."""
    models_changed = pyqtSignal(str, str)
    """A model has another name (old, new); both are empty when others came or went."""
    camera_asked = pyqtSignal()
    """Start watching in Live."""
    settings_changed = pyqtSignal(dict)
    """These settings are to be remembered."""
    sample_kept = pyqtSignal(object)
    """A `Sample` was kept that `is_expression` was told of."""

    def __init__(self, settings: Settings, jobs: JobsList) -> None:
        super().__init__()
        self._jobs = jobs
        self._found: DataChoice | None = None
        self.data, self.samples = DataPage(settings), SamplesPage(settings)
        self.train, self.results = TrainPage(settings), ResultsPage(settings)
        self.models = ModelsPage(settings)
        self.pages: dict[str, Page] = {
            DATA: self.data,
            SAMPLES: self.samples,
            TRAIN: self.train,
            RESULTS: self.results,
            MODELS: self.models,
        }
        self.switch = Switch("Training", list(self.pages))
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        self.missing = None if engine_available() else EmptyState(MISSING, ENGINE_MISSING)
        """What stands in place of what this copy of FerCam cannot do."""
        if self.missing is not None:
            self._stack.addWidget(self.missing)
            self._stack.setCurrentWidget(self.missing)
        row = QHBoxLayout()
        row.setContentsMargins(12, 12, 12, 0)
        row.addWidget(self.switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self._connect()

    def _connect(self) -> None:
        self.switch.switched.connect(self._show)
        self.data.train_asked.connect(self.train_with)
        self.data.ready.connect(self._on_data)
        self.data.samples_asked.connect(self._shows(SAMPLES))
        self.data.settings_changed.connect(self.settings_changed)
        self.samples.train_asked.connect(self.train_with)
        self.samples.camera_asked.connect(self.camera_asked)
        self.samples.kept_elsewhere.connect(self.sample_kept)
        self.train.data_asked.connect(self._shows(DATA))
        self.train.results_asked.connect(self.show_run)
        self.train.finished.connect(self._on_finished)
        self.train.job_changed.connect(self._jobs.show_job)
        self._jobs.cancelled.connect(self.train.cancel)
        self.results.train_asked.connect(self._shows(TRAIN))
        self.results.use_asked.connect(self.use_asked)
        self.models.use_asked.connect(self.use_asked)
        self.models.renamed.connect(self.models_changed)
        self.models.models_changed.connect(lambda: self.models_changed.emit("", ""))

    def begin(self) -> None:
        """Bring the page that is shown up to date; again and again does no harm."""
        self._show(self.switch.chosen)

    def show_page(self, name: str) -> None:
        """Show one of `pages`."""
        self.switch.choose(list(self.pages).index(name))

    def set_theme(self, theme: look.Theme) -> None:
        """Use a theme's colours."""
        for page in self.pages.values():
            page.set_theme(theme)

    def set_live(self, pipeline: Pipeline | None) -> None:
        """Use what is watched in Live; None while nothing is."""
        self.samples.set_live(pipeline)
        self.results.set_live(pipeline)

    def set_model_in_use(self, name: str) -> None:
        """Know which model reads the faces in Live."""
        for page in (self.train, self.results, self.models):
            page.set_model_in_use(name)

    def train_with(self, choice: DataChoice) -> None:
        """Go on to the Train page with a data set."""
        self.train.set_data(choice)
        self.show_page(TRAIN)

    def show_run(self, run: Path) -> None:
        """Show what came of a run."""
        self.show_page(RESULTS)
        self.results.show_run(run)

    def is_expression(self, result: AnnotatedFrame, face: Face, emotion: str, burst: str) -> None:
        """Keep a face under the emotion that somebody says it shows."""
        self.samples.is_expression(result, face, emotion, burst)

    @property
    def running(self) -> bool:
        """Whether a run is under way or waits."""
        return self.train.running

    def leave(self, keep_going: bool = False) -> None:
        """Stop for good; with `keep_going` the run under way goes on by itself."""
        self.train.leave(keep_going)
        for page in (self.data, self.samples, self.results, self.models):
            page.leave()

    def left(self) -> bool:
        """Return whether every thread has ended; does not wait."""
        return all(page.left() for page in self.pages.values())

    def _show(self, number: int) -> None:
        name = list(self.pages)[number]
        if self.missing is not None and name in (DATA, TRAIN):
            self._stack.setCurrentWidget(self.missing)
        else:
            self._stack.setCurrentWidget(self.pages[name])
            self.pages[name].begin()

    def _shows(self, name: str) -> Callable[[], None]:
        return lambda: self.show_page(name)

    def _on_data(self, choice: DataChoice) -> None:
        """Train with what the Data page has, unless samples were chosen for it."""
        if self.train.form.data in (None, self._found):
            self.train.set_data(choice)
        self._found = choice

    def _on_finished(self, run: Path) -> None:
        self.results.begin()
        self.models_changed.emit("", "")
