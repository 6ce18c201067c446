"""A look at a data set before anybody trains on it: told as it comes in, whatever is in it."""

import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.faces import face_set

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError
from fercam.training.data_choice import DataChoice
from fercam.training.data_report import DataReport
from fercam.training.engine import look as looking
from fercam.training.engine import report
from fercam.training.engine.duplicates import near_groups

Event = dict[str, Any]
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a data set: so many different pictures per folder."""

    def make_set(**pictures: int) -> Path:
        for name, count in pictures.items():
            folder = tmp_path / "set" / name
            folder.mkdir(parents=True)
            for number in range(count):
                noise = np.random.default_rng([zlib.crc32(name.encode()), number])
                face = noise.integers(0, 256, (48, 48), dtype=np.uint8)
                assert cv2.imwrite(str(folder / f"{number:04d}.png"), face)
        return tmp_path / "set"

    return make_set


def look(data: Path, names: dict[str, str] | None = None, detect: bool = False) -> list[Event]:
    events: list[Event] = []
    out = data.parent / "out"
    out.mkdir(exist_ok=True)
    looking.look(data, names or {}, detect, out,
                 lambda event, **values: events.append({"event": event, **values}))  # fmt: skip
    json.dumps(events)  # they go through a pipe
    return events


def test_it_is_told_how_far_the_look_is_and_what_was_found(make: Make) -> None:
    *progress, done = look(make(happy=80, sad=60))
    assert {event["event"] for event in progress} == {"progress"}
    reading = [event for event in progress if event["stage"] == looking.READING]
    assert (reading[-1]["done"], reading[-1]["of"]) == (140, 140)
    assert reading[-1]["counts"]["sad"] == 60
    assert (done["event"], done["usable"], done["problem"]) == ("done", True, "")
    assert set(done["report"]["prepared_counts"]) == {"train", "validation"}
    assert set(done["sheets"]) == {"happy", "sad"}
    assert all(Path(file).is_file() for file in done["sheets"].values())


def test_progress_is_told_at_most_five_times_a_second(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(np.arange(0, 100, 0.05))  # a picture takes a twentieth of a second
    monkeypatch.setattr(looking.time, "monotonic", lambda: next(ticks))
    told = [event["done"] for event in look(make(happy=20, sad=20)) if event.get("of")]
    assert len(told) <= 11
    assert told[-1] == 40


def test_the_rows_of_a_table_are_told_as_they_are_read(tmp_path: Path) -> None:
    table = tmp_path / "fer2013.csv"
    pixels = np.random.default_rng(1).integers(0, 256, (30, 48 * 48))
    rows = [f"{n % 2},{' '.join(map(str, row))},Training" for n, row in enumerate(pixels)]
    table.write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")
    reading = [event for event in look(table) if event.get("of")]
    assert (reading[0]["done"], reading[0]["of"]) == (1, 30)
    assert reading[-1]["done"] == 30


@pytest.mark.parametrize("pixel", ["256", "-1", "x", "1.5"])
def test_a_row_with_a_pixel_that_is_none_is_listed(tmp_path: Path, pixel: str) -> None:
    table = tmp_path / "fer2013.csv"
    rows = [f"0,{' '.join(['7'] * 2303 + [last])},Training" for last in ("7", pixel)]
    table.write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")
    assert look(table)[-1]["report"]["skipped"]["unreadable"]["count"] == 1


@pytest.mark.parametrize(
    ("pictures", "problem"),
    [
        ({"happy": 30}, "one emotion (happy)"),
        ({"happy": 2, "sad": 1}, "3 training pictures are too few"),
    ],
)
def test_what_nothing_can_be_trained_on_is_shown_all_the_same(
    make: Make, pictures: dict[str, int], problem: str
) -> None:
    done = look(make(**pictures))[-1]
    assert problem in done["problem"]
    assert not done["usable"]
    assert done["report"]["faces"] == sum(pictures.values())
    assert set(done["sheets"]) == set(pictures)


def test_few_pictures_are_a_warning(make: Make) -> None:
    done = look(make(happy=8, sad=8))[-1]
    assert done["usable"]
    assert "are few" in done["problem"]


def test_classes_that_mean_no_emotion_are_counted_and_the_rest_is_looked_at(make: Make) -> None:
    data = make(happy=8, sad=8, lustig=3, contempt=2)
    done = look(data)[-1]
    assert done["unknown"] == {"lustig": 3, "contempt": 2}
    assert done["report"]["faces"] == 16
    done = look(data, {"lustig": "happy", "contempt": ""})[-1]
    assert (done["unknown"], done["report"]["faces"]) == ({}, 19)


def test_what_is_no_picture_is_listed_and_the_rest_is_used(make: Make) -> None:
    data = make(happy=8, sad=8)
    (data / "sad" / "words.png").write_text("no picture")
    (data / "sad" / "empty.jpg").touch()
    (data / "sad" / "notes.txt").write_text("is passed over")
    (data / "sad" / "._words.png").write_text("is another program's")
    (data / "happy" / "folder.png").mkdir()
    dot = np.full((1, 1), 90, np.uint8)
    assert cv2.imwrite(str(data / "happy" / "folder.png" / "dot.png"), dot)
    done = look(data)[-1]
    assert done["report"]["faces"] == 17
    assert done["report"]["skipped"]["unreadable"]["count"] == 2


def test_the_reason_is_told_where_nothing_is_usable(make: Make) -> None:
    data = make(happy=0)
    (data / "happy" / "a.png").write_text("no picture")
    with pytest.raises(DataError, match=r"1 could not be used, the first is .*a\.png.*not a pict"):
        look(data)


def test_however_much_is_wrong_little_of_it_is_told(make: Make) -> None:
    data = make(happy=8, sad=8)
    for number in range(500):
        (data / "sad" / f"broken{number}.png").write_text("no picture")
    done = look(data)[-1]
    unreadable = done["report"]["skipped"]["unreadable"]
    assert (unreadable["count"], len(unreadable["first"])) == (500, looking.TOLD_FILES)
    report = DataReport(DataChoice(data, "set")).after(done)
    assert report.trouble[0].files[-1] == "… and 300 more"
    kept = json.loads((data.parent / "out" / "data.json").read_text())
    assert len(kept["skipped"]["unreadable"]) == 500


def test_thousands_of_frames_of_a_still_face_are_one_group_in_little_time() -> None:
    face = cv2.GaussianBlur(face_set(["happy"]).pixels[0], (0, 0), 3)
    noise = np.random.default_rng(1).integers(-3, 4, (3000, 48, 48))
    pixels = np.clip(face.astype(np.int64) + noise, 0, 255).astype(np.uint8)
    begun = time.process_time()
    assert len(np.unique(near_groups(pixels))) == 1
    assert time.process_time() - begun < 20  # pair by pair it is four and a half million


def test_every_label_of_a_conflict_is_on_its_sheet(tmp_path: Path) -> None:
    faces = face_set(["happy"] * 12 + ["sad"])
    faces.pixels[:] = faces.pixels[0]
    faces.pixels[12, 0, 0] ^= 1  # near, so that the sad one can be told apart
    near = near_groups(faces.pixels)
    assert set(report.group_sheets(faces, near, tmp_path)) == {"copies", "conflicts"}
    sheet = cv2.imread(str(tmp_path / "conflicts.png"), cv2.IMREAD_GRAYSCALE)
    plain = face_set(["happy"] * 13)
    plain.pixels[:] = faces.pixels
    report.group_sheets(plain, near, tmp_path)
    alike = cv2.imread(str(tmp_path / "copies.png"), cv2.IMREAD_GRAYSCALE)
    words = slice(report.SHEET_FACE_PX + 2, None)
    assert not np.array_equal(sheet[words], alike[words])


def test_the_child_ends_when_its_input_closes(make: Make, tmp_path: Path) -> None:
    data = make(happy=400, sad=400)
    request = {"command": "report", "dataset": str(data), "class_names": {}, "detect": True,
               "out": str(tmp_path / "out")}  # fmt: skip
    command = [sys.executable, "-m", "fercam.training.engine", json.dumps(request)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["event"] == "progress"
        child.stdin.close()
        assert child.wait(10) == 1
        assert b'"done"' not in child.stdout.read().splitlines()[-1:]


def test_a_look_needs_no_keras(make: Make, tmp_path: Path) -> None:
    data = make(happy=8, sad=8)
    code = (
        "import sys, pathlib as p; from fercam.training.engine.look import look;"
        f"look(p.Path({str(data)!r}), {{}}, False, p.Path({str(tmp_path)!r}), lambda *a, **k: 0);"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_emotions_with_two_groups_or_more_are_on_both_sides_whatever_the_seed(make: Make) -> None:
    from fercam.training.engine import dataset, readers

    faces = readers.load(make(**dict.fromkeys(EMOTIONS, 2)))
    for seed in range(20):
        prepared = dataset.prepare(faces, 0.1, seed)
        for split in ("train", "validation"):
            assert set(prepared.part(split).labels) == set(range(len(EMOTIONS)))
