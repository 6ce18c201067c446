"""What the Results page asks for, done on threads of its own: runs, figures, a model tried out."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fercam import paths
from fercam.core.chores import Chores
from fercam.core.errors import TrainingError, reason_of
from fercam.training import job
from fercam.training.long_work import LongWork
from fercam.training.own_models import OwnModels, free_name
from fercam.training.results import (
    Answers,
    Faces,
    ModelComparison,
    Probabilities,
    RunResults,
    SelfCheck,
    compare,
    read_answers,
    read_results,
    self_check,
    write_csv,
)
from fercam.training.run_list import RunEntry, list_runs, read_run, write_notes

if TYPE_CHECKING:
    from fercam.inference.classifier import EmotionClassifier

SAVES: dict[str, tuple[str, str]] = {
    "html": ("Report of this run…", ".html"),
    "csv": ("Figures of each emotion…", ".csv"),
    "confusion_matrix": ("Picture: what is taken for what…", ".png"),
    "most_confused": ("Picture: faces it gets wrong…", ".png"),
    "reliability": ("Picture: confidence…", ".png"),
    "accuracy": ("Picture: accuracy…", ".png"),
    "loss": ("Picture: loss…", ".png"),
}
"""What can be saved of a run: its title and suffix."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A run with what came of it; `results` is None where it has kept no figures, `answers` where
    it has kept no faces.
    """

    entry: RunEntry
    results: RunResults | None
    answers: Answers | None


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Whether a run's model may be used live, and how it compares; if it may not, `comparison` is
    None. `name` is free for it.
    """

    run: Path
    check: SelfCheck
    comparison: ModelComparison | None
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What the model of `run` and that called `present` say of faces (n, 48, 48): (n, 7) each,
    calibrated; and from which confidence on each of them is sure.
    """

    run: Path
    present: str
    faces: Faces
    new: Probabilities
    old: Probabilities
    sure_from: tuple[float, float]


class ResultListener(Protocol):
    """Hears of what was done, on the desk's threads; must return at once."""

    def on_runs(self, runs: list[RunEntry]) -> None:
        """These runs there are."""

    def on_opened(self, run: OpenRun) -> None:
        """This is what came of a run."""

    def on_verdict(self, verdict: Verdict) -> None:
        """This is how a run's model does beside the present one."""

    def on_installed(self, run: Path, name: str) -> None:
        """A run's model is among the user's models, under this name."""

    def on_tried(self, tried: Tried) -> None:
        """This is what the models say."""

    def on_saved(self, file: Path) -> None:
        """This was written."""

    def on_busy(self, doing: str) -> None:
        """Something that takes long has begun, in words; empty once it is over."""

    def on_result_failed(self, message: str) -> None:
        """Something could not be done: one plain sentence."""


