"""The report as one HTML page that needs nothing but itself."""

import base64
from pathlib import Path

from fercam import paths
from fercam.core import words
from fercam.sessions.chart_shapes import COLOURS, css, ink_on, to_svg
from fercam.sessions.charts import shares_bar, valence_scale
from fercam.sessions.exporter import ExportOptions, ShowProgress
from fercam.sessions.report import (
    Report,
    ReportExporter,
    Still,
    gather,
    usable_words,
    valence_words,
)
from fercam.sessions.session import Session

TEMPLATE = "report.html"


class HtmlReport(ReportExporter):
    """Everything in one file: it opens without a network, runs no script and prints on A4."""

    suffix = ".html"

    def _write(
        self, session: Session, options: ExportOptions, path: Path, progress: ShowProgress
    ) -> None:
        page = to_html(gather(session, progress))
        path.write_text(page, encoding="utf-8", errors="backslashreplace")
        progress(1, 1)


def to_html(report: Report) -> str:
    """Return the page; whatever people typed stands in it as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    assets = paths.resource_dir("assets")
    page = Environment(
        loader=FileSystemLoader(assets),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters |= {
        "svg": lambda chart: Markup(to_svg(chart)),
        "bar": lambda person: Markup(to_svg(shares_bar(person))),
        "scale": lambda valence: Markup(to_svg(valence_scale(valence))),
        "length_of_time": words.length,
        "usable": usable_words,
        "valence": valence_words,
        "data_uri": _data_uri,
        "badge": _badge,
    }
    return page.get_template(TEMPLATE).render(
        report=report,
        legend=[(name, css(colour)) for name, colour in COLOURS.items()],
        logo=Markup((assets / "fercam.svg").read_text(encoding="utf-8")),
    )


def _data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _badge(still: Still) -> str:
    colour = COLOURS[still.peak.emotion]
    return f"background:{css(colour)};color:{css(ink_on(colour))}"
