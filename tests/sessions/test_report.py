"""The report says on one page what the session says, in HTML and as PDF."""

import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.bundles import make_tiny_bundle
from helpers.tables import write_session, write_table
from helpers.videos import write_video

from fercam import cli, paths
from fercam.core.emotions import NOT_SURE
from fercam.core.errors import SessionError, UsageError
from fercam.inference.bundle import INT8, find_bundle
from fercam.recording.session_json import Marker, Person, Span
from fercam.sessions import chart_shapes as shapes
from fercam.sessions import charts
from fercam.sessions.pdf_sheets import Sheets
from fercam.sessions.peaks import find_peaks
from fercam.sessions.report import MOST_PEOPLE, gather
from fercam.sessions.report_html import to_html
from fercam.sessions.report_pdf import to_pdf
from fercam.sessions.reports import REPORTS, write_report
from fercam.sessions.session import open_session
from fercam.sessions.statistics import statistics

HAPPY, SAD, CALM = (1, "happy", 0.9, True), (2, "sad", 0.8, True), (1, "neutral", 0.9, True)
FRAMES = [[HAPPY, SAD]] * 30 + [[CALM]] * 30 + [[(1, "fear", 0.4, False)]] * 20 + [[]] * 10
TIMES_MS = [round(number * 1000 / 30) for number in range(90)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three seconds: two people, then one, then one not sure, then nobody; with a video."""
    made = write_session(tmp_path / "talk", FRAMES, people=(Person(1, "Anna"), Person(2)))
    write_video(made / "clean.mp4", TIMES_MS)
    return made


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def html_of(folder: Path) -> str:
    return to_html(gather(open_session(folder)))


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("form", REPORTS)
class TestEveryForm:
    def test_is_one_whole_file_and_leaves_the_session_alone(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        before, shares, out = listing(folder), [], tmp_path / "out"
        out.mkdir()
        file = write_report(folder, form, out, lambda d, t: shares.append(d / (t or 1)))
        assert listing(folder) == before
        assert list(out.iterdir()) == [file] and file.name == f"report.{form}"
        assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
        start = {"html": b"<!doctype html>", "pdf": b"%PDF-"}[form]
        assert file.read_bytes().startswith(start)

    def test_replaces_an_older_file_only_by_force(
        self, form: str, folder: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "mine"
        out.write_text("precious")
        with pytest.raises(UsageError, match="already"):
            write_report(folder, form, out)
        assert out.read_text() == "precious"
        write_report(folder, form, out, force=True)
        assert out.read_bytes() != b"precious"

    @pytest.mark.parametrize("frames", [[[]] * 20, [[HAPPY]], []], ids=["nobody", "one", "none"])
    def test_says_even_of_an_empty_session_that_it_is_so(
        self, form: str, frames: list[list[tuple[int, str, float, bool]]], tmp_path: Path
    ) -> None:
        made = write_session(tmp_path / "bare", frames)
        assert write_report(made, form).stat().st_size > 1000

    def test_stands_names_and_texts_in_any_script(self, form: str, tmp_path: Path) -> None:
        people = tuple(
            Person(number, name)
            for number, name in enumerate(
                ("Zoë Żółć", "Дмитрий", "李小龍", "אברהם", "🙂 \U000f1234", "x" * 200), 1
            )
        )
        frames = [[(person.id, "happy", 0.9, True) for person in people]] * 30
        marker = Marker(0.5, "very " * 100)
        made = write_session(tmp_path / "多", frames, people=people, markers=(marker,))
        assert write_report(made, form).is_file()

    def test_fails_in_one_sentence_without_a_session(self, form: str, tmp_path: Path) -> None:
        with pytest.raises(SessionError, match="is no session"):
            write_report(tmp_path, form)

    def test_goes_without_stills_if_the_video_is_broken(self, form: str, folder: Path) -> None:
        (folder / "clean.mp4").write_bytes(b"nothing")
        assert write_report(folder, form).is_file()
        report = gather(open_session(folder))
        assert report.stills and all(still.jpeg is None for still in report.stills)
        assert any("clean.mp4" in note for note in report.notes)


def test_an_unknown_form_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="html, pdf"):
        write_report(folder, "doc")


class TestWhatItSays:
    def test_the_figures_are_those_of_the_statistics(self, folder: Path) -> None:
        session = open_session(folder)
        totals = statistics(session.table, session.info)
        report = gather(session)
        assert report.people == (*totals.people, totals.group)
        assert {tile.label: tile.value for tile in report.tiles} == {
            "Length": "3.0 s",
            "People": "2",
            "Face usable": f"{totals.group.usable_share:.0%}",
            "Most often": totals.group.dominant,
        }

    def test_each_peak_has_its_number_and_the_picture_of_that_person(self, folder: Path) -> None:
        session = open_session(folder)
        report = gather(session)
        assert tuple(s.peak for s in report.stills) == find_peaks(session.table, session.info)
        assert [still.number for still in report.stills] == [1, 2]
        for still in report.stills:
            picture = cv2.imdecode(np.frombuffer(still.jpeg or b"", np.uint8), cv2.IMREAD_COLOR)
            height, width, _ = picture.shape
            assert height == width

    def test_a_still_of_the_annotated_video_gets_no_second_box(self, folder: Path) -> None:
        with_box = gather(open_session(folder)).stills[0].jpeg
        (folder / "clean.mp4").rename(folder / "video.mp4")
        assert gather(open_session(folder)).stills[0].jpeg != with_box

    def test_what_is_excluded_is_left_out_and_said(self, tmp_path: Path) -> None:
        made = write_session(
            tmp_path / "talk", FRAMES, people=(Person(1), Person(2)), excluded=(Span(0, 1.0),)
        )
        report = gather(open_session(made))
        assert [person.name for person in report.people] == ["Person 1"]
        assert report.tiles[0].about == "1.0 s left out"
        assert "Left out of all figures: 0:00.0–0:01.0." in report.notes
        assert report.timeline and any(
            isinstance(shape, shapes.Label) and shape.text == "left out"
            for shape in report.timeline.shapes
        )

    def test_time_without_pictures_was_left_out_by_nobody(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "talk", [[HAPPY]] * 90)
        times_s = [number / 30 + (30 if number >= 45 else 0) for number in range(90)]
        write_table(made / "frames.csv", [[HAPPY]] * 90, times_s)
        assert gather(open_session(made)).tiles[0].about == "0:29 without a picture"

    def test_what_was_lost_and_what_the_stills_are_from_is_said(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "talk", FRAMES, dropped=10, note="The camera went away.")
        write_video(made / "video.mp4", TIMES_MS)
        assert gather(open_session(made)).notes == (
            "The camera went away.",
            "10 of 100 frames were dropped while recording.",
            "The stills are from the video with the labels drawn in.",
        )

    def test_most_often_may_be_not_sure(self, tmp_path: Path) -> None:
        unsure = (1, "fear", 0.4, False)
        made = write_session(tmp_path / "talk", [[HAPPY]] * 10 + [[unsure]] * 30)
        (most,) = (tile for tile in gather(open_session(made)).tiles if tile.label == "Most often")
        assert (most.value, most.about) == (NOT_SURE, "75% of the time with a face")

    def test_merged_people_are_one(self, tmp_path: Path) -> None:
        people = (Person(1, "Anna"), Person(2, merged_into=1))
        report = gather(open_session(write_session(tmp_path / "talk", FRAMES, people=people)))
        assert [person.name for person in report.people] == ["Anna"]

    def test_of_a_crowd_those_seen_longest_have_lines(self, tmp_path: Path) -> None:
        frames = [
            [(number, "happy", 0.9, True) for number in range(1, 13) if number != 1 or frame < 3]
            for frame in range(30)
        ]
        people = tuple(map(Person, range(1, 13)))
        report = gather(open_session(write_session(tmp_path / "crowd", frames, people=people)))
        numbers = [person.person for person in report.people]
        assert numbers == [*range(2, 2 + MOST_PEOPLE), 0]
        assert f"{12 - MOST_PEOPLE} more people" in report.more_people

    @pytest.mark.parametrize("count", [3, 11])
    def test_a_crowd_with_pictures_and_remarks_is_one_page(
        self, count: int, tmp_path: Path
    ) -> None:
        card = find_bundle(None).card
        numbers = range(1, count + 1)
        moods = ("happy", "sad", "angry", "surprise", "fear", "disgust")
        frames = [
            [(n, moods[n % 6] if frame // 30 % 6 == n % 6 else "neutral", 0.9, True)
             for n in numbers]
            for frame in range(180)
        ]  # fmt: skip
        folder = write_session(
            tmp_path / "crowd", frames, model=card.name, model_sha256=card.sha256[INT8],
            people=tuple(Person(n, f"Somebody with a name {n}") for n in numbers),
            markers=(Marker(1.0, "A marker"),), note="The camera went away.", dropped=3,
        )  # fmt: skip
        write_video(folder / "clean.mp4", [round(number * 1000 / 30) for number in range(180)])
        report = gather(open_session(folder))
        assert len(report.stills) == min(count, 6)
        assert report.has_pictures
        assert to_pdf(report).count(b"/Type /Page\n") == 1

    def test_the_model_is_named_with_its_accuracy_if_it_is_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recall = {"sad": 0.5, "happy": 0.9, "fear": 0.3, "disgust": None}
        per_class = {name: {"recall": share} for name, share in recall.items()}
        test = {"accuracy": 0.642, "faces": 3589, "per_class": per_class}
        never_sure = {"sure_accuracy": None, "sure_share": 0.0}
        fresh = {**test, **never_sure, "accuracy": 0.613, "faces": 3309}
        metrics = {"test": {**test, "without_copies_of_training": fresh}}
        bundle = make_tiny_bundle(tmp_path / "models" / "tiny", metrics=metrics)
        monkeypatch.setattr(paths, "resource_dir", lambda name: tmp_path / name)
        sha = open_bundle_hash(bundle)
        same = gather(open_session(write_session(tmp_path / "a", FRAMES, model_sha256=sha)))
        assert dict(same.model_facts)["Accuracy"] == "61.3% of 3,309 test faces"
        assert "Where it was sure" not in dict(same.model_facts)
        found = "happy 90% of the time, fear only 30%"
        assert dict(same.model_facts)["Recognised"] == found
        other = gather(open_session(write_session(tmp_path / "b", FRAMES)))
        assert "not installed" in dict(other.model_facts)["Accuracy"]

    def test_limits_and_consent_are_always_there(self, folder: Path) -> None:
        text = _Page(html_of(folder)).text
        for words in ("does not say what anybody felt", "Article 5(1)(f)", "consent"):
            assert words in text


def open_bundle_hash(bundle: Path) -> str:
    from fercam.inference.bundle import INT8, load_bundle

    return load_bundle(bundle).card.sha256[INT8]


class TestThePage:
    def test_needs_nothing_but_itself(self, folder: Path) -> None:
        page = _Page(html_of(folder))
        assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object"}
        pictures = [about for tag, about in page.tags if tag == "img"]
        assert pictures and all(str(p["src"]).startswith("data:image/jpeg;") for p in pictures)
        assert not re.search(r"(?<!xmlns=\")https?://|url\(|@import", html_of(folder))

    def test_everything_drawn_is_said_in_words_too(self, folder: Path) -> None:
        page = _Page(html_of(folder))
        assert all(about.get("alt") for tag, about in page.tags if tag == "img")
        said = [about.get("aria-label") for tag, about in page.tags if tag == "svg"]
        assert "Anna: happy 37%, neutral 37%, not sure 25%" in said

    def test_what_people_typed_stays_text(self, tmp_path: Path) -> None:
        evil = "<script>alert(1)</script>"
        made = write_session(
            tmp_path / "talk",
            FRAMES,
            people=(Person(1, evil), Person(2)),
            markers=(Marker(1.0, evil),),
            tags=(evil,),
            note=evil,
            source={"description": evil},
        )
        page = _Page(html_of(made))
        assert "script" not in {tag for tag, _ in page.tags}
        assert page.text.count(evil) >= 4


class TestCharts:
    def test_a_bar_is_filled_by_the_shares(self, folder: Path) -> None:
        session = open_session(folder)
        for person in statistics(session.table, session.info).people:
            bars = [s for s in charts.shares_bar(person).shapes if isinstance(s, shapes.Bar)][1:]
            assert sum(bar.width for bar in bars) == pytest.approx(charts.BAR_MM[0])
            widths = {bar.about.rsplit(" ", 1)[0]: bar.width / charts.BAR_MM[0] for bar in bars}
            for emotion, share in person.shares.items():
                assert widths.get(emotion, 0.0) == pytest.approx(share)

    def test_shapes_stay_on_the_chart(self, folder: Path) -> None:
        session = open_session(folder)
        chart = charts.timeline_chart(
            session.table, session.info, [1, 2], find_peaks(session.table, session.info)
        )
        for shape in chart.shapes:
            match shape:
                case shapes.Bar(x, y, width, height):
                    assert x >= 0 and x + width <= chart.width + 0.01
                    assert y >= 0 and y + height <= chart.height
                case shapes.Line(points):
                    assert all(0 <= x <= chart.width and 0 <= y <= chart.height for x, y in points)
                case shapes.Dot(x, y) | shapes.Label(x, y):
                    assert 0 <= x <= chart.width and 0 <= y <= chart.height

    def test_a_stretch_is_one_bar_where_it_was(self, folder: Path) -> None:
        session = open_session(folder)
        chart = charts.timeline_chart(session.table, session.info, [2], [])
        bars = [s for s in chart.shapes if isinstance(s, shapes.Bar) and s.about.endswith("sad")]
        assert len(bars) == 1
        assert bars[0].width == pytest.approx((charts.WIDTH_MM - 31) / 3, abs=3)

    def test_slow_frames_leave_no_holes(self, tmp_path: Path) -> None:
        made = write_session(tmp_path / "short", [[HAPPY]] * 12)
        session = open_session(made)
        chart = charts.timeline_chart(session.table, session.info, [1], [])
        assert sum(isinstance(s, shapes.Bar) and s.about != "" for s in chart.shapes) == 1


def test_lines_of_a_name_from_right_to_left_keep_their_order() -> None:
    sheets = Sheets("t", "t", "שלום עולם ")
    lines: list[str] = []
    cell = sheets.pdf.cell

    def noting(*args: object, **said: object) -> object:
        lines.append(str(said["text"]))
        return cell(*args, **said)

    sheets.pdf.cell = noting
    sheets.block(" ".join(["שלום"] * 20 + ["עולם"] * 20), 0, 20, 60, 9, (0, 0, 0))
    sheets.finished("")
    assert len(lines) > 2
    assert lines[0].startswith("שלום"[::-1]) and lines[-1].startswith("עולם"[::-1])


class TestTheCommand:
    def test_writes_html_beside_the_session_and_says_where(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["report", str(folder)]) == 0
        assert f"Written: {folder / 'report.html'}" in capsys.readouterr().out

    @pytest.mark.parametrize("pdf", [["--pdf", "-o", "a"], ["-o", "a.pdf"]])
    def test_writes_pdf_if_asked_or_named_so(
        self, pdf: list[str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert cli.main(["report", str(folder), *pdf]) == 0
        assert Path(pdf[-1]).read_bytes().startswith(b"%PDF-")

    def test_tells_the_window_how_far_it_is(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "r.html"
        assert cli.main(["report", str(folder), "-o", str(out), "--progress"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert '"progress"' in lines[0]
        assert lines[-1] == f'{{"event": "done", "path": "{out}"}}'

    def test_a_file_in_the_way_is_wrong_use(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "r.html"
        out.write_text("precious")
        assert cli.main(["report", str(folder), "-o", str(out)]) == 2
        assert "--force" in capsys.readouterr().err and out.read_text() == "precious"
