"""Data sets in: folders per emotion and fer2013.csv; leaks closed; trouble listed."""

import errno
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.arrays import damaged_arrays
from numpy.typing import NDArray

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import DataError
from fercam.training.engine import dataset, readers
from fercam.training.engine.duplicates import exact_groups

Pixels = NDArray[np.uint8]


def face(number: int) -> Pixels:
    return np.random.default_rng(number).integers(0, 256, (48, 48), dtype=np.uint8)


def write(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)


def write_csv(path: Path, rows: list[tuple[object, Pixels, str]]) -> Path:
    lines = [f"{label},{' '.join(map(str, px.ravel()))},{usage}" for label, px, usage in rows]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n")
    return path


def test_a_csv_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fer2013.csv", [(3, face(1), "Training")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert readers.load(path).labels.tolist() == [EMOTIONS.index("happy")]


def test_a_folder_per_emotion_is_a_training_set(tmp_path: Path) -> None:
    for number, emotion in enumerate(EMOTIONS):
        write(tmp_path / emotion / "a.png", face(number))
    faces = readers.load(tmp_path)
    assert faces.labels.tolist() == list(range(7))
    assert np.array_equal(faces.pixels[3], face(3))
    assert len(faces.part("train")) == 7


@pytest.mark.parametrize("levels", [("train", "test"), ("Training", "Testing")])
def test_train_and_test_levels_and_aliases_are_understood(
    tmp_path: Path, levels: tuple[str, str]
) -> None:
    write(tmp_path / levels[0] / "Happiness" / "a.png", face(1))
    write(tmp_path / levels[1] / "surprised" / "a.png", face(2))
    faces = readers.load(tmp_path)
    assert [EMOTIONS[i] for i in faces.part("train").labels] == ["happy"]
    assert [EMOTIONS[i] for i in faces.part("test").labels] == ["surprise"]


def test_fer2013_csv_has_an_order_of_its_own_which_is_converted(tmp_path: Path) -> None:
    usages = ("Training", "PublicTest", "PrivateTest")
    rows = [(number, face(number), usages[number % 3]) for number in range(7)]
    faces = readers.load(write_csv(tmp_path / "fer2013.csv", rows))
    named = [EMOTIONS[i] for i in faces.labels]
    assert named == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert [dataset.SPLITS[i] for i in faces.splits[:3]] == ["train", "test", "private_test"]


def test_rows_and_pictures_that_cannot_be_read_are_listed_and_skipped(tmp_path: Path) -> None:
    rows = [(3, face(1), "Training"), (9, face(2), "Training"), ("x", face(3), "Training")]
    faces = readers.load(write_csv(tmp_path / "fer.csv", rows))
    assert (len(faces), [skipped.where for skipped in faces.skipped]) == (1, ["line 3", "line 4"])

    write(tmp_path / "set" / "sad" / "good.png", face(1))
    (tmp_path / "set" / "sad" / "bad.png").write_bytes(b"no picture")
    faces = readers.load(tmp_path / "set")
    assert len(faces) == 1
    assert Path(faces.skipped[0].where) == Path("sad/bad.png")


def test_colour_and_size_of_crops_do_not_matter(tmp_path: Path) -> None:
    write(tmp_path / "sad" / "a.png", np.full((96, 96, 3), 200, np.uint8))
    assert readers.load(tmp_path).pixels[0].mean() == 200


def test_photos_are_searched_for_the_face(tmp_path: Path) -> None:
    from fercam.capture.demo import DemoSource

    demo = DemoSource("", paced=False)
    demo.open()
    frame = demo.read()
    demo.close()
    assert frame is not None
    write(tmp_path / "neutral" / "photo.png", frame.image)
    write(tmp_path / "neutral" / "wall.png", np.full((300, 400, 3), 128, np.uint8))
    faces = readers.load(tmp_path)
    assert len(faces) == 1
    assert [skipped.reason for skipped in faces.skipped] == ["no face found"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "There is no data set at"),
        (lambda path: path.mkdir(), "No usable pictures in"),
        (lambda path: (path / "contempt").mkdir(parents=True), "'contempt' is not one of the"),
        (lambda path: path.write_text("a,b\n1,2\n"), "has no columns 'emotion' and 'pixels'"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00\x80" * 9), "is not a fer2013.csv"),
        (lambda path: path.write_text(""), "has no columns"),
    ],
)
def test_a_data_set_that_is_none_is_refused_in_one_line(
    tmp_path: Path, make: object, message: str
) -> None:
    path = tmp_path / "set"
    make(path)  # type: ignore[operator]
    with pytest.raises(DataError, match=message) as refusal:
        readers.load(path)
    assert "\n" not in refusal.value.user_message


