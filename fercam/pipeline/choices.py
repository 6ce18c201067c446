"""What can be chosen: sources and models, with the names people see."""

from dataclasses import dataclass

from fercam.core.errors import SourceError

USUAL_RATES = ("60", "30", "15")
"""Beside the fastest one of each size, the rates worth a line in a list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is what the pipeline takes, `title` what a person reads."""

    key: str
    title: str


SCREEN = Choice("screen", "Screen")
DEMOS = (
    Choice("demo", "Demo: one face"),
    Choice("demo:two", "Demo: two faces"),
    Choice("demo:dark", "Demo: dark room"),
    Choice("demo:small", "Demo: small face"),
    Choice("demo:none", "Demo: nobody there"),
)


def source_choices() -> list[Choice]:
    """Return the cameras, first to last, the screen where it can be seen, then the demos."""
    from fercam.capture.cameras import list_cameras
    from fercam.capture.screen import screen_can_be_seen

    cameras = [Choice(camera.spec, camera.name) for camera in list_cameras()]
    return [*cameras, *([SCREEN] if screen_can_be_seen() else []), *DEMOS]


def source_key(spec: str) -> str:
    """Return the key under which a source is in the list: a camera's for its number."""
    from fercam.capture.cameras import find_camera

    if not spec.isdigit():
        return spec
    try:
        return find_camera(spec).spec
    except SourceError:
        return spec


def model_choices() -> list[Choice]:
    """Return the installed models by name."""
    from fercam.inference.bundle import list_bundles

    return [Choice(folder.name, folder.name) for folder in list_bundles()]


def default_choice() -> tuple[str, str | None]:
    """Return the source to start with, and a sentence to show if it is only a stand-in."""
    from fercam.capture.registry import default_source_spec

    return default_source_spec()


def mode_choices(source_key: str) -> list[Choice]:
    """Return sizes and rates a camera really has, the largest first; none for other sources.

    Of each size these are the fastest rate and the usual ones.
    """
    from fercam.capture.registry import open_source

    try:
        modes = open_source(source_key).modes()
    except SourceError:
        return []
    found: list[Choice] = []
    sizes: set[tuple[int, int]] = set()
    for mode in modes:
        size = mode.width, mode.height
        if size not in sizes or mode.rate in USUAL_RATES:
            sizes.add(size)
            rate = f" · {mode.rate} fps" if mode.fps else ""
            found.append(Choice(mode.key, f"{mode.width}×{mode.height}{rate}"))
    return found
