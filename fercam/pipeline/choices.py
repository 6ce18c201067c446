"""What can be chosen: sources and models, with the names people see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is what the pipeline takes, `title` what a person reads."""

    key: str
    title: str


DEMOS = (
    Choice("demo", "Demo: one face"),
    Choice("demo:two", "Demo: two faces"),
    Choice("demo:dark", "Demo: dark room"),
    Choice("demo:small", "Demo: small face"),
    Choice("demo:none", "Demo: nobody there"),
)


def source_choices() -> list[Choice]:
    """Return the cameras, first to last, then the demo's variants."""
    from fercam.capture.cameras import list_cameras

    cameras = [Choice(str(camera.index), camera.name) for camera in list_cameras()]
    return [*cameras, *DEMOS]


def model_choices() -> list[Choice]:
    """Return the installed models by name."""
    from fercam.inference.bundle import list_bundles

    return [Choice(folder.name, folder.name) for folder in list_bundles()]


def default_choice() -> tuple[str, str | None]:
    """Return the source to start with, and a sentence to show if it is only a stand-in."""
    from fercam.capture.registry import default_source_spec

    return default_source_spec()


def mode_choices(source_key: str) -> list[Choice]:
    """Return the sizes and rates a camera really has; none for other sources."""
    return []
