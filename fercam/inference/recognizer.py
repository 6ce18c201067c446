"""From waiting face crops to predictions: one batch, then smoothing and doubt for each face."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fercam.core.values import Doubt, FaceCrop, Prediction, Probabilities
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.smoothing import EmotionSmoother
from fercam.people.neutral import Offsets, correct

CLOSE_CALL = 0.15
"""Two emotions whose smoothed probabilities differ by less than this are close together."""


class EmotionRecognizer:
    """Owns a classifier and what is remembered of each face. Belongs to one thread.

    A prediction is sure if its smoothed confidence reaches `sure_threshold` (0..1) and its crop
    has no flaw. Otherwise the doubt is the flaw, which is what people can mend; else that the two
    strongest emotions are less than `CLOSE_CALL` apart; else that confidence is low.

    `corrections` are the resting faces of those people who have shown theirs, by track id; another
    mapping may be put in its place at any time.
    """

    def __init__(
        self, classifier: EmotionClassifier, sure_threshold: float, smoother: EmotionSmoother
    ) -> None:
        self.classifier = classifier
        self.corrections: Mapping[int, Offsets] = {}
        self._sure_threshold = sure_threshold
        self._smoother = smoother
        self._uncorrected = EmotionSmoother(smoother.time_constant_s)

    def set_smoothing(self, time_constant_s: float) -> None:
        """Smooth over another time from now on."""
        self._smoother.time_constant_s = self._uncorrected.time_constant_s = time_constant_s

    def recognize(self, crops: Sequence[FaceCrop], t_s: Sequence[float]) -> list[Prediction]:
        """Return one prediction per crop, all crops (of several frames too) run as one batch.

        `t_s` holds the time in seconds of each crop's frame, oldest frame first.
        """
        if not crops:
            return []
        answers = self.classifier.classify(np.stack([crop.pixels for crop in crops]))
        answers.flags.writeable = False
        predictions = []
        for crop, raw, at_s in zip(crops, answers, t_s, strict=True):
            offsets, answer, before = self.corrections.get(crop.track_id), raw, None
            if offsets is not None:
                before, _ = self._uncorrected.update(crop.track_id, raw, at_s)
                answer = correct(raw, offsets)
            smoothed, label = self._smoother.update(crop.track_id, answer, at_s)
            doubt = self._doubt(crop, smoothed)
            predictions.append(Prediction(crop.track_id, raw, smoothed, label, doubt, before))
        return predictions

    def _doubt(self, crop: FaceCrop, smoothed: Probabilities) -> Doubt | None:
        if crop.quality is not None and crop.quality.flaw is not None:
            return crop.quality.flaw
        second, first = np.partition(smoothed, -2)[-2:]
        if first >= self._sure_threshold:
            return None
        return Doubt.CLOSE_CALL if first - second < CLOSE_CALL else Doubt.LOW_CONFIDENCE

    def forget_except(self, ids: Iterable[int]) -> None:
        """Drop what is remembered of every face but those with these track ids."""
        self._smoother.forget_except(ids)
        self._uncorrected.forget_except(ids)

    def close(self) -> None:
        """Release the classifier; harmless when closed already."""
        self.classifier.close()