def test_training_copies_of_test_pictures_are_dropped_and_copies_stay_together(
    tmp_path: Path,
) -> None:
    rows = [(i // 2 % 2, face(i // 2), "Training") for i in range(40)]  # every picture twice
    rows += [(3, face(0), "PublicTest"), (3, face(999), "PublicTest")]
    faces = dataset.prepare(
        readers.load(write_csv(tmp_path / "f.csv", rows)), validation_share=0.25, seed=1
    )
    train, validation = faces.part("train"), faces.part("validation")
    assert (len(train) + len(validation), len(faces.part("test"))) == (38, 2)
    assert len(validation) == 10
    kept = {picture.tobytes() for picture in train.pixels}
    assert face(0).tobytes() not in kept
    assert kept.isdisjoint(picture.tobytes() for picture in validation.pixels)


def test_the_split_depends_on_the_seed_alone(tmp_path: Path) -> None:
    rows = [(i % 7, face(i), "Training") for i in range(50)]
    faces = readers.load(write_csv(tmp_path / "f.csv", rows))
    first, again, other = (dataset.prepare(faces, 0.2, seed) for seed in (1, 1, 2))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


def test_too_few_pictures_to_validate_on_are_refused(tmp_path: Path) -> None:
    rows = [(3, face(1), "Training")]
    with pytest.raises(DataError, match="too few"):
        dataset.prepare(readers.load(write_csv(tmp_path / "f.csv", rows)), 0.1, 1)


def test_near_copies_of_test_pictures_are_dropped_too(tmp_path: Path) -> None:
    smooth = [cv2.GaussianBlur(face(i), (0, 0), 3) for i in range(30)]
    paler = cv2.convertScaleAbs(smooth[0], alpha=0.7, beta=40)
    rows = [(i % 2, one, "Training") for i, one in enumerate(smooth)] + [(3, paler, "PublicTest")]
    faces = dataset.prepare(readers.load(write_csv(tmp_path / "f.csv", rows)), 0.2, 1)
    kept = {picture.tobytes() for picture in (*faces.part("train").pixels,
                                              *faces.part("validation").pixels)}  # fmt: skip
    assert len(kept) == 29
    assert smooth[0].tobytes() not in kept


def test_votes_beside_the_csv_are_read_row_by_row(tmp_path: Path) -> None:
    rows = [(3, face(1), "Training"), (9, face(2), "Training"), (6, face(3), "Training")]
    path = write_csv(tmp_path / "fer2013.csv", rows)
    (tmp_path / "fer2013new.csv").write_text(
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,"
        "contempt,unknown,NF\n"
        "Training,a,1,8,0,0,0,0,0,1,0,0\n"
        "Training,b,0,0,0,10,0,0,0,0,0,0\n"
        "Training,,4,0,0,3,0,0,0,0,2,1\n"
    )
    faces = readers.load(path)
    assert [EMOTIONS[i] for i in faces.labels] == ["happy", "neutral"]
    assert faces.votes[:, :2].tolist() == [[1, 8], [4, 0]]
    assert faces.majority().tolist() == [EMOTIONS.index("happy"), -1]


@pytest.mark.parametrize("rows", [1, 3])
def test_votes_of_another_table_are_refused(tmp_path: Path, rows: int) -> None:
    path = write_csv(tmp_path / "fer2013.csv", [(3, face(n), "Training") for n in range(2)])
    (tmp_path / "fer2013new.csv").write_text(
        "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
        + "0,9,0,0,0,0,0,1,0,0\n" * rows
    )
    with pytest.raises(DataError, match=f"fer2013new.csv has {rows} rows and fer2013.csv 2"):
        readers.load(path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"x": np.random.default_rng(1).random((3, 48, 48))}, "x of .* 0 to 255"),
        ({"y": np.array([0, -1, 2])}, "y of .* 0 to 6"),
        ({"y": np.array([0, 7, 2])}, "y of .* 0 to 6"),
        ({"y": np.eye(7, dtype=np.uint8)[:3]}, "do not fit"),
        ({"split": np.array(["train", "test", "train"])}, "split of"),
        ({"split": np.zeros(2, np.uint8)}, "do not fit"),
    ],
)
def test_arrays_that_cannot_be_meant_so_are_refused(
    tmp_path: Path, wrong: dict[str, np.ndarray], words: str
) -> None:
    right = {
        "x": np.stack([face(n) for n in range(3)]), "y": np.arange(3), "classes": np.array(EMOTIONS)
    }  # fmt: skip
    np.savez(tmp_path / "set.npz", **{**right, **wrong})
    with pytest.raises(DataError, match=words):
        readers.load(tmp_path / "set.npz")


