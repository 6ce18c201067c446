"""From found faces to what their expressions look like, as the options of the moment ask."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.errors import FerCamError
from fercam.core.values import AnnotatedFrame, FaceCrop, Image, Prediction
from fercam.inference.bundle import find_bundle
from fercam.inference.occlusion import importance_map
from fercam.inference.recognizer import EmotionRecognizer
from fercam.people.names import Names
from fercam.pipeline.analyzer import FoundFaces, annotate, make_recognizer
from fercam.pipeline.events import PipelineListener, WatchOptions
from fercam.pipeline.resting_faces import RestingFaces


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Which parts of a face (48, 48) mattered for an emotion (its index), -1..1."""

    person_id: int
    crop: Image
    emotion_index: int
    importance: NDArray[np.float32]


class ExpressionReader:
    """One network, or two side by side, and what they remember. Belongs to one thread.

    Raises:
        ModelError: the model of `options` cannot be used.
    """

    def __init__(
        self,
        options: WatchOptions,
        names: Names,
        listener: PipelineListener,
    ) -> None:
        self._options = replace(options, second_model=None)
        self._names = names
        self._refused = listener.on_refused
        self._resting = RestingFaces(names, listener.on_neutral)
        self._first = make_recognizer(find_bundle(options.model), smoothing_s=options.smoothing_s)
        self._second: EmotionRecognizer | None = None
        self.apply(options)

    def apply(self, options: WatchOptions) -> None:
        """Follow new options; what cannot be followed is refused and stays as it was."""
        if options == self._options:
            return
        try:
            self._swap_models(options)
        except FerCamError as error:
            options = replace(
                options, model=self._options.model, second_model=self._options.second_model
            )
            self._refused(options, error.user_message)
        self._options = options
        for recognizer in (self._first, self._second):
            if recognizer is not None:
                recognizer.set_smoothing(options.smoothing_s)

    def read(self, found: FoundFaces) -> AnnotatedFrame:
        """Return the frame with its faces, the people's names and what each expresses."""
        times_s = [found.frame.t_media_s] * len(found.crops)
        # a resting face is what the first network makes of it
        self._first.corrections = self._resting.corrections if self._options.neutral else {}
        answers: list[Sequence[Prediction] | None] = []
        for recognizer in (self._first, self._second):
            if recognizer is None:
                answers.append(None)
                continue
            answers.append(recognizer.recognize(found.crops, times_s))
            recognizer.forget_except(found.active_ids)
        first, second = answers
        annotated = annotate(found, first or (), second, self._names.all)
        self._resting.watch(annotated)
        return annotated

    def learn_neutral(self, person_id: int) -> None:
        """Learn a person's resting face from the next ten seconds; 0 stops learning."""
        self._resting.learn(person_id)

    def forget_neutral(self, person_id: int) -> None:
        """Take a person's resting face into account no more."""
        self._resting.forget(person_id)

    def explain(self, crop: FaceCrop, emotion_index: int) -> Explanation:
        """Return which parts of a face mattered, asked of the first network."""
        importance = importance_map(self._first.classifier, crop.pixels, emotion_index)
        return Explanation(crop.track_id, crop.pixels, emotion_index, importance)

    def close(self) -> None:
        """Release the networks."""
        for recognizer in (self._first, self._second):
            if recognizer is not None:
                recognizer.close()

    def _swap_models(self, options: WatchOptions) -> None:
        if options.model != self._options.model:
            fresh = make_recognizer(find_bundle(options.model), smoothing_s=options.smoothing_s)
            self._first.close()
            self._first = fresh
            self._options = replace(self._options, model=options.model)
        if options.second_model != self._options.second_model:
            other = options.second_model and make_recognizer(
                find_bundle(options.second_model), smoothing_s=options.smoothing_s
            )
            if self._second is not None:
                self._second.close()
            self._second = other or None
