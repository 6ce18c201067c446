"""What is said about a data set before anything is trained on it."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.training.engine.dataset import FaceSet, Skipped, prepare
from fercam.training.engine.readers import NO_FACE
from fercam.training.engine.report import report, sample_sheets, write_report


@pytest.fixture
def faces() -> FaceSet:
    """Twenty training and three test faces of soft noise; some copies, some trouble."""
    made = face_set(
        ["happy", "sad"] * 10 + ["happy", "sad", "fear"],
        ["train"] * 20 + ["test"] * 3,
        [{}] * 5 + [{"not_a_face": 8, "sad": 2}],
    )
    pixels = np.stack([cv2.GaussianBlur(face, (0, 0), 3) for face in made.pixels])
    pixels[2] = pixels[0]  # happy twice
    pixels[3] = pixels[0]  # and once sad
    pixels[8] = cv2.convertScaleAbs(pixels[6], alpha=0.7, beta=40)
    pixels[20] = pixels[10]  # a test face that is a training face
    skipped = (Skipped("sad/broken.jpg", "cannot be read"), Skipped("sad/hill.jpg", NO_FACE))
    return replace(made, pixels=pixels, skipped=skipped)


def test_faces_are_counted_per_class_and_split_as_read_and_as_used(faces: FaceSet) -> None:
    prepared = prepare(faces, 0.2, 1)
    found = report(faces, prepared)
    assert found["faces"] == 23
    assert set(found["counts"]) == {"train", "test"}
    assert found["counts"]["train"]["happy"] == found["counts"]["train"]["sad"] == 10
    assert found["counts"]["test"]["fear"] == 1
    used = found["prepared_counts"]
    assert set(used) == {"train", "validation", "test"}
    assert sum(sum(row.values()) for row in used.values()) == len(prepared)


def test_copies_conflicts_and_noise_are_counted(faces: FaceSet) -> None:
    found = report(faces, prepare(faces, 0.2, 1))
    assert (found["exact_copies"], found["near_copies"], found["not_a_face"]) == (3, 1, 1)
    assert found["conflicts"] == {
        "groups": 1,
        "listed": [
            {
                "exact": True,
                "rows": [0, 2, 3],
                "labels": ["happy", "happy", "sad"],
                "splits": ["train"] * 3,
            }
        ],
    }


def test_what_will_be_left_out_is_what_preparing_leaves_out(faces: FaceSet) -> None:
    prepared = prepare(faces, 0.2, 1)
    left_out = report(faces, prepared)["left_out"]
    assert left_out == {"copies_of_test": 1, "not_a_face": 1}
    assert sum(left_out.values()) == len(faces) - len(prepared)


def test_unreadable_files_and_photos_without_a_face_are_told_apart(faces: FaceSet) -> None:
    skipped = report(faces, faces)["skipped"]
    assert [entry["where"] for entry in skipped["unreadable"]] == ["sad/broken.jpg"]
    assert [entry["where"] for entry in skipped["without_face"]] == ["sad/hill.jpg"]


def test_a_file_whose_name_is_no_text_is_reported_all_the_same(
    faces: FaceSet, tmp_path: Path
) -> None:
    odd = replace(faces, skipped=(Skipped("sad/\udcff.jpg", "cannot be read"),))
    write_report(odd, prepare(odd, 0.2, 1), tmp_path)
    full = json.loads((tmp_path / "data.json").read_text(encoding="utf-8"))
    assert full["skipped"]["unreadable"][0]["where"] == "sad/\udcff.jpg"


def test_no_more_than_twenty_conflicts_are_listed() -> None:
    faces = face_set(["happy"] * 30 + ["sad"] * 30)
    faces.pixels[30:] = faces.pixels[:30]
    conflicts = report(faces, faces)["conflicts"]
    assert (conflicts["groups"], len(conflicts["listed"])) == (30, 20)


def test_a_sheet_shows_up_to_forty_faces_spread_evenly_over_the_class(tmp_path: Path) -> None:
    faces = face_set(["happy"] * 79 + ["sad"] * 3)
    shades = np.arange(len(faces), dtype=np.uint8)[:, None, None]
    faces = replace(faces, pixels=np.broadcast_to(shades, faces.pixels.shape).copy())
    sample_sheets(faces, tmp_path / "samples")
    assert sorted(file.name for file in (tmp_path / "samples").iterdir()) == [
        "happy.png",
        "sad.png",
    ]
    sheet = cv2.imread(str(tmp_path / "samples" / "happy.png"), cv2.IMREAD_GRAYSCALE)
    assert set(np.unique(sheet)) == {*range(0, 79, 2), 255}
    few = cv2.imread(str(tmp_path / "samples" / "sad.png"), cv2.IMREAD_GRAYSCALE)
    assert set(np.unique(few)) == {79, 80, 81, 255}
    assert few.shape[0] < sheet.shape[0]


def test_a_run_folder_gets_the_report_and_the_sheets_of_training_faces(
    faces: FaceSet, tmp_path: Path
) -> None:
    figures = write_report(faces, prepare(faces, 0.2, 1), tmp_path)
    written = json.loads((tmp_path / "data.json").read_text())
    assert written["conflicts"]["groups"] == figures["conflicts"] == 1
    assert figures["per_class"]["fear"] == 1
    assert (figures["unreadable"], figures["without_face"]) == (1, 1)
    assert {file.stem for file in (tmp_path / "samples").iterdir()} == {"happy", "sad"}
    json.dumps(figures)
