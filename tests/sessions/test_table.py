"""A table is read whole, or as far as it goes, or refused in one sentence."""

import time
from pathlib import Path

import numpy as np
import pytest
from helpers.tables import info, row, write_table

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import SessionError
from fercam.recording.csv_sink import COLUMNS
from fercam.recording.session_json import Person
from fercam.sessions import table as table_module
from fercam.sessions.table import FrameTable, merged_people, read_table

HAPPY, SAD = (1, "happy", 0.8, True), (2, "sad", 0.6, False)
IMAGE = np.zeros((240, 320, 3), np.uint8)


@pytest.fixture(autouse=True, params=["with Arrow", "without"])
def arrow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small package reads tables without Arrow; the outcome is the same."""
    if request.param == "without":
        monkeypatch.setattr(table_module, "find_spec", lambda name: None)


@pytest.fixture
def table(tmp_path: Path) -> FrameTable:
    return read_table(write_table(tmp_path / "frames.csv", [[HAPPY], [], [HAPPY, SAD]]))


def test_frames_and_the_faces_in_them(table: FrameTable) -> None:
    assert (table.frames, table.rows, table.people) == (3, 3, [1, 2])
    assert table.time_s.tolist() == pytest.approx([0, 1 / 30, 2 / 30], abs=1e-6)
    assert [list(table.rows_of(frame)) for frame in range(3)] == [[0], [], [1, 2]]
    assert table.row_frame().tolist() == [0, 2, 2]
    assert [EMOTIONS[label] for label in table.label] == ["happy", "happy", "sad"]
    assert table.sure.tolist() == [True, True, False]
    assert table.duration_s == pytest.approx(0.1, abs=1e-5)


@pytest.mark.parametrize(("t_s", "frame"), [(-1, 0), (0, 0), (0.03, 0), (0.0333325, 1), (99, 2)])
def test_the_frame_shown_at_a_time(table: FrameTable, t_s: float, frame: int) -> None:
    assert table.frame_at(t_s) == frame


def test_a_frame_comes_back_as_it_was(table: FrameTable) -> None:
    result = table.annotated(2, IMAGE, {2: "Ann"})
    first, second = result.faces
    assert result.frame.image is IMAGE
    assert first.detection.track_id == 1 and first.prediction is not None
    assert (first.prediction.label, first.prediction.sure) == ("happy", True)
    assert first.prediction.confidence == pytest.approx(0.8)
    assert second.name == "Ann" and second.prediction is not None and not second.prediction.sure
    assert second.detection.box_px.width == 80
    assert [one.name for one in table.annotated(0, IMAGE, {1: "Bob"}).faces] == ["Bob"]


def test_a_face_the_network_had_not_seen_has_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "frames.csv"
    path.write_text(f"{','.join(COLUMNS)}\n0,0.000000,0,1,2,3,4,0.9,{',' * 9}\n")
    table = read_table(path)
    assert table.label.tolist() == [-1] and np.isnan(table.probabilities).all()
    assert table.annotated(0, IMAGE).faces[0].prediction is None
    assert table.people == []


def test_another_models_answers_come_along(table: FrameTable, tmp_path: Path) -> None:
    faces = [[(7, "fear", 0.7, True)], [], [(7, "fear", 0.7, True)]]  # where person 1 is
    other = read_table(write_table(tmp_path / "other.csv", faces))
    first, second = table.annotated(2, IMAGE, second=other).faces
    assert first.second is not None
    assert (first.second.label, first.second.track_id) == ("fear", 1)
    assert second.second is None


def test_an_answer_without_its_label_is_none(tmp_path: Path) -> None:
    path = tmp_path / "frames.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{row(0, 0.0, HAPPY).replace('happy', '')}\n")
    table = read_table(path)
    assert (table.label.tolist(), table.sure.tolist()) == ([-1], [False])
    assert np.isnan(table.probabilities).all()


@pytest.mark.parametrize("lines", [[], [f"0,0.000000,1,40,60,80,90,0.9000{',' * 10}"]])
def test_another_model_may_have_said_nothing(
    table: FrameTable, tmp_path: Path, lines: list[str]
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines, ""]))
    assert table.annotated(0, IMAGE, second=read_table(path)).faces[0].second is None


def test_a_table_cut_anywhere_gives_its_whole_lines(tmp_path: Path) -> None:
    content = write_table(tmp_path / "frames.csv", [[HAPPY, SAD], [HAPPY], []] * 3).read_bytes()
    cut = tmp_path / "cut.csv"
    header = len(content.split(b"\n", 1)[0]) + 1
    for length in range(header, len(content) + 1, 7):
        cut.write_bytes(content[:length])
        table = read_table(cut)
        assert table.rows <= content[:length].count(b",0.9000,")
        assert table.frames <= 9
    cut.write_bytes(content + b"\0" * 512)
    assert read_table(cut).frames == 9


@pytest.mark.parametrize(
    "lines",
    [
        ["nothing,of,ours"],
        [],
        [",".join(COLUMNS), "0,0.0,1"],
        [",".join(COLUMNS), row(0, 0.0, HAPPY).replace("40", "left")],
        [",".join(COLUMNS), row(0, 0.0, HAPPY).replace("40,60", "40,")],
        [",".join(COLUMNS), row(0, 0.0, HAPPY).replace("0.9000", "")],
        [",".join(COLUMNS), row(0, 0.0, HAPPY)[1:]],
        [",".join(COLUMNS), row(0, 0.0, HAPPY).replace("happy", "bored")],
        [",".join(COLUMNS), row(0, 0.0, HAPPY).replace("0.000000", "", 1)],
        [",".join(COLUMNS), row(3, 0.0, HAPPY), row(2, 0.1, HAPPY)],
        [",".join(COLUMNS), row(0, 0.1, HAPPY), row(1, 0.0, HAPPY)],
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "frames.csv"
    path.write_text("\n".join([*lines, ""]))
    with pytest.raises(SessionError) as refused:
        read_table(path)
    assert refused.value.user_message.count(".csv") == 1 and refused.value.user_message[-1] == "."
    with pytest.raises(SessionError, match="missing"):
        read_table(tmp_path / "none.csv")


def test_a_table_without_any_frame_is_empty_and_asks_for_nothing(tmp_path: Path) -> None:
    table = read_table(write_table(tmp_path / "frames.csv", []))
    assert (table.frames, table.rows, table.duration_s, table.people) == (0, 0, 0.0, [])
    assert table.first_row.tolist() == [0]


def test_merged_people_are_one(table: FrameTable) -> None:
    ways = {1: None, 2: 3, 3: 4, 4: 1}
    people = tuple(Person(number, merged_into=target) for number, target in ways.items())
    assert table.with_people(info(people=people)).people == [1]
    circle = (Person(1, merged_into=2), Person(2, merged_into=1), Person(3, merged_into=1))
    assert table.with_people(info(people=circle)).people == [1, 2]
    assert merged_people(info(people=circle)) == {}


def test_a_hole_in_time_belongs_to_nobody(tmp_path: Path) -> None:
    times_s = [0, 0.1, 0.2, 60.0, 60.1]
    table = read_table(write_table(tmp_path / "frames.csv", [[HAPPY]] * 5, times_s))
    assert table.frame_s().tolist() == pytest.approx([0.1, 0.1, 0.5, 0.1, 0.1])


def test_an_hour_is_read_in_a_moment(tmp_path: Path) -> None:
    path = write_table(tmp_path / "frames.csv", [[HAPPY]] * 108_000)
    read_table(path)  # the first loads the library
    started_s = time.process_time()
    assert read_table(path).frames == 108_000
    assert time.process_time() - started_s < 1.5
