"""A message says everything about a frame in values that JSON can hold, as documented."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.results import annotated, face

import fercam.feed
from fercam.core.emotions import EMOTIONS
from fercam.core.values import Doubt
from fercam.feed.message import message

DOCUMENTATION = Path(fercam.feed.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_a_message_names_the_frame_and_the_face_on_it() -> None:
    shown = face(7)
    assert shown.prediction is not None
    raw = replace(shown.prediction, raw=np.zeros(7, np.float32))  # what is shown is smoothed
    seen = annotated(replace(shown, prediction=raw, name="Zoë"), number=3)
    told = message(replace(seen, frame=replace(seen.frame, t_wall_s=1_700_000_000.123456)))
    (seen,) = told.pop("faces")
    assert told == {
        "schema": 1,
        "frame": 3,
        "t_wall_s": 1_700_000_000.123456,
        "t_media_s": 0.1,
        "width": 320,
        "height": 240,
    }
    shares = seen.pop("probabilities")
    assert seen == {
        "person": 7,
        "name": "Zoë",
        "box": [100, 80, 60, 80],
        "score": 0.9,
        "label": "happy",
        "confidence": 0.83,
        "sure": True,
        "doubt": None,
    }
    assert tuple(shares) == EMOTIONS
    assert shares["happy"] == 0.83
    assert sum(shares.values()) == pytest.approx(1, abs=0.001)


def test_a_doubtful_face_says_why() -> None:
    (seen,) = message(annotated(face(sure=False)))["faces"]
    assert (seen["sure"], seen["doubt"]) == (False, "low confidence")


def test_a_face_the_network_has_not_seen_has_a_place_but_no_label() -> None:
    (seen,) = message(annotated(face(label=None)))["faces"]
    assert seen["box"] == [100, 80, 60, 80]
    assert {seen[key] for key in ("label", "confidence", "sure", "doubt", "probabilities")} == {
        None
    }


def test_a_frame_without_a_face_is_told_too() -> None:
    assert message(annotated())["faces"] == []


def test_every_value_survives_json_unchanged_even_when_numpy_made_it() -> None:
    odd = face(confidence=1 / 3)
    odd = replace(odd, detection=replace(odd.detection, score=np.float32(1 / 3)))
    told = message(annotated(odd, face(2, label=None)))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["faces"][0]["score"] == 0.3333


def test_the_documented_example_has_the_fields_of_a_real_message_in_their_order() -> None:
    block = re.search(r"```json\n(.*?)```", DOCUMENTATION, re.DOTALL)
    assert block is not None
    example, real = json.loads(block[1]), message(annotated(face()))
    assert list(example) == list(real)
    assert list(example["faces"][0]) == list(real["faces"][0])
    assert list(example["faces"][0]["probabilities"]) == list(EMOTIONS)


def test_every_reason_for_doubt_is_documented() -> None:
    assert [str(doubt) for doubt in Doubt if f"`{doubt}`" not in DOCUMENTATION] == []