@pytest.mark.parametrize("content", damaged_arrays("x", "y", "classes"))
def test_damaged_arrays_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(DataError, match="is not an array file"):
        readers.load(tmp_path / "set.npz")


@pytest.mark.parametrize("look", [readers.load, readers.unknown_classes])
def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[[Path], object]
) -> None:
    for emotion in ("happy", "sad"):
        write(tmp_path / emotion / "1.png", face(1))
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "sad":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"sad cannot be read \(Permission denied\)"):
        look(tmp_path)


def test_one_array_alone_is_no_set(tmp_path: Path) -> None:
    with (tmp_path / "set.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(DataError, match="is not an array file"):
        readers.load(tmp_path / "set.npz")


def test_what_most_taggers_call_no_face_is_not_trained_on(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "set.npz",
        x=np.stack([face(i) for i in range(40)]),
        y=np.array([2, 0] * 20),
        classes=["surprise", "sad", "anger"],
        votes=np.array([[0, 0, 4, 0, 0, 0, 0, 0, 0, 6]] * 10 + [[0] * 7 + [1, 8, 1]] * 30),
    )
    faces = dataset.prepare(readers.load(tmp_path / "set.npz"), 0.2, 1)
    assert (len(faces.part("train")), len(faces.part("validation"))) == (24, 6)
    assert {EMOTIONS[i] for i in faces.labels} == {"angry", "surprise"}


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.zeros((3, 48, 48)), "y": np.zeros(3, int)},
        {"x": np.zeros((3, 40, 48)), "y": np.zeros(3, int), "classes": ["sad"]},
        {"x": np.zeros((2, 48, 48)), "y": np.zeros(3, int), "classes": ["sad"]},
        {"x": np.zeros((2, 48, 48)), "y": np.array([0, 5]), "classes": ["sad"]},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, object]) -> None:
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(DataError, match="array"):
        readers.load(tmp_path / "set.npz")


def test_the_shared_set_has_the_copies_that_were_counted(shared: object) -> None:
    folder = shared("data/fer2013")  # type: ignore[operator]
    namespace: dict[str, object] = {"__file__": str(folder / "unpack.py"), "__name__": "unpack"}
    exec((folder / "unpack.py").read_text(), namespace)
    data = namespace["load"](folder)  # type: ignore[operator]
    splits = np.where(data["split"] == 0, 0, dataset.SPLITS.index("test")).astype(np.int64)
    faces = dataset.FaceSet(data["x"], data["y"].astype(np.int64), splits, data["votes"])
    training = faces.splits == 0
    leaked = np.isin(exact_groups(faces.pixels)[training], exact_groups(faces.pixels)[~training])
    assert leaked.sum() == 351
    assert faces.copies_of_training("test").sum() == 280
    known = faces.part("test").majority()[~faces.copies_of_training("test")] >= 0
    assert known.sum() == 2964


def sample(folder: Path, emotion: str, burst: str, number: int) -> None:
    name = f"2026-11-23__Ann__{burst}__{number:04d}.png"
    write(folder / emotion / name, face(zlib.crc32(f"{emotion}{burst}{number}".encode())))


