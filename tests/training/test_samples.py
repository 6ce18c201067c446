"""Faces of one's own on the disk."""

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fercam.core.errors import DataError
from fercam.sessions.trash import TRASH
from fercam.training.engine import dataset, readers
from fercam.training.samples import SampleStore, new_burst


@pytest.fixture
def store(tmp_path: Path) -> SampleStore:
    return SampleStore(tmp_path / "samples")


def face(number: int) -> NDArray[np.uint8]:
    return np.random.default_rng(number).integers(0, 256, (48, 48), dtype=np.uint8)


def test_a_face_is_kept_as_it_is_with_whose_it_is_and_when(store: SampleStore) -> None:
    sample = store.add(face(1), "happy", "Ann", "120000")
    assert np.array_equal(cv2.imread(str(sample.file), cv2.IMREAD_UNCHANGED), face(1))
    assert (sample.emotion, sample.person, sample.burst) == ("happy", "Ann", "120000")
    assert sample.day == datetime.now().date().isoformat()
    assert store.samples() == [sample]


@pytest.mark.parametrize("name", ["../../x", "a__b", "  ", "CON: <*?>", "Zoë 李", "x" * 300])
def test_any_name_makes_a_file_of_its_own_inside_the_folder(store: SampleStore, name: str) -> None:
    first, second = (store.add(face(n), "sad", name, name) for n in (1, 2))
    assert first.file != second.file
    assert first.file.parent == store.home / "sad"
    assert {sample.file for sample in store.samples()} == {first.file, second.file}


def test_samples_are_a_data_set_whose_bursts_stay_together(store: SampleStore) -> None:
    for number in range(40):
        emotion = ("happy", "sad")[number % 2]
        store.add(face(number), emotion, "Ann", f"{number // 10:06d}")
    faces = dataset.prepare(readers.load(store.home), 0.2, 1)
    train, validation = faces.part("train").bursts, faces.part("validation").bursts
    assert train is not None
    assert validation is not None
    assert set(train).isdisjoint(validation)


def test_relabelling_moves_faces_and_loses_none(store: SampleStore) -> None:
    one = store.add(face(1), "happy", "Ann", "b")
    other = store.add(face(2), "sad", "Ann", "b")  # the same name but for the emotion
    store.relabel([one.file, store.home / "happy" / "gone.png"], "sad")
    kept = {cv2.imread(str(s.file), cv2.IMREAD_UNCHANGED).tobytes() for s in store.samples()}
    assert kept == {face(1).tobytes(), face(2).tobytes()}
    assert {sample.emotion for sample in store.samples()} == {"sad"}
    assert other.file.exists()


def test_what_is_deleted_comes_back_until_the_trash_is_emptied(store: SampleStore) -> None:
    kept = [store.add(face(number), "fear", "", "b").file for number in range(3)]
    deleted = store.delete(kept[:2])
    assert [sample.file for sample in store.samples()] == kept[2:]
    assert len(readers.load(store.home)) == 1  # what was deleted is not trained on
    store.restore(deleted)
    assert len(store.samples()) == 3
    store.delete(kept)
    store.empty_trash()
    assert [path for path in store.home.rglob("*") if path.is_file()] == []


def test_what_another_program_deleted_is_its_own_until_that_ends(store: SampleStore) -> None:
    kept = [store.add(face(number), "fear").file for number in range(2)]
    deleted = store.delete(kept[:1])
    left_by_one_that_died = store.home / TRASH / "999999" / "fear" / "one.png"
    left_by_one_that_died.parent.mkdir(parents=True)
    left_by_one_that_died.touch()
    SampleStore(store.home).empty_trash()
    assert not left_by_one_that_died.exists()
    store.restore(deleted)
    assert len(store.samples()) == 2


def test_they_can_be_taken_elsewhere_as_folders(store: SampleStore, tmp_path: Path) -> None:
    for emotion in ("happy", "sad"):
        store.add(face(1), emotion)
    assert store.export(tmp_path / "out") == 2
    assert len(readers.load(tmp_path / "out")) == 2


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="cannot be changed"):
        SampleStore(tmp_path / "file" / "samples").add(face(1), "happy")
    assert (tmp_path / "file").read_text() == "in the way"


def test_bursts_have_the_time_they_began() -> None:
    assert new_burst(datetime(2026, 1, 2, 3, 4, 5)) == "030405"
