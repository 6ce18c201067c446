"""From waiting face crops to predictions: one batch, then smoothing and doubt for each face."""

from collections.abc import Iterable, Sequence

import numpy as np

from fercam.core.values import Doubt, FaceCrop, Prediction
from fercam.inference.classifier import EmotionClassifier
from fercam.inference.smoothing import EmotionSmoother


class EmotionRecognizer:
    """Owns a classifier and what is remembered of each face. Belongs to one thread.

    A prediction whose smoothed confidence stays under `sure_threshold` (0..1) is in doubt.
    """

    def __init__(
        self, classifier: EmotionClassifier, sure_threshold: float, smoother: EmotionSmoother
    ) -> None:
        self._classifier = classifier
        self._sure_threshold = sure_threshold
        self._smoother = smoother

    def recognize(self, crops: Sequence[FaceCrop], t_s: Sequence[float]) -> list[Prediction]:
        """Return one prediction per crop, all crops (of several frames too) run as one batch.

        `t_s` holds the time in seconds of each crop's frame, oldest frame first.
        """
        if not crops:
            return []
        answers = self._classifier.classify(np.stack([crop.pixels for crop in crops]))
        answers.flags.writeable = False
        predictions = []
        for crop, raw, at_s in zip(crops, answers, t_s, strict=True):
            smoothed, label = self._smoother.update(crop.track_id, raw, at_s)
            doubt = Doubt.LOW_CONFIDENCE if smoothed.max() < self._sure_threshold else None
            predictions.append(Prediction(crop.track_id, raw, smoothed, label, doubt))
        return predictions

    def forget_except(self, ids: Iterable[int]) -> None:
        """Drop what is remembered of every face but those with these track ids."""
        self._smoother.forget_except(ids)

    def close(self) -> None:
        """Release the classifier; harmless when closed already."""
        self._classifier.close()
