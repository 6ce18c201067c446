"""A trained network's answers, made even between emotions on the validation part."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_sample_weight

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.metrics import Probabilities, two_yardsticks

STRENGTHS = np.arange(0, 1.01, 0.1)
NO_DIFFERENCE = 0.005
"""Half of what a score of some thousand faces varies by chance; more strength than needed costs
accuracy."""
FEWEST_FACES, FEWEST_OF_AN_EMOTION = 500, 10
"""From how many validation faces on a regression is better than one strength (measured: at 400 it
is, at 150 it is not)."""
REGULARISATION = 0.01
"""C of the regression: more of it gains balance and loses accuracy on what most people see."""

Floats = NDArray[np.float32]


def adjust(model: keras.Model, validation: FaceSet) -> dict[str, Any]:
    """Change the last layer of a network so that its answers are as even between emotions as they
    are often right, and return how: the card's entry.

    With many validation faces, by regression (`refit`); with few, by one strength
    (`adjust_for_rarity`).
    """
    counts = np.bincount(validation.labels, minlength=len(EMOTIONS))
    if len(validation) >= FEWEST_FACES and counts.min() >= FEWEST_OF_AN_EMOTION:
        refit(model, validation)
        return {"matrix_scaling": REGULARISATION}
    return {"logit_adjustment": adjust_for_rarity(model, validation)}


def refit(model: keras.Model, validation: FaceSet) -> None:
    """Put a multinomial logistic regression from the network's logits to the truth in place of
    what it answers (matrix scaling, Guo et al., 2017, arXiv:1706.04599).

    The truth are the labels and, where people voted, what most said, both counting alike; emotions
    weigh half as they come and half all the same. A regression sees what one emotion is taken for,
    and that faces that were not trained on are.
    """
    logits = _centred(np.log(np.maximum(answers_of(model, validation.pixels), 1e-12)))
    majority = validation.majority()
    truths = [(logits, validation.labels)]
    if (majority >= 0).any():
        truths.append((logits[majority >= 0], majority[majority >= 0]))
    weights = [_half_balanced(truth) * len(logits) / len(truth) for _, truth in truths]
    regression = LogisticRegression(C=REGULARISATION, max_iter=1000).fit(
        np.concatenate([given for given, _ in truths]),
        np.concatenate([truth for _, truth in truths]),
        sample_weight=np.concatenate(weights) / len(truths),
    )
    emotion = model.get_layer("emotion")
    kernel, bias = (_centred(part) @ regression.coef_.T for part in emotion.get_weights())
    emotion.set_weights([kernel, bias + regression.intercept_])


def _centred(logits: Floats) -> Floats:
    return np.asarray(logits - logits.mean(axis=-1, keepdims=True), np.float32)


def _half_balanced(truth: NDArray[np.int64]) -> Floats:
    return np.asarray((1 + compute_sample_weight("balanced", truth)) / 2, np.float32)


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
