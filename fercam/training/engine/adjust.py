"""Rare emotions given their due after training, by one number chosen on the validation part."""

import keras
import numpy as np
from numpy.typing import NDArray

from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.metrics import Probabilities, two_yardsticks

STRENGTHS = np.arange(0, 1.01, 0.1)
NO_DIFFERENCE = 0.005
"""Half of what a score of some thousand faces varies by chance; more strength than needed costs
accuracy."""


def adjust_for_rarity(model: keras.Model, validation: FaceSet) -> float:
    """Shift the last bias of a network against what it answers often, and return how strongly.

    Logit adjustment (Menon et al., 2021, arXiv:2007.07314): minus strength times the logarithm of
    its mean answer to the faces of the validation part. The strength (0..1) is the one with the
    highest mean of accuracy and balanced accuracy there, against labels and, where people voted,
    against what most said: balanced accuracy alone would call half of what is odd disgust.
    """
    answers = answers_of(model, validation.pixels)
    strength = best_strength(answers, validation)
    emotion = model.get_layer("emotion")
    kernel, bias = emotion.get_weights()
    emotion.set_weights([kernel, bias - strength * _prior(answers)])
    return strength


def best_strength(answers: Probabilities, validation: FaceSet) -> float:
    """Return the least strength with the highest score, as far as it can be told apart."""
    scores = np.array(_scores(answers, validation))
    return round(float(STRENGTHS[int(np.argmax(scores >= scores.max() - NO_DIFFERENCE))]), 1)


def best_score(answers: Probabilities, validation: FaceSet) -> float:
    """Return the highest score that adjusting can give, 0..1: what an epoch is chosen by."""
    return max(_scores(answers, validation))


def _scores(answers: Probabilities, validation: FaceSet) -> list[float]:
    logits, prior = np.log(np.maximum(answers, 1e-12)), _prior(answers)
    return [_score((logits - s * prior).argmax(axis=1), validation) for s in STRENGTHS]


def _score(predicted: NDArray[np.int64], validation: FaceSet) -> float:
    majority = validation.majority()
    known = majority >= 0
    accuracy = [float((predicted == validation.labels).mean())]
    if known.any():
        accuracy.append(float((predicted == majority)[known].mean()))
    balanced = two_yardsticks(predicted, validation.labels, majority)
    return (float(np.mean(accuracy)) + balanced) / 2


def _prior(answers: Probabilities) -> NDArray[np.float32]:
    return np.asarray(np.log(np.maximum(answers.mean(axis=0), 1e-6)), np.float32)