class ResultDesk:
    """Every method returns at once; the listener hears of the rest. `runs_dir` is where runs are.

    What takes long stands in a line of its own, so that other runs can be looked at meanwhile.
    """

    def __init__(self, listener: ResultListener, runs_dir: Path | None = None) -> None:
        self._listener = listener
        self._runs_dir = runs_dir or paths.user_runs_dir()
        self._quick = Chores("results", listener.on_result_failed)
        self._slow = LongWork("results-engine", listener.on_busy, listener.on_result_failed)
        self._models: dict[str, tuple[EmotionClassifier, float]] = {}  # of the quick thread
        self._passed: set[Path] = set()

    def refresh(self) -> None:
        """List the runs."""
        self._quick.do(lambda: self._listener.on_runs(list_runs(self._runs_dir)))

    def open(self, run: Path) -> None:
        """Read what came of a run."""
        self._quick.do(self._open, run)

    def make_results(self, run: Path) -> None:
        """Work out the figures of a run that has kept none; it is opened again afterwards."""
        self._slow.do("Working out the figures", self._make_results, run)

    def consider(self, run: Path, present: str) -> None:
        """Check a run's model and compare it with the model called `present` ("": the first)."""
        self._slow.do("Comparing", self._consider, run, present)

    def install(self, run: Path, name: str) -> None:
        """Put a run's model, once `consider` found it good, among the user's models, under this
        name or one like it."""
        self._quick.do(self._install, run, name)

    def set_notes(self, run: Path, notes: str) -> None:
        """Keep what a person wrote about a run."""
        self._quick.do(self._set_notes, run, notes)

    def try_picture(self, run: Path, present: str, picture: Path) -> None:
        """Ask a run's model and another about the faces in a picture."""
        self._quick.do(self._try_picture, run, present, picture)

    def try_faces(self, run: Path, present: str, faces: Faces) -> None:
        """Ask a run's model and another about faces (n, 48, 48)."""
        self._quick.do(self._try_faces, run, present, faces)

    def save(self, run: Path, what: str, out: Path) -> None:
        """Write one of `SAVES` to a file."""
        if what == "html":
            self._slow.do("Writing the report", self._write_report, run, out)
        else:
            self._quick.do(self._save, run, what, out)

    def cancel(self) -> None:
        """Stop what takes long."""
        self._slow.cancel()

    def close(self) -> None:
        """End as soon as possible; what takes long is stopped."""
        self._quick.close(self._forget_models)
        self._slow.close()

    def join(self, timeout_s: float) -> bool:
        """Wait until the threads have ended after `close`; return whether they have."""
        return self._quick.join(timeout_s) and self._slow.join(timeout_s)

    # On the quick thread

    def _open(self, run: Path) -> None:
        entry = read_run(run)
        if entry is None:
            raise TrainingError(f"The run {run.name} is not there any more.")
        results = read_results(run)
        try:
            answers = read_answers(run) if results is not None else None
        except TrainingError:
            answers = None
        self._listener.on_opened(OpenRun(entry, results, answers))

    def _install(self, run: Path, name: str) -> None:
        if run not in self._passed:
            raise TrainingError(f"The model of {run.name} must pass its self-check before its use.")
        self._listener.on_installed(run, OwnModels().install(_bundle(run), name).name)

    def _set_notes(self, run: Path, notes: str) -> None:
        try:
            write_notes(run, notes)
        except OSError as error:
            raise TrainingError(
                f"The notes of {run.name} cannot be kept ({reason_of(error)})."
            ) from error

    def _try_picture(self, run: Path, present: str, picture: Path) -> None:
        from fercam.capture.images import read_image
        from fercam.detection.crop import crop_face
        from fercam.detection.photo import PhotoDetector

        image = read_image(picture)
        found = PhotoDetector().detect(image)
        if not found:
            raise TrainingError(f"There is no face to be seen in {picture.name}; try another one.")
        largest = sorted(found, key=lambda face: -face.box_px.side)
        faces = np.stack([crop_face(image, face.raw_box_px) for face in largest])
        self._try_faces(run, present, faces)

    def _try_faces(self, run: Path, present: str, faces: Faces) -> None:
        new, new_sure_from = self._model(str(_bundle(run)))
        old, old_sure_from = self._model(present)
        said = new.classify(faces), old.classify(faces)
        thresholds = new_sure_from, old_sure_from
        self._listener.on_tried(Tried(run, present, faces, *said, thresholds))

    def _model(self, name: str) -> "tuple[EmotionClassifier, float]":
        from fercam.inference.bundle import find_bundle
        from fercam.inference.registry import RUNTIMES

        if name not in self._models:
            while len(self._models) > 1:
                self._models.pop(next(iter(self._models)))[0].close()
            bundle = find_bundle(name or None)
            self._models[name] = RUNTIMES["int8"](bundle), bundle.card.sure_threshold
        return self._models[name]

    def _forget_models(self) -> None:
        for model, _ in self._models.values():
            model.close()

    def _save(self, run: Path, what: str, out: Path) -> None:
        picture = run / f"{what}.png"
        if what != "csv" and not picture.is_file():
            raise TrainingError(f"The run {run.name} has kept no such picture.")
        try:
            if what == "csv":
                write_csv(_results(run), out)
            else:
                shutil.copyfile(picture, out)
        except OSError as error:
            raise TrainingError(f"{out} cannot be written ({reason_of(error)}).") from error
        self._listener.on_saved(out)

    # On the slow thread

    def _make_results(self, run: Path) -> None:
        self._slow.run(job.results_job(run, _bundle(run)))
        self.open(run)

    def _write_report(self, run: Path, out: Path) -> None:
        self._slow.run(job.run_report_job(run, out))
        self._listener.on_saved(out)

    def _consider(self, run: Path, present: str) -> None:
        from fercam.inference.bundle import find_bundle, load_bundle

        results, answers, mine = _results(run), read_answers(run), load_bundle(_bundle(run))
        check = self_check(mine, answers, self._slow.stopped)
        comparison = None
        if check.passed:
            self._passed.add(run)
            other = find_bundle(present or None)
            comparison = compare(results, answers, other, self._slow.stopped)
        self._listener.on_verdict(Verdict(run, check, comparison, free_name(results.model)))


def _bundle(run: Path) -> Path:
    entry = read_run(run)
    if entry is None or entry.bundle is None:
        raise TrainingError(f"The run {run.name} has no finished model yet; resume it first.")
    return entry.bundle


def _results(run: Path) -> RunResults:
    results = read_results(run)
    if results is None:
        raise TrainingError(f"The run {run.name} has kept no figures.")
    return results
