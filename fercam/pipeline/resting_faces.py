"""Learning people's resting faces while watching, and knowing whose are known."""

from collections.abc import Callable, Mapping
from pathlib import Path

from fercam.core.errors import DataError
from fercam.core.values import AnnotatedFrame
from fercam.people.names import Names
from fercam.people.neutral import Offsets, RestingFace, Step
from fercam.people.neutrals import delete_neutral, load_neutrals, save_neutral
from fercam.pipeline.events import NeutralProgress

KEPT = "Learned. From now on this resting face counts as neutral."
KEPT_FOR_NOW = "Learned for now. Type a name to keep it for the next time."
CANCELLED = ""
STEP_SHARE = 0.01


class RestingFaces:
    """What is kept by name, and what was learned since the start by person. Belongs to one thread.

    `tell` hears how far a lesson is.
    """

    def __init__(
        self, names: Names, tell: Callable[[NeutralProgress], None], file: Path | None = None
    ) -> None:
        self._names = names
        self._tell = tell
        self._file = file
        self._kept = load_neutrals(file)
        self._learned: dict[int, Offsets] = {}
        self._kept_as: dict[int, str] = {}  # the name under which what a person learned is kept
        self._pupil = 0
        self._lesson = RestingFace()
        self._told = -1.0

    @property
    def corrections(self) -> Mapping[int, Offsets]:
        """The offsets (7,) of those people whose resting face is known, by person."""
        names = self._names.all
        by_name = {person: self._kept[name] for person, name in names.items() if name in self._kept}
        return {**by_name, **self._learned}

    def learn(self, person_id: int) -> None:
        """Begin a lesson with a person; another one that was going on ends. 0 ends only."""
        if self._pupil:
            self._end(CANCELLED)
        self._pupil, self._lesson, self._told = person_id, RestingFace(), -1.0

    def forget(self, person_id: int) -> None:
        """Forget a person's resting face, also the one kept under the person's name."""
        name = self._names.name_of(person_id)
        namesakes = {person for person, kept_as in self._kept_as.items() if kept_as == name}
        for person in {person_id, *namesakes}:
            self._learned.pop(person, None)
            self._kept_as.pop(person, None)
        if self._kept.pop(name, None) is None:
            return
        try:
            delete_neutral(name, self._file)
        except DataError as error:
            self._tell(NeutralProgress(person_id, 1.0, error.user_message, over=True))

    def watch(self, annotated: AnnotatedFrame) -> None:
        """Take what a frame shows of the pupil, and keep what somebody has given a name by now."""
        self._keep_named()
        if not self._pupil:
            return
        t_s = annotated.frame.t_media_s
        self._lesson.tick(t_s)
        for face in annotated.faces:
            if face.detection.track_id == self._pupil and face.prediction is not None:
                quality = face.crop.quality if face.crop else None
                self._lesson.add(face.prediction.raw, t_s, quality)
        if self._lesson.step is Step.DONE:
            self._finish()
        elif abs(self._lesson.progress - self._told) >= STEP_SHARE:
            self._told = self._lesson.progress
            words = f"{self._lesson.step.value}."
            self._tell(NeutralProgress(self._pupil, self._told, words))

    def _finish(self) -> None:
        try:
            self._learned[self._pupil] = self._lesson.offsets()
            self._kept_as.pop(self._pupil, None)
        except DataError as error:
            self._end(error.user_message)
            return
        self._end(KEPT if self._names.name_of(self._pupil) else KEPT_FOR_NOW, learned=True)

    def _keep_named(self) -> None:
        for person, name in self._names.all.items():
            offsets = self._learned.get(person)
            if offsets is None or self._kept_as.get(person) == name:
                continue
            self._kept_as[person] = name
            self._kept[name] = offsets
            try:
                save_neutral(name, offsets, self._file)
            except DataError as error:
                self._tell(NeutralProgress(person, 1.0, error.user_message, over=True))

    def _end(self, words: str, learned: bool = False) -> None:
        self._tell(NeutralProgress(self._pupil, 1.0, words, over=True, learned=learned))
        self._pupil = 0
