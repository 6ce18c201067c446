"""Every way out of FerCam writes a whole file or none, and says what the session says."""

import csv
import json
import sys
import threading
import wave
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.recorded import length_s, times_s
from helpers.tables import info, write_session, write_table
from helpers.videos import write_video
from pyarrow import parquet

from fercam.core.errors import SessionError, UsageError
from fercam.recording.csv_sink import COLUMNS
from fercam.recording.remux import finish_video
from fercam.recording.session_json import Marker, Person, Span
from fercam.recording.sound import Sound
from fercam.sessions import edits
from fercam.sessions.exporter import ExportOptions
from fercam.sessions.exporters import EXPORTERS, export_session
from fercam.sessions.pictures import PictureReader
from fercam.sessions.render import Drawing
from fercam.sessions.reports import write_report
from fercam.sessions.session import Session, open_session
from fercam.sessions.subtitles import cues

ANNA, OTHER = (1, "happy", 0.9, True), (2, "sad", 0.6, True)
PEOPLE = (Person(1, "Anna"), Person(2), Person(3))
FRAMES = [[ANNA, OTHER]] * 30 + [[(1, "neutral", 0.8, True)]] * 20 + [[]] * 10
FRAMES += [[(3, "surprise", 0.7, True)]] * 30
TIMES_MS = [round(number * 1000 / 30) for number in range(90)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three seconds: two people, then one, then nobody, then a third; with sound."""
    about = {"people": PEOPLE, "markers": (Marker(1.0, "here"),)}
    made = write_session(tmp_path / "made", FRAMES, **about)
    write_video(made / "clean.mp4", TIMES_MS, sound_s=3.0)
    return made


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def table_rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as content:
        return list(csv.DictReader(content))


@pytest.mark.parametrize("form", EXPORTERS)
class TestEveryExporter:
    def test_writes_one_file_and_leaves_the_session_alone(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        before, shares = listing(folder), []
        (tmp_path / "out").mkdir()
        file = export_session(
            folder, form, tmp_path / "out", progress=lambda d, t: shares.append(d / (t or 1))
        )
        assert listing(folder) == before
        assert list((tmp_path / "out").iterdir()) == [file]
        assert file.name == f"made{EXPORTERS[form].ending}{EXPORTERS[form].suffix}"
        assert file.stat().st_size > 50
        assert shares == sorted(shares) and shares[-1] == 1

    def test_goes_beside_the_session_if_no_place_is_named(self, form: str, folder: Path) -> None:
        file = export_session(folder, form)
        assert file.parent == folder and file.is_file()
        assert not list(folder.glob(".export-*"))

    def test_replaces_an_older_file_only_by_force(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / f"mine{EXPORTERS[form].suffix}"
        out.write_text("precious")
        with pytest.raises(UsageError, match="already"):
            export_session(folder, form, out)
        assert out.read_text() == "precious"
        export_session(folder, form, out, force=True)
        assert out.read_bytes() != b"precious"

    @pytest.mark.parametrize("name", ["frames.csv", "clean.mp4", "video.mp4", "session.json"])
    def test_never_replaces_what_the_session_needs(
        self, form: str, folder: Path, name: str
    ) -> None:
        before = listing(folder)
        with pytest.raises(UsageError, match="part of the session"):
            export_session(folder, form, folder / name, force=True)
        assert listing(folder) == before

    def test_nor_the_file_it_was_made_from(self, form: str, tmp_path: Path) -> None:
        film = write_video(tmp_path / "film.mp4", TIMES_MS)
        made = write_session(tmp_path / "made", FRAMES, source={"path": str(film)})
        content = film.read_bytes()
        with pytest.raises(UsageError, match="part of the session"):
            export_session(made, form, film, force=True)
        assert film.read_bytes() == content

    def test_a_failure_leaves_the_older_file_and_nothing_else(
        self, form: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "mine"
        out.write_text("precious")

        def full(*anything: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(EXPORTERS[form], "_write", full)
        with pytest.raises(SessionError, match="No space left") as caught:
            export_session(folder, form, out, force=True)
        assert "\n" not in str(caught.value)
        assert out.read_text() == "precious"
        assert {path.name for path in tmp_path.iterdir()} == {"made", "mine"}

    @pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
    def test_a_file_that_has_no_room_goes_by_its_own_name(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        import resource

        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        out = tmp_path / "mine"
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        try:
            with pytest.raises(SessionError) as caught:
                export_session(folder, form, out)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.user_message.startswith(f"The file {out} cannot be written (")
        assert caught.value.user_message.endswith("File too large).")
        assert [path.name for path in tmp_path.iterdir()] == ["made"]

    def test_given_up_half_way_it_leaves_nothing(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        def stop(done: float, total: float | None) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            export_session(folder, form, tmp_path / "mine", progress=stop)
        assert [path.name for path in tmp_path.iterdir()] == ["made"]

    def test_a_place_that_does_not_exist_and_a_person_nobody_knows_are_said(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match="no folder"):
            export_session(folder, form, tmp_path / "gone" / "x")
        with pytest.raises(UsageError, match=r"no person 9; there are: 1 \(Anna\), 2, 3"):
            export_session(folder, form, tmp_path / "x", ExportOptions(person=9))
        assert [path.name for path in tmp_path.iterdir()] == ["made"]

    def test_takes_a_session_of_nobody_or_says_why_not(self, form: str, tmp_path: Path) -> None:
        made = write_session(tmp_path / "made", [[]] * 90, people=())
        write_video(made / "clean.mp4", TIMES_MS)
        try:
            file = export_session(made, form, tmp_path / "x")
        except SessionError as error:
            assert str(error).startswith("There are no ")
            assert not (tmp_path / "x").exists()
        else:
            assert file.stat().st_size > 50


def test_the_window_offers_all_of_them_with_their_suffixes() -> None:
    from fercam.ui.widgets.session_toolbar import EXPORTS

    offered = {form: f".{suffix}" for form, (_, suffix) in EXPORTS.items()}
    assert offered == {form: exporter.suffix for form, exporter in EXPORTERS.items()}


class TestTables:
    def test_csv_has_the_rows_of_the_session_and_says_who_and_what_counts(
        self, folder: Path
    ) -> None:
        edits.change(folder, edits.exclude(0.5, 1.0))
        edits.change(folder, edits.merge(3, 1))
        rows = table_rows(export_session(folder, "csv"))
        original = table_rows(folder / "frames.csv")
        assert set(rows[0]) == {*COLUMNS, "name", "excluded"}
        assert len(rows) == len(original)
        for row, before in zip(rows, original, strict=True):
            same = set(COLUMNS) - {"face", "score"}
            assert {name: row[name] for name in same} == {name: before[name] for name in same}
            assert row["face"] == {"3": "1"}.get(before["face"], before["face"])
            assert row["name"] == {"1": "Anna", "2": "Person 2", "": ""}[row["face"]]
            assert row["excluded"] == str(int(0.5 <= float(row["time_s"]) < 1.0))

    def test_parquet_has_the_same_in_true_types(self, folder: Path) -> None:
        plain = table_rows(export_session(folder, "csv"))
        table = parquet.read_table(export_session(folder, "parquet"))
        assert table.column_names == list(plain[0])
        assert table.num_rows == len(plain)
        for name in ("frame", "face", "x", "label", "name"):
            found = ["" if cell is None else str(cell) for cell in table.column(name).to_pylist()]
            assert found == [row[name] for row in plain]
        assert table.column("sure").null_count == 10
        about = json.loads(table.schema.metadata[b"fercam"])
        assert about["people"][0] == {"id": 1, "name": "Anna", "merged_into": None}

    def test_json_has_description_statistics_peaks_and_each_persons_rows(
        self, folder: Path
    ) -> None:
        content = json.loads(export_session(folder, "json").read_text(encoding="utf-8"))
        assert content["about"]["markers"] == [{"t_s": 1.0, "text": "here", "emotion": ""}]
        assert {peak["emotion"] for peak in content["peaks"]} >= {"happy", "surprise"}
        assert content["everybody"]["shares"]["sad"] == pytest.approx(30 / 110, abs=0.01)
        assert [one["name"] for one in content["people"]] == ["Anna", "Person 2", "Person 3"]
        assert [len(one["rows"]) for one in content["people"]] == [50, 30, 30]
        row = dict(zip(content["columns"], content["people"][1]["rows"][0], strict=True))
        assert (row["label"], row["sad"], row["sure"]) == ("sad", 0.6, True)

    def test_faces_without_a_number_are_in_all_of_them(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "made", [[(0, "fear", 0.5, False), ANNA]] * 4)
        rows = table_rows(export_session(made, "csv"))
        assert [(row["face"], row["name"]) for row in rows[:2]] == [("0", ""), ("1", "Person 1")]
        content = json.loads(export_session(made, "json").read_text())
        assert [(one["person"], len(one["rows"])) for one in content["people"]] == [(0, 4), (1, 4)]

    def test_the_name_of_a_file_need_not_be_text(self, tmp_path: Path) -> None:
        source = {"path": "/films/l\udce4.mp4", "description": "l\udce4.mp4"}
        made = write_session(tmp_path / "made", FRAMES, source=source)
        about = json.loads(export_session(made, "json").read_text(encoding="utf-8"))["about"]
        assert about["source"]["description"] == "l\udce4.mp4"
        assert r"l\udce4.mp4" in write_report(made).read_text(encoding="utf-8")

    def test_where_a_file_was_is_not_told(self, tmp_path: Path) -> None:
        source = {"path": "/home/anna/secret/film.mp4"}
        made = write_session(tmp_path / "made", FRAMES, source=source)
        assert b"secret" not in export_session(made, "json").read_bytes()
        assert b"secret" not in export_session(made, "parquet").read_bytes()

    def test_one_person_alone(self, folder: Path) -> None:
        edits.change(folder, edits.merge(3, 1))
        chosen = ExportOptions(person=3)  # who is Anna by now
        rows = table_rows(export_session(folder, "csv", options=chosen))
        assert {row["face"] for row in rows} == {"1", ""} and len(rows) == 90
        content = json.loads(export_session(folder, "json", options=chosen).read_text())
        assert [one["name"] for one in content["people"]] == ["Anna"]

    @pytest.mark.parametrize("name", ["Zoë 王芳", 'a "b", c', "=1+1", "<b>&--> x"])
    def test_names_with_any_characters(self, folder: Path, name: str) -> None:
        edits.change(folder, edits.rename(1, name))
        assert table_rows(export_session(folder, "csv"))[0]["name"] == name
        content = json.loads(export_session(folder, "json").read_text(encoding="utf-8"))
        assert content["people"][0]["name"] == name
        assert export_session(folder, "highlights").is_file()
        srt = export_session(folder, "srt").read_text(encoding="utf-8")
        assert srt.count("-->") == len(srt.strip().split("\n\n"))
        vtt = export_session(folder, "vtt").read_text(encoding="utf-8")
        assert "<" not in vtt and vtt.count("-->") == srt.count("-->")


class TestSubtitles:
    def test_a_cue_per_stretch_of_a_label_and_person(self, folder: Path) -> None:
        assert export_session(folder, "srt").read_text() == (
            "1\n00:00:00,000 --> 00:00:01,000\nAnna: happy 90%\n\n"
            "2\n00:00:00,000 --> 00:00:01,000\nPerson 2: sad 60%\n\n"
            "3\n00:00:01,000 --> 00:00:01,667\nAnna: neutral 80%\n\n"
            "4\n00:00:02,000 --> 00:00:03,000\nPerson 3: surprise 70%\n"
        )
        vtt = export_session(folder, "vtt", options=ExportOptions(person=2)).read_text()
        assert vtt == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nPerson 2: sad 60%\n"

    def test_a_face_missed_for_a_moment_goes_on_and_one_that_was_gone_begins_anew(
        self, tmp_path: Path
    ) -> None:
        frames = [[ANNA]] * 10 + [[]] * 13 + [[ANNA]] * 10 + [[]] * 16 + [[ANNA]] * 10
        found = cues(open_session(write_session(tmp_path / "made", frames)).table, info())
        spans = [t_s for cue in found for t_s in (cue.start_s, cue.end_s)]
        assert spans == pytest.approx([0, 33 / 30, 49 / 30, 59 / 30], abs=1e-3)

    def test_doubt_has_a_question_mark_and_excluded_stretches_no_cue(self, tmp_path: Path) -> None:
        doubtful = (1, "fear", 0.41, False)
        made = write_session(tmp_path / "made", [[doubtful]] * 60)
        table = open_session(made).table
        assert [cue.text for cue in cues(table, info())] == ["Person 1: fear? 41%"]
        found = cues(table, info(excluded=(Span(0.5, 0.6), Span(1.5, 9.0))))
        spans = [t_s for cue in found for t_s in (cue.start_s, cue.end_s)]
        assert spans == pytest.approx([0, 0.5, 0.6, 1.5], abs=1e-3)

    @pytest.mark.parametrize(("sure", "mark"), [(20, "?"), (30, ""), (40, "")])
    def test_it_is_doubt_where_most_of_a_stretch_was_not_sure(
        self, tmp_path: Path, sure: int, mark: str
    ) -> None:
        frames = [[(1, "fear", 0.5, number < sure)] for number in range(60)]
        made = write_session(tmp_path / "made", frames)
        (cue,) = cues(open_session(made).table, info())
        assert cue.text == f"Person 1: fear{mark} 50%"

    def test_it_says_the_mean_and_nothing_of_faces_that_were_not_read(self, tmp_path: Path) -> None:
        weaker = (1, "happy", 0.5, True)
        made = write_session(tmp_path / "made", [[ANNA]] * 30 + [[weaker]] * 30)
        table = open_session(made).table
        assert [cue.text for cue in cues(table, info())] == ["Person 1: happy 70%"]
        assert cues(replace(table, label=np.full(60, -1, np.int8)), info()) == []

    def test_a_name_of_several_lines_is_one_line(self, tmp_path: Path) -> None:
        table = open_session(write_session(tmp_path / "made", [[ANNA]] * 4)).table
        (cue,) = cues(table, info(people=(Person(1, "Anna\n\nB."),)))
        assert cue.text == "Anna B.: happy 90%"

    def test_an_hour_is_told_in_hours(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "made", [])
        write_table(made / "frames.csv", [[ANNA]] * 4, [0.0, 3661.2, 3661.3, 3661.4])
        assert "01:01:01,200 --> 01:01:01,500" in export_session(made, "srt").read_text()


def picture(video: Path, number: int) -> np.ndarray:
    with av.open(str(video)) as container:
        for place, frame in enumerate(container.decode(video=0)):
            if place == number:
                return frame.to_ndarray(format="bgr24").astype(int)
    raise AssertionError(f"{video} has no picture {number}")


def streams(video: Path) -> tuple[set[str], list[str]]:
    with av.open(str(video)) as container:
        kinds = {stream.type for stream in container.streams} - {"data"}
        return kinds, [chapter["metadata"]["title"] for chapter in container.chapters()]


def changed(session: Session, out: Path, number: int, x: int, y: int, w: int, h: int) -> float:
    """Return by how much a part of a picture differs from the session's own."""
    assert session.video is not None
    part = np.s_[y : y + h, x : x + w]
    before, after = picture(session.video, number)[part], picture(out, number)[part]
    return float(np.abs(before - after).mean())


FACE = (40, 60, 80, 90)  # Anna's box, see helpers.tables
OTHERS_FACE = (140, 60, 80, 90)


class TestVideo:
    def test_it_has_every_frame_at_its_time_with_sound_and_chapters(self, folder: Path) -> None:
        file = export_session(folder, "mp4")
        wanted = [row["time_s"] for row in table_rows(folder / "frames.csv")]
        assert times_s(file) == pytest.approx(sorted({float(t_s) for t_s in wanted}), abs=0.001)
        assert length_s(file) == pytest.approx(3.0, abs=0.1)  # a packet of 8 kHz sound is long
        assert streams(file) == ({"video", "audio"}, ["Start", "here"])

    def test_labels_are_drawn_from_the_table(self, folder: Path) -> None:
        session = open_session(folder)
        none = export_session(folder, "mp4", folder / "none.mp4", ExportOptions(style="none"))
        labels = export_session(folder, "mp4", folder / "labels.mp4")
        bars = export_session(folder, "mp4", folder / "bars.mp4", ExportOptions(style="bars"))
        assert changed(session, none, 5, *FACE) < 4
        assert changed(session, labels, 5, *FACE) > changed(session, none, 5, *FACE) + 4
        assert np.abs(picture(bars, 5) - picture(labels, 5)).mean() > 1
        assert changed(session, labels, 55, *FACE) < 4  # nobody there

    @pytest.mark.parametrize("mask", ["blur", "solid", "emoji"])
    def test_faces_can_be_hidden(self, folder: Path, mask: str) -> None:
        session = open_session(folder)
        hidden = ExportOptions(style="none", mask=mask)
        everybody = export_session(folder, "mp4", folder / "all.mp4", hidden)
        assert changed(session, everybody, 5, *FACE) > 4
        assert changed(session, everybody, 5, *OTHERS_FACE) > 4
        hidden = ExportOptions(style="none", mask=mask, person=1)
        but_anna = export_session(folder, "mp4", folder / "but.mp4", hidden)
        inner = (60, 80, 40, 50)
        assert changed(session, but_anna, 5, *inner) < 4
        assert changed(session, but_anna, 5, *OTHERS_FACE) > 4

    def test_a_reel_hides_whoever_was_lost_just_before_a_clip_begins(self, folder: Path) -> None:
        session = open_session(folder)
        draw = Drawing(session, ExportOptions(style="none", mask="solid"), lambda shown: ())
        with closing(PictureReader(draw.video)) as reader:
            image = draw(55, reader).frame.image  # nobody is found here
            plain = reader.at(float(session.table.time_s[55]))[1]
        x, y, w, h = FACE
        assert (image[y : y + h, x : x + w] != plain[y : y + h, x : x + w]).any()

    def test_from_the_middle_of_the_file_it_was_made_from_with_its_sound(
        self, tmp_path: Path
    ) -> None:
        film = write_video(tmp_path / "film.mp4", TIMES_MS, sound_s=3.0)
        source = {"path": str(film), "start_s": 1.0}
        made = write_session(tmp_path / "made", [[ANNA]] * 30, source=source)
        file = export_session(made, "mp4", options=ExportOptions(style="none"))
        assert np.abs(picture(file, 0) - picture(film, 30)).mean() < 4
        assert length_s(file) == pytest.approx(1.0, abs=0.05)
        assert "audio" in streams(file)[0]

    def test_labels_are_not_drawn_on_labels(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "made", [[ANNA]] * 30)
        write_video(made / "video.mp4", TIMES_MS[:30])
        session = open_session(made)
        assert changed(session, export_session(made, "mp4"), 5, *FACE) < 4
        for other in (ExportOptions(style="bars"), ExportOptions(person=1)):
            with pytest.raises(SessionError, match="labels drawn in already"):
                export_session(made, "mp4", tmp_path / "x.mp4", other)

    @pytest.mark.parametrize("form", ["mp4", "highlights"])
    def test_without_a_video_or_with_an_unknown_style_one_sentence(
        self, form: str, tmp_path: Path, folder: Path
    ) -> None:
        made = write_session(tmp_path / "numbers", FRAMES)
        with pytest.raises(SessionError, match="only the numbers"):
            export_session(made, form)
        for wrong in (ExportOptions(style="loud"), ExportOptions(mask="hat")):
            with pytest.raises(UsageError, match="There is no"):
                export_session(folder, form, options=wrong)

    def test_a_disk_too_full_to_finish_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fercam.recording.remux.room_bytes", lambda place: 0)
        with pytest.raises(SessionError, match="too little room"):
            export_session(folder, "mp4")
        assert not list(folder.glob("made*"))


class TestHighlights:
    @pytest.fixture
    def long(self, tmp_path: Path) -> Path:
        """Twelve seconds, with a smile around second 3 and a surprise around second 9."""
        neutral = [(1, "neutral", 0.9, True)]
        frames = [neutral] * 360
        frames[80:100] = [[(1, "happy", 0.8, True)]] * 20
        frames[270:290] = [[(1, "surprise", 0.9, True)]] * 20
        made = write_session(tmp_path / "made", frames, people=(Person(1, "Anna"),))
        write_video(made / "clean.mp4", [round(n * 1000 / 30) for n in range(360)], sound_s=12)
        return made

    def test_each_peak_with_what_was_around_it(self, long: Path) -> None:
        file = export_session(long, "highlights", options=ExportOptions(style="none"))
        assert length_s(file) == pytest.approx(8.0, abs=0.1)
        gaps = np.diff(times_s(file))
        assert gaps == pytest.approx(np.full(len(gaps), 1 / 30), abs=0.002)
        kinds, titles = streams(file)
        assert kinds == {"video", "audio"}
        assert titles == ["0:02  Anna: happy 80%", "0:09  Anna: surprise 90%"]
        own = open_session(long).video
        assert own is not None
        shift = 270 - 60  # the surprise's clip begins with frame 210, which is number 120 here
        assert np.abs(picture(file, 125)[:180] - picture(own, shift + 5)[:180]).mean() < 4
        assert np.abs(picture(file, 125)[200:, :150] - picture(own, 215)[200:, :150]).mean() > 10

    def test_nothing_of_an_excluded_stretch_is_shown(self, long: Path) -> None:
        edits.change(long, edits.exclude(0.0, 2.0))
        edits.change(long, edits.exclude(8.0, 10.0))
        file = export_session(long, "highlights")
        assert length_s(file) == pytest.approx(2.667 + 2.0 - 2.0, abs=0.1)
        assert len(streams(file)[1]) == 1

    def test_without_a_peak_it_says_so(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "made", [[(1, "neutral", 0.9, True)]] * 90)
        write_video(made / "clean.mp4", TIMES_MS)
        with pytest.raises(SessionError, match="no expression stands out"):
            export_session(made, "highlights")
        assert not list(made.glob("made*"))

    def test_sound_goes_with_its_pictures(self, tmp_path: Path, long: Path) -> None:
        """A click at second 9 is 2 s after the second clip's beginning."""
        (long / "clean.mp4").unlink()
        silent = write_video(tmp_path / "silent.mp4", [round(n * 1000 / 30) for n in range(360)])
        click = np.zeros(12 * 8000, np.int16)
        click[9 * 8000 : 9 * 8000 + 400] = 20000
        write_wave(tmp_path / "click.wav", click)
        finish_video(silent, sound=Sound(tmp_path / "click.wav"))
        silent.replace(long / "clean.mp4")
        with av.open(str(export_session(long, "highlights"))) as container:
            loud = [
                (frame.time or 0.0) + int(np.abs(frame.to_ndarray()[0]).argmax()) / frame.rate
                for frame in container.decode(audio=0)
                if np.abs(frame.to_ndarray()).max() > 0.3
            ]
        assert loud[0] == pytest.approx(4.0 + 2.0, abs=0.05)


def write_wave(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())


def test_no_thread_is_left(folder: Path) -> None:
    before = threading.active_count()
    export_session(folder, "highlights")
    assert threading.active_count() == before
