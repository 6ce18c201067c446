"""The command line keeps its contract: exit statuses, one line for errors, JSON where asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle
from helpers.tables import write_session
from helpers.videos import write_video

from fercam import cli
from fercam.capture import cameras, modes
from fercam.commands import analysis
from fercam.core.emotions import EMOTIONS
from fercam.sessions.exporters import EXPORTERS


class Outcome:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def fercam(capfd: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        status = cli.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(status, out, err)

    return run


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    import cv2

    from fercam.capture.demo import demo_image

    path = tmp_path / "portrait.png"
    cv2.imwrite(str(path), demo_image("", 0))
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("analyze",),
        ("analyze", "demo", "--duration", "-1"),
        ("analyze", "demo", "--duration", "nan"),
        ("analyze", "http://127.0.0.1:9/camera"),
        ("predict",),
        ("export",),
        ("export", "x", "--format", "csv", "--style", "loud"),
        ("models",),
        ("train", "x", "--epochs", "none"),
        ("evaluate", "x", "--runtime", "quantum"),
    ],
)
def test_wrong_use_is_status_2_and_one_line(fercam, arguments: tuple[str, ...]) -> None:
    outcome = fercam(*arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.startswith("fercam: ")


def test_help_and_version_are_status_0(fercam) -> None:
    assert "analyze" in fercam("--help").out
    outcome = fercam("--version")
    assert (outcome.status, outcome.out.split()[0]) == (0, "FerCam")


def test_what_cannot_be_done_is_status_1_and_one_line(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for arguments in (
        ("analyze", tmp_path / "none.mp4", "-o", tmp_path / "out", "--model", tiny_bundle),
        ("analyze", empty, "-o", tmp_path / "out", "--model", tiny_bundle),
        ("analyze", "demo", "--duration", "1", "-o", tmp_path / "out", "--model", "no-such-model"),
        ("analyze", "demo:five", "--duration", "1", "-o", tmp_path / "out"),
        ("predict", tmp_path / "none.png", "--model", tiny_bundle),
        ("train", tmp_path / "none", "-o", tmp_path / "out"),
    ):
        outcome = fercam(*arguments)
        assert outcome.status == 1, arguments
        assert len(outcome.err.splitlines()) == 1, outcome.err
        assert "Traceback" not in outcome.err
    assert not (tmp_path / "out").exists()


def test_predict_prints_one_json_object_per_picture_and_goes_on_after_a_bad_one(
    fercam, portrait: Path, tmp_path: Path, tiny_bundle: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    outcome = fercam("predict", bad, portrait, "--json", "--model", tiny_bundle)
    assert outcome.status == 1
    first, second = outcome.json_lines
    assert (first["faces"], first["width"]) == ([], None)
    assert "not a picture" in first["error"]
    assert (second["error"], second["width"], second["height"]) == (None, 640, 480)
    (face,) = second["faces"]
    assert set(face) == {"box", "score", "label", "confidence", "sure", "probabilities"}
    assert list(face["probabilities"]) == list(EMOTIONS)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert face["confidence"] == max(face["probabilities"].values())


def test_the_demo_is_analysed_once_round_unless_told_how_long(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    outcome = fercam(
        "analyze", "demo", "--no-video", "-o", tmp_path / "x y", "--model", tiny_bundle
    )
    assert outcome.status == 0
    assert "360 frames, 1 person" in outcome.out


def test_analyze_prints_a_summary_and_where_the_session_is(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    folder = tmp_path / "out"
    outcome = fercam("analyze", "demo", "--duration", 0.2, "-o", folder, "--model", tiny_bundle)
    assert outcome.status == 0
    assert "6 frames, 1 person" in outcome.out
    assert str(folder) in outcome.out
    folder = tmp_path / "json"
    outcome = fercam(
        "analyze", "demo", "--duration", 0.2, "-o", folder, "--model", tiny_bundle, "--json"
    )
    (figures,) = outcome.json_lines
    assert (figures["session"], figures["frames"]) == (str(folder), 6)


def test_analyze_says_which_pictures_of_a_folder_it_could_not_read(
    fercam, portrait: Path, tmp_path: Path, tiny_bundle: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    portrait.rename(photos / "a.png")
    (photos / "b.png").write_bytes(b"no picture")
    outcome = fercam("analyze", photos, "-o", tmp_path / "out", "--model", tiny_bundle)
    assert outcome.status == 0
    assert "1 frame, 1 person" in outcome.out
    assert outcome.err == "fercam: 1 picture cannot be read: b.png.\n"


@pytest.mark.parametrize("name", ["Вера", "花子"])
def test_a_name_that_the_output_has_no_letters_for_is_no_failure(
    tmp_path: Path, tiny_bundle: Path, name: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fercam.cli", "analyze", "demo", "--duration", "0.1", "--no-video",
         "-o", str(tmp_path / name), "--model", str(tiny_bundle)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[-1].endswith(name.encode("cp1252", "backslashreplace"))


def test_analyze_of_a_folder_of_videos_ends_with_a_table(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    films.mkdir()
    write_video(films / "a.mp4", [40 * n for n in range(5)])
    (films / "bad.mp4").write_text("no video")
    line = ("analyze", films, "-o", out, "--model", tiny_bundle, "--no-video")
    outcome = fercam(*line)
    assert outcome.status == 1
    head, good, bad = outcome.out.splitlines()
    assert head.split() == ["source", "frames", "people", "mostly", "frames/s"]
    assert good.split()[:5] == ["a.mp4", "5", "1", "not", "sure"]  # an untrained network
    assert bad.split() == ["bad.mp4", "-", "-", "-", "failed"]
    assert "is not a video" in outcome.err and "Traceback" not in outcome.err
    (films / "bad.mp4").unlink()
    outcome = fercam(*line)
    assert (outcome.status, outcome.out.splitlines()[1].split()[-2:]) == (0, ["done", "before"])
    (row,) = fercam(*line, "--json").json_lines
    assert (row["session"], row["frames"], row["error"]) == (str(out / "a"), 5, None)


def test_what_failed_in_a_batch_is_said_once(tmp_path: Path, tiny_bundle: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "bad.mp4").write_text("no video")
    done = subprocess.run(
        [sys.executable, "-m", "fercam.cli", "analyze", str(tmp_path / "films"),
         "-o", str(tmp_path / "out"), "--model", str(tiny_bundle)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("fercam: ") and "is not a video" in line


@pytest.mark.parametrize("others", [(), ("http://admin:geheim@127.0.0.1:9/other",)])
def test_the_password_of_an_address_is_never_shown(
    fercam, tmp_path: Path, tiny_bundle: Path, monkeypatch, others: tuple
) -> None:
    shown = analysis.shown_progress
    titles: list[str] = []

    def noted(title: str, *more: object):
        titles.append(title)
        return shown(title, *more)

    monkeypatch.setattr(analysis, "shown_progress", noted)
    address = "http://admin:geheim@127.0.0.1:9"
    options = ("--duration", 1, "-o", tmp_path / "out", "--model", tiny_bundle)
    outcome = fercam("analyze", address, *others, *options)
    assert outcome.status == 1
    assert "http://127.0.0.1:9 does not answer" in outcome.err
    assert "geheim" not in outcome.out + outcome.err + "".join(titles)


def test_analyze_of_a_session_adds_what_another_model_says(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    folder, other = tmp_path / "session", make_tiny_bundle(tmp_path / "other")
    made = ("--duration", 0.2, "-o", folder, "--clean", "--no-video", "--model", tiny_bundle)
    assert fercam("analyze", "demo", *made).status == 0
    assert fercam("analyze", folder, "--model", other, "--duration", 1).status == 2
    outcome = fercam("analyze", folder, "--model", other, "--progress")
    assert outcome.json_lines[0] == {"event": "progress", "share": pytest.approx(1 / 6)}
    assert outcome.json_lines[-1] == {"event": "done", "path": str(folder), "model": "other"}
    assert len((folder / "frames.other.csv").read_text().splitlines()) == 7
    outcome = fercam("analyze", folder, "--model", tiny_bundle, "--progress")
    assert outcome.status == 2 and "was made with" in outcome.json_lines[-1]["message"]


def test_a_session_is_not_analysed_among_other_sources(
    fercam, tmp_path: Path, tiny_bundle: Path
) -> None:
    folder = write_session(tmp_path / "made", [[(1, "happy", 0.8, True)]] * 3)
    (folder / "clean.mp4").touch()
    line = ("analyze", tmp_path / "other.mp4", folder, "-o", tmp_path / "out")
    outcome = fercam(*line, "--model", tiny_bundle)
    assert (outcome.status, len(outcome.err.splitlines())) == (2, 1)
    assert f"{folder} is a session" in outcome.err
    assert not (tmp_path / "out").exists()


def test_the_window_without_a_display_says_so(fercam, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    outcome = fercam("--source", "demo")
    assert (outcome.status, len(outcome.err.splitlines())) == (1, 1)
    assert "no display" in outcome.err


def test_devices_without_a_camera_says_what_to_try(fercam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "list_cameras", list)
    outcome = fercam("devices")
    assert (outcome.status, outcome.out) == (1, "")
    assert "No camera found" in outcome.err


def test_devices_names_the_cameras_and_their_sizes(fercam, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = cameras.Camera(0, "Desk camera", "/dev/video0")
    monkeypatch.setattr(cameras, "list_cameras", lambda: [camera])
    known = [modes.CameraMode(640, 480, 30), modes.CameraMode(1280, 720, 0)]
    monkeypatch.setattr(modes, "camera_modes", lambda camera: known)
    assert fercam("devices").out == "0: Desk camera (640x480@30, 1280x720)\n"
    assert fercam("devices", "--json").json_lines == [
        {"index": 0, "name": "Desk camera", "modes": ["640x480@30", "1280x720@0"]}
    ]


def test_the_shipped_models_are_whole_and_state_their_accuracy(fercam) -> None:
    outcome = fercam("models", "list")
    assert outcome.status == 0
    assert outcome.out.startswith("fercam: ")
    cards = {card["name"]: card for card in fercam("models", "list", "--json").json_lines}
    card = cards["fercam"]
    assert card["parameters"] < 5_000_000
    assert 0.55 < card["metrics"]["test"]["without_copies_of_training"]["accuracy"] < 0.8
    assert "prohibited" in card["intended_use"]


def test_the_portrait_has_a_face_for_the_shipped_model(fercam, portrait: Path) -> None:
    outcome = fercam("predict", portrait, "--json")
    assert len(outcome.json_lines[0]["faces"]) == 1


def test_bench_reports_every_stage_and_the_start(fercam, tiny_bundle: Path) -> None:
    outcome = fercam("bench", "demo", "--json", "--model", tiny_bundle)
    (result,) = outcome.json_lines
    assert set(result["stages_ms"]) >= {"read", "detect", "track", "crop", "infer", "draw"}
    assert result["frame_ms"]["median"] <= result["frame_ms"]["p95"]
    assert result["faces_per_frame"] == 1
    window = result["window"]
    assert 0 < window["window_s"] <= window["first_label_s"]
    assert window["memory_mb"] > 50


@pytest.mark.parametrize(
    ("photo", "at_least", "at_most"),
    [
        *[(f"vladmandic_human_stock-emotions-a-{n}.jpg", 1, 1) for n in (1, 2, 3, 4)],
        ("pyfeat_single_face.jpg", 1, 1),
        ("pyfeat_Image_with_alpha.png", 1, 1),
        ("pyfeat_free-mountain-vector-01.jpg", 0, 0),
        ("pyfeat_multi_face.jpg", 5, 5),
        ("vladmandic_human_group-4.jpg", 5, 5),
        ("dlib_faces_bald_guys.jpg", 24, 30),
        ("vladmandic_human_solvay1927.jpg", 27, 29),
    ],
)
def test_the_faces_of_a_photo_are_found(
    fercam, shared, tiny_bundle: Path, photo: str, at_least: int, at_most: int
) -> None:
    outcome = fercam("predict", shared(f"media/photos/{photo}"), "--json", "--model", tiny_bundle)
    assert at_least <= len(outcome.json_lines[0]["faces"]) <= at_most


def test_export_writes_a_file_and_says_where(fercam, tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[(1, "happy", 0.8, True)]] * 30)
    outcome = fercam("export", folder, "--format", "csv", "-o", tmp_path / "x.csv")
    assert (outcome.status, outcome.out) == (0, f"Written: {tmp_path / 'x.csv'}\n")
    assert (tmp_path / "x.csv").is_file()
    again = fercam("export", folder, "--format", "csv", "-o", tmp_path / "x.csv")
    assert again.status == 2 and "--force" in again.err and len(again.err.splitlines()) == 1
    forced = fercam(
        "export", folder, "--format", "json", "-o", tmp_path / "x.csv", "--force", "--json"
    )
    assert forced.json_lines == [{"path": str(tmp_path / "x.csv"), "format": "json"}]


def test_report_writes_a_page_and_says_where(fercam, tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[(1, "happy", 0.8, True)]] * 30)
    outcome = fercam("report", folder)
    assert (outcome.status, outcome.out) == (0, f"Written: {folder / 'report.html'}\n")
    pdf = fercam("report", folder, "--pdf", "-o", tmp_path, "--progress").json_lines
    assert pdf[0] == {"event": "progress", "share": 0.0}
    assert pdf[-1] == {"event": "done", "path": str(tmp_path / "report.pdf")}
    assert fercam("report", folder).status == 2  # there is one already
    assert fercam("report", tmp_path).status == 1


def test_export_tells_the_window_how_it_goes(fercam, tmp_path: Path) -> None:
    folder = write_session(tmp_path / "made", [[(1, "happy", 0.8, True)]] * 30)
    events = fercam("export", folder, "--format", "srt", "--progress").json_lines
    assert events[0] == {"event": "progress", "share": 1.0}
    assert events[-1] == {"event": "done", "path": str(folder / "made.srt")}
    failed = fercam("export", folder, "--format", "mp4", "--progress")
    assert failed.status == 1
    assert [event["event"] for event in failed.json_lines] == ["error"]
    assert "only the numbers" in failed.json_lines[0]["message"]


@pytest.mark.parametrize(("what", "status"), [("--format mp3", 2), ("--format csv --person 7", 2)])
def test_export_of_what_there_is_not(fercam, tmp_path: Path, what: str, status: int) -> None:
    folder = write_session(tmp_path / "made", [[(1, "happy", 0.8, True)]] * 30)
    outcome = fercam("export", folder, *what.split())
    assert outcome.status == status and "There is no" in outcome.err
    assert fercam("export", tmp_path, "--format", "csv").status == 1


def test_the_help_names_every_format(fercam) -> None:
    text = fercam("export", "--help").out
    assert all(form in text for form in EXPORTERS)
