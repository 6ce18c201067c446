"""The report of a session: what it says, that it needs nothing else, and that it prints."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.tables import Face, write_session

from fercam.core.errors import SessionError, UsageError
from fercam.pipeline.sessions import AnalyzeOptions, analyze
from fercam.recording.session_json import (
    Marker,
    Person,
    Span,
    read_session_json,
    write_session_json,
)
from fercam.sessions.report import CONSENT, LIMITS, NO_MODEL, make_report
from fercam.sessions.report_files import REPORTS, write_report
from fercam.sessions.session import open_session

HAPPY_THEN_UNSURE: list[Sequence[Face]] = [
    *([(1, "happy", 0.9, True), (2, "neutral", 0.8, True)] for _ in range(60)),
    *([(1, "sad", 0.4, False)] for _ in range(60)),
]


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Four seconds: person 1 happy, then not sure; person 2 there for the first half. No video."""
    people = (Person(1, "Ånna <b>& Co</b>"), Person(2))
    return write_session(
        tmp_path / "s", HAPPY_THEN_UNSURE, people=people, markers=(Marker(1.5, "Clown & <i>"),)
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of the demo with its clean video."""
    folder = tmp_path_factory.mktemp("report") / "demo"
    options = AnalyzeOptions(video=False, clean=True, duration_s=2.0)
    analyze("demo", folder, options, lambda done, total: None)
    return folder


def change(folder: Path, **what: object) -> None:
    write_session_json(folder, replace(read_session_json(folder), **what))  # type: ignore[arg-type]


def test_it_says_shares_timeline_valence_and_what_is_not_sure(session: Path) -> None:
    report = make_report(open_session(session))
    facts = dict(report.facts)
    assert (facts["Length"], facts["People"]) == ("0:04", "2 people")
    assert facts["A face could be used"] == "50% of the time"
    (anna, first), (other, second) = report.lanes
    assert (anna, other) == ("Ånna <b>& Co</b>", "Person 2")
    assert [part.emotion for part in first] == ["happy", "not sure"]
    assert [(part.start, part.emotion) for part in second] == [(0, "neutral")]
    assert second[0].end == pytest.approx(0.5, abs=0.02)
    ((start, *_),) = report.valence
    assert start[1] > 0.2
    assert report.problems


def test_html_needs_nothing_else_and_takes_names_as_text(session: Path) -> None:
    file = write_report(session, "html")
    assert file == session / "report.html"
    text = file.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "<b>" not in text
    assert "&lt;b&gt;&amp; Co" in text
    assert "Clown &amp; &lt;i&gt;" in text
    for line in (*LIMITS, CONSENT, NO_MODEL, "not sure 50%"):
        assert line.split(" (")[0] in text
    assert "derived" in text


def test_pdf_prints_names_of_any_letters(session: Path) -> None:
    change(session, people=(Person(1, "Ольга 王 🙂"), Person(2, "x" * 200)))
    file = write_report(session, "pdf")
    assert file.name == "report.pdf"
    content = file.read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") in (1, 2)


def test_peaks_come_with_their_pictures(demo: Path, tmp_path: Path) -> None:
    table = (demo / "frames.csv").read_text().splitlines()
    happy = [re.sub(r",neutral,.*", ",happy,0.9,1,0,0,0,0.9,0.1,0,0", line) for line in table]
    (demo / "frames.csv").write_text("\n".join([*table[:15], *happy[15:45], *table[45:]]) + "\n")
    report = make_report(open_session(demo))
    (still,) = report.stills
    assert still.peak.emotion == "happy"
    assert still.jpeg.startswith(b"\xff\xd8")
    assert any("of the test faces" in line for line in report.model)
    for form in REPORTS:
        file = write_report(demo, form, tmp_path)
        assert file.stat().st_size > 10_000
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text()


def test_what_was_left_out_is_said(session: Path) -> None:
    change(session, excluded=(Span(2.0, 4.0),))
    text = write_report(session, "html").read_text(encoding="utf-8")
    assert "Left out of the figures: 0:02 to 0:04" in text
    assert "happy 50%" in text  # of the time of both people, all of it sure


def test_an_older_report_is_kept_unless_it_may_go(session: Path) -> None:
    file = write_report(session, "html")
    file.write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        write_report(session, "html")
    assert file.read_text() == "mine"
    write_report(session, "html", force=True)
    assert "FerCam" in file.read_text()


def test_a_session_without_frames_and_one_without_video(session: Path, tmp_path: Path) -> None:
    assert not make_report(open_session(session)).stills
    empty = write_session(tmp_path / "empty", [])
    with pytest.raises(SessionError, match="no frame"):
        make_report(open_session(empty))
