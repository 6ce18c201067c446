"""A trained network's answers, made even between emotions on the validation part."""

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.utils.class_weight import compute_sample_weight

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.metrics import Labels, Probabilities, two_yardsticks

STRENGTHS = np.arange(0, 1.01, 0.1)
NO_DIFFERENCE = 0.005
"""Half of what a score of some thousand faces varies by chance; more strength than needed costs
accuracy."""
FEWEST_FACES, FEWEST_OF_AN_EMOTION = 1000, 10
"""From how many validation faces on a regression is better than one strength (measured with the
shipped network: at 1000 it is, at 500 it is not)."""
REGULARISATION, EVENNESS = 0.3, 0.1
"""C of the regression, and how far emotions weigh all the same (0: as they come): more of either
gains on the original labels and loses accuracy on what most people see."""
FOLDS = 5

Floats = NDArray[np.float32]


def adjust(model: keras.Model, validation: FaceSet) -> dict[str, float]:
    """Change the last layer of a network so that its answers are as even between emotions as they
    are often right, and return how: the card's entry.

    With many validation faces, by regression (`refit`); with few, by one strength
    (`adjust_for_rarity`).
    """
    if _many(validation):
        refit(model, validation)
        return {"matrix_scaling": REGULARISATION}
    return {"logit_adjustment": adjust_for_rarity(model, validation)}


def best_score(answers: Probabilities, validation: FaceSet) -> float:
    """Return the score, 0..1, that adjusting gives: what an epoch is chosen by. That of a
    regression is from faces that it was not fitted on (five-fold).
    """
    if not _many(validation):
        return max(_scores(answers, validation))
    logits, labels, majority = _logits(answers), validation.labels, validation.majority()
    predicted = np.empty_like(labels)
    for fitted, held_out in KFold(FOLDS, shuffle=True, random_state=1).split(logits):
        regression = _regression(logits[fitted], labels[fitted], majority[fitted])
        predicted[held_out] = regression.predict(logits[held_out])
    return _score(predicted, validation)


def refit(model: keras.Model, validation: FaceSet) -> None:
    """Put a multinomial logistic regression from the network's logits to the truth in place of
    what it answers (matrix scaling, Guo et al., 2017, arXiv:1706.04599).

    The truth are the labels and, where people voted, what most said, both counting alike. A
    regression knows what each emotion is taken for on faces that were not trained on.
    """
    logits = _logits(answers_of(model, validation.pixels))
    regression = _regression(logits, validation.labels, validation.majority())
    emotion = model.get_layer("emotion")
    kernel, bias = (_centred(part) @ regression.coef_.T for part in emotion.get_weights())
    emotion.set_weights([kernel, bias + regression.intercept_])


def _many(validation: FaceSet) -> bool:
    counts = np.bincount(validation.labels, minlength=len(EMOTIONS))
    return len(validation) >= FEWEST_FACES and bool(counts.min() >= FEWEST_OF_AN_EMOTION)


def _regression(logits: Floats, labels: Labels, majority: Labels) -> LogisticRegression:
    truths, known = [(logits, labels)], majority >= 0
    if known.any():
        truths.append((logits[known], majority[known]))
    weights = [_evened(truth) * len(logits) / len(truth) for _, truth in truths]
    return LogisticRegression(C=REGULARISATION, max_iter=1000).fit(
        np.concatenate([given for given, _ in truths]),
        np.concatenate([truth for _, truth in truths]),
        sample_weight=np.concatenate(weights) / len(truths),
    )


def _logits(answers: Probabilities) -> Floats:
    return _centred(np.log(np.maximum(answers, 1e-12)))


def _centred(logits: Floats) -> Floats:
    return np.asarray(logits - logits.mean(axis=-1, keepdims=True), np.float32)


def _evened(truth: Labels) -> Floats:
    even = compute_sample_weight("balanced", truth)
    return np.asarray(EVENNESS * even + (1 - EVENNESS), np.float32)


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


def _scores(answers: Probabilities, validation: FaceSet) -> list[float]:
    logits, prior = _logits(answers), _prior(answers)
    return [_score((logits - s * prior).argmax(axis=1), validation) for s in STRENGTHS]


def _score(predicted: Labels, validation: FaceSet) -> float:
    majority = validation.majority()
    known = majority >= 0
    accuracy = [float((predicted == validation.labels).mean())]
    if known.any():
        accuracy.append(float((predicted == majority)[known].mean()))
    balanced = two_yardsticks(predicted, validation.labels, majority)
    return (float(np.mean(accuracy)) + balanced) / 2


def _prior(answers: Probabilities) -> Floats:
    return np.asarray(np.log(np.maximum(answers.mean(axis=0), 1e-6)), np.float32)