def test_faces_taken_in_one_go_are_never_parted(tmp_path: Path) -> None:
    for emotion in ("happy", "sad"):
        for burst in ("a", "b", "c"):
            for number in range(5):
                sample(tmp_path, emotion, f"{emotion}-{burst}", number)
    for seed in range(8):
        faces = dataset.prepare(readers.load(tmp_path), 0.1, seed)
        train, validation = faces.part("train"), faces.part("validation")
        assert train.bursts is not None
        assert validation.bursts is not None
        assert set(train.bursts).isdisjoint(validation.bursts)
        # a tenth of six bursts is one; each emotion is checked all the same
        assert set(validation.labels) == set(train.labels) == {3, 5}


def test_an_emotion_taken_in_one_go_stays_in_training(tmp_path: Path) -> None:
    for number in range(8):
        sample(tmp_path, "angry", "x", number)
        sample(tmp_path, "happy", f"y{number // 4}", number)
    for seed in range(8):
        faces = dataset.prepare(readers.load(tmp_path), 0.3, seed)
        assert set(faces.part("validation").labels) == {3}
        assert set(faces.part("train").labels) == {0, 3}


def test_when_all_was_taken_in_one_go_nothing_can_be_checked(tmp_path: Path) -> None:
    for number in range(8):
        sample(tmp_path, "angry", "x", number)
        sample(tmp_path, "happy", "y", number)
    with pytest.raises(DataError, match="a second time"):
        dataset.prepare(readers.load(tmp_path), 0.1, 1)


def test_one_emotion_alone_is_refused(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / "happy" / f"{number}.png", face(number))
    with pytest.raises(DataError, match=r"one emotion \(happy\)"):
        dataset.prepare(readers.load(tmp_path), 0.1, 1)


def test_names_that_mean_no_emotion_can_be_mapped_by_hand(tmp_path: Path) -> None:
    write(tmp_path / "train" / "lustig" / "a.png", face(1))
    write(tmp_path / "train" / "traurig" / "b.png", face(2))
    write(tmp_path / "train" / "contempt" / "c.png", face(3))
    write(tmp_path / "train" / "sad" / "d.png", face(4))
    with pytest.raises(DataError, match="contempt"):
        readers.load(tmp_path)
    names = {"lustig": "happy", "contempt": ""}
    assert readers.unknown_classes(tmp_path) == {"lustig": 1, "traurig": 1, "contempt": 1}
    assert readers.unknown_classes(tmp_path, names) == {"traurig": 1}
    faces = readers.load(tmp_path, class_names={**names, "traurig": "sad"})
    assert sorted(EMOTIONS[i] for i in faces.labels) == ["happy", "sad", "sad"]


def test_names_in_an_array_file_can_be_mapped_too(tmp_path: Path) -> None:
    file = tmp_path / "set.npz"
    pixels = np.stack([face(number) for number in range(4)])
    np.savez(file, x=pixels, y=np.array([0, 1, 0, 1]), classes=np.array(["glad", "contempt"]))
    assert readers.unknown_classes(file) == {"glad": 2, "contempt": 2}
    faces = readers.load(file, class_names={"glad": "happy", "contempt": ""})
    assert np.array_equal(faces.pixels, pixels[::2])


def test_reading_tells_how_far_it_is_and_can_be_ended(tmp_path: Path) -> None:
    for number in range(250):
        write(tmp_path / "happy" / f"{number:03d}.png", face(number))
    heard: list[readers.Progress] = []
    readers.load(tmp_path, watch=heard.append)
    assert [(p.done, p.of) for p in heard] == [(number, 250) for number in range(1, 251)]
    assert heard[-1].counts["happy"] == 250

    def stop(progress: readers.Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        readers.load(tmp_path, watch=stop)


def test_a_picture_of_one_pixel_is_taken_and_a_huge_one_is_read_in_a_reduced_size(
    tmp_path: Path,
) -> None:
    write(tmp_path / "happy" / "dot.png", np.full((1, 1), 90, np.uint8))
    write(tmp_path / "happy" / "huge.png", np.zeros((10_000, 10_000), np.uint8))
    faces = readers.load(tmp_path)
    assert len(faces) == 1
    assert [skipped.reason for skipped in faces.skipped] == [readers.NO_FACE]


def test_a_folder_that_goes_away_while_it_is_read_is_one_sentence(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for number in range(300):
        write(root / "happy" / f"{number:03d}.png", face(number))
    with pytest.raises(DataError, match="went away"):
        readers.load(root, watch=lambda progress: shutil.rmtree(root, ignore_errors=True))
