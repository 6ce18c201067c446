"""A trained network's answers, made even between emotions on the validation part."""

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.model_selection import KFold
from sklearn.utils.class_weight import compute_sample_weight

from fercam.core.emotions import EMOTIONS
from fercam.training.engine.answers import answers_of
from fercam.training.engine.dataset import FaceSet
from fercam.training.engine.metrics import Labels, Probabilities, two_yardsticks
from fercam.training.engine.targets import one_hot

STRENGTHS = np.arange(0, 1.01, 0.1)
NO_DIFFERENCE = 0.005
"""Half of what a score of some thousand faces varies by chance; more strength than needed costs
accuracy."""
FEWEST_FACES, FEWEST_OF_AN_EMOTION = 1000, 10
"""From how many validation faces on a shift for each emotion is better than one strength (measured:
at 1000 it is, at 400 it is level)."""
EVENNESS = 0.25
"""How much balanced accuracy counts beside accuracy: more of it costs accuracy on what most people
see."""
MOST_FOR_MAJORITY = 1.25
"""How much what most people see may count beside the label, however few faces have a majority."""
SHARPNESS, RESTRAINT = (1, 2, 4, 8), 0.001
"""How sharply the likeliest emotion is told from the others while shifts are fitted, step by step,
and what their squares cost."""
FOLDS = 5

Floats = NDArray[np.floating]


def adjust(model: keras.Model, validation: FaceSet) -> dict[str, float]:
    """Change the last bias of a network so that its answers are as even between emotions as they
    are often right, and return how: the card's entry.

    With many validation faces, each emotion has a shift of its own (`best_shifts`); with few, all
    are shifted by one strength (`adjust_for_rarity`).
    """
    if not _many(validation):
        return {"logit_adjustment": adjust_for_rarity(model, validation)}
    _shift(model, best_shifts(answers_of(model, validation.pixels), validation))
    return {"evenness": EVENNESS}


def best_score(answers: Probabilities, validation: FaceSet) -> float:
    """Return the score, 0..1, that adjusting gives: what an epoch is chosen by. That of one shift
    for each emotion is from faces that they were not fitted on (five-fold).
    """
    if not _many(validation):
        return max(_scores(answers, validation))
    predicted = np.empty_like(validation.labels)
    for fitted, held_out in KFold(FOLDS, shuffle=True, random_state=1).split(answers):
        of_fitted = np.isin(np.arange(len(answers)), fitted)
        shifts = best_shifts(answers[of_fitted], validation.where(of_fitted))
        predicted[held_out] = (_logits(answers[held_out]) + shifts).argmax(axis=1)
    return _score(predicted, validation)


def best_shifts(answers: Probabilities, validation: FaceSet) -> Floats:
    """Return what to add to the (7,) logits for the answers to be worth most.

    A right answer is worth 1 and, the rarer what is right, the more beside it, `EVENNESS` on
    average. The label and what most people said are both right; over all faces they weigh alike
    where most have a majority. A count of right answers has no slope, so this is the maximum for
    answers sharpened more and more, until the likeliest nearly stands alone.
    """
    logits, worth = _logits(answers), _worth(validation)

    def lost(shifts: Floats, sharpness: float) -> tuple[float, Floats]:
        said = softmax(sharpness * (logits + shifts), axis=1)
        right = (said * worth).sum(axis=1)
        slope = sharpness * (said * (worth - right[:, np.newaxis])).sum(axis=0)
        return RESTRAINT * (shifts @ shifts) - right.sum(), 2 * RESTRAINT * shifts - slope

    shifts = np.zeros(len(EMOTIONS))
    for sharpness in SHARPNESS:
        shifts = minimize(lost, shifts, (sharpness,), "BFGS", jac=True).x
    return shifts


def _worth(validation: FaceSet) -> Floats:
    """Return (n, 7) what each answer to a face is worth; all of them together, 1."""
    majority = validation.majority()
    known = majority >= 0
    worth: Floats = _worth_of(validation.labels)
    if known.any():
        alike = min(len(known) / known.sum(), MOST_FOR_MAJORITY)
        worth[known] += alike * _worth_of(majority[known])
    return np.asarray(worth / worth.sum())


def _worth_of(truth: Labels) -> Floats:
    rarity = compute_sample_weight("balanced", truth)
    return np.asarray(one_hot(truth) * (1 + EVENNESS * rarity)[:, np.newaxis])


def _shift(model: keras.Model, shifts: Floats) -> None:
    emotion = model.get_layer("emotion")
    kernel, bias = emotion.get_weights()
    emotion.set_weights([kernel, bias + shifts])


def _many(validation: FaceSet) -> bool:
    counts = np.bincount(validation.labels, minlength=len(EMOTIONS))
    return len(validation) >= FEWEST_FACES and bool(counts.min() >= FEWEST_OF_AN_EMOTION)


def _logits(answers: Probabilities) -> Floats:
    return np.asarray(np.log(np.maximum(answers, 1e-12)), np.float32)


def adjust_for_rarity(model: keras.Model, validation: FaceSet) -> float:
    """Shift the last bias of a network against what it answers often, and return how strongly.

    Logit adjustment (Menon et al., 2021, arXiv:2007.07314): minus strength times the logarithm of
    its mean answer to the faces of the validation part. The strength (0..1) is the one with the
    highest mean of accuracy and balanced accuracy there, against labels and, where people voted,
    against what most said: balanced accuracy alone would call half of what is odd disgust.
    """
    answers = answers_of(model, validation.pixels)
    strength = best_strength(answers, validation)
    _shift(model, -strength * _prior(answers))
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
