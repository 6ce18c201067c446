"""What can be chosen, and what the program remembers from one start to the next."""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from fercam import paths
from fercam.logs import logger


@dataclass(frozen=True, slots=True)
class About:
    """What a person should know of a setting: where it belongs, its name, a sentence that helps.

    `choices` maps what is stored to what is read; numbers lie in `bounds` (both included) and go
    in `step`s of `unit`.
    """

    section: str
    title: str
    help: str
    choices: Mapping[str, str] | None = None
    bounds: tuple[float, float] | None = None
    step: float = 1.0
    unit: str = ""


PICTURE, PEOPLE, RECORDING = "Picture", "Answers", "Recording"
WINDOW, FEEDS = "Window", "Other programs"
SECTIONS = {
    PICTURE: "",
    PEOPLE: "",
    RECORDING: "Sessions stay on this computer, in a folder of their own among your videos. Ask "
    "the people in the picture before you record them.",
    WINDOW: "",
    FEEDS: "Other programs on this computer can then read what FerCam reads in the faces, and the "
    "names you typed. Nothing is sent further, except by Lab Streaming Layer, which the whole "
    "local network can hear.",
}
"""The sections in their order, each with what must be known before anything in it is used."""

THEMES = {
    "system": "Like the system",
    "dark": "Dark",
    "light": "Light",
    "contrast": "High contrast",
}
MIRROR = {"cameras": "Cameras only", "always": "Always", "never": "Never"}
SNAPSHOT = {
    "annotated": "The picture with its labels",
    "clean": "The picture alone",
    "both": "Both",
}
QUALITY = {"small": "Small files", "good": "Good", "best": "Best"}
MASK = {"": "Nobody", "blur": "Blurred", "solid": "Covered", "emoji": "An emoji of the label"}
SAVE_WHEN = {
    "": "Never",
    "angry": "Somebody looks angry",
    "disgust": "Somebody looks disgusted",
    "fear": "Somebody looks afraid",
    "happy": "Somebody looks happy",
    "sad": "Somebody looks sad",
    "surprise": "Somebody looks surprised",
}
PORTS = (1024.0, 65535.0)


def _choice(default: Any, *about: Any, **more: Any) -> Any:
    return field(default=default, metadata={"about": About(*about, **more)})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice with its default. Those without an `About` are remembered, not shown."""

    source: str = ""
    dataset: str = ""
    camera_mode: str = ""
    model: str = ""
    second_model: str = ""
    overlay: bool = _choice(True, PICTURE, "Boxes and labels", "Draws them on the picture. Key: O.")
    bars: bool = _choice(
        False, PICTURE, "Bars beside each face", "All seven probabilities in the picture. Key: A."
    )
    ids: bool = _choice(
        True, PICTURE, "Names and numbers", "Says who is who on each label in the picture."
    )
    mirror: str = _choice(
        "cameras", PICTURE, "Mirror", "On the screen only; nothing is stored mirrored.",
        choices=MIRROR,
    )  # fmt: skip
    snapshot: str = _choice(
        "annotated", PICTURE, "Snapshots keep", "The numbers are always put beside. Key: S.",
        choices=SNAPSHOT,
    )  # fmt: skip
    smoothing_s: float = _choice(
        0.35, PEOPLE, "Smoothing", "Longer is calmer, shorter is quicker; 0 smooths nothing.",
        bounds=(0.0, 2.0), step=0.05, unit="s",
    )  # fmt: skip
    neutral: bool = _choice(
        True, PEOPLE, "Use resting faces",
        "Takes back what the resting face of a person who has shown it reads instead of neutral. "
        "Key to show yours: N.",
    )  # fmt: skip
    record_video: bool = _choice(
        True, RECORDING, "Picture with labels", "Recorded; it plays in every player."
    )
    record_clean: bool = _choice(
        True, RECORDING, "Picture alone",
        "Recorded, so that labels can be drawn anew. With neither picture only numbers are kept.",
    )  # fmt: skip
    record_quality: str = _choice(
        "good", RECORDING, "Quality", "Better pictures take more room on the disk.",
        choices=QUALITY,
    )  # fmt: skip
    record_mask: str = _choice(
        "", RECORDING, "Hide faces", "In the recorded pictures, for good; not on the screen.",
        choices=MASK,
    )  # fmt: skip
    record_microphone: bool = _choice(
        False, RECORDING, "Sound",
        "Recorded from the microphone; needs the package sounddevice.",
    )  # fmt: skip
    replay_s: float = _choice(
        30.0, RECORDING, "Keep the last seconds",
        "In memory only, so that one key can save what just happened. 0 keeps nothing.",
        bounds=(0.0, 120.0), step=5.0, unit="s",
    )  # fmt: skip
    save_when: str = _choice(
        "", RECORDING, "Save by itself when", "Saves the last seconds, and two more.",
        choices=SAVE_WHEN,
    )  # fmt: skip
    save_above_percent: int = _choice(
        80, RECORDING, "… with a probability of", "At least this, and only where it is sure.",
        bounds=(40, 99), step=5, unit="%",
    )  # fmt: skip
    save_for_s: float = _choice(
        0.5, RECORDING, "… for", "Without a break.", bounds=(0.0, 10.0), step=0.1, unit="s"
    )
    save_every_s: float = _choice(
        60.0, RECORDING, "… once per", "However often it happens.",
        bounds=(5.0, 3600.0), step=5.0, unit="s",
    )  # fmt: skip
    delete_after_days: int = _choice(
        0, RECORDING, "Delete sessions after", "For good, at the next start. 0 never deletes.",
        bounds=(0, 3650), step=1, unit="days",
    )  # fmt: skip
    people: bool = _choice(True, WINDOW, "People panel", "A card for each person. Key: P.")
    timeline: bool = _choice(True, WINDOW, "Timeline", "The last minute of each person. Key: L.")
    coach: bool = _choice(
        False, WINDOW, "Coach", "How light, size, angle and sharpness could be better. Key: C."
    )
    circumplex: bool = _choice(
        False, WINDOW, "Pleasant and excited",
        "Valence and arousal, derived from the seven probabilities. Key: V.",
    )  # fmt: skip
    details: bool = _choice(
        False, WINDOW, "What the model sees",
        "The very pixels, and in a frozen picture what mattered in them. Key: D.",
    )  # fmt: skip
    theme: str = _choice("system", WINDOW, "Colours", "Of the window.", choices=THEMES)
    always_on_top: bool = _choice(
        False, WINDOW, "Always on top", "The window stays before others. Key: T."
    )
    compact: bool = _choice(False, WINDOW, "Compact", "Shows the picture alone. Key: X.")
    feed_websocket: bool = _choice(
        False, FEEDS, "WebSocket", "JSON messages for programs and pages on this computer."
    )
    feed_websocket_port: int = _choice(
        8765, FEEDS, "WebSocket port", "Where they connect: ws://127.0.0.1:port.", bounds=PORTS
    )
    feed_osc: bool = _choice(False, FEEDS, "OSC", "For music and light programs on this computer.")
    feed_osc_port: int = _choice(
        9000, FEEDS, "OSC port", "The UDP port at which they listen.", bounds=PORTS
    )
    feed_lsl: bool = _choice(
        False, FEEDS, "Lab Streaming Layer",
        "For lab recorders anywhere in the local network; needs the package pylsl.",
    )  # fmt: skip
    feed_virtual_camera: bool = _choice(
        False, FEEDS, "Virtual camera",
        "The picture with its labels, for video calls; needs the package pyvirtualcam.",
    )  # fmt: skip
    player_style: str = "labels"
    player_names: bool = True
    player_panel: bool = True
    welcomed: bool = False
    geometry: str = ""


def shown_settings() -> dict[str, About]:
    """Return the settings that people are shown, by name, in their order."""
    found = ((entry.name, entry.metadata.get("about")) for entry in fields(Settings))
    return {name: about for name, about in found if about is not None}


def load_settings(file: Path | None = None) -> tuple[Settings, list[str]]:
    """Return the remembered settings, and a sentence for each that had to be replaced.

    An entry that is unknown or broken is left out, the rest is kept; a file that cannot be
    understood at all is set aside as `settings.json.bad`.
    """
    file = file or paths.settings_file()
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not a JSON object")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError) as error:
        logger.warning("the settings cannot be read, defaults are used: %s", error)
        with contextlib.suppress(OSError):
            file.replace(file.with_name(file.name + ".bad"))
        return Settings(), ["The settings could not be read, so they start anew."]
    known = {entry.name: entry for entry in fields(Settings)}
    values: dict[str, Any] = {}
    problems = []
    for name, value in stored.items():
        fault = _fault(known.get(name), value)
        if fault is None:
            values[name] = value
        else:
            problems.append(f"The setting '{name}' {fault}.")
            logger.warning("%s: %s", file, problems[-1])
    return Settings(**values), problems


def save_settings(settings: Settings, file: Path | None = None) -> None:
    """Write the settings whole or not at all; a disk that refuses is only logged."""
    file = file or paths.settings_file()
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        logger.warning("the settings cannot be written: %s", error)
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _fault(entry: "Field[Any] | None", value: object) -> str | None:
    """Return what is wrong with a stored value, None if nothing is."""
    if entry is None:
        return "is not known and was left out"
    about: About | None = entry.metadata.get("about")
    kinds = (int, float) if isinstance(entry.default, float) else (type(entry.default),)
    if type(value) not in kinds:
        return "was not understood and is back to its default"
    if about is not None and about.choices and value not in about.choices:
        return "was none of its choices and is back to its default"
    if about is not None and about.bounds:
        low, high = about.bounds
        assert isinstance(value, int | float)
        if not low <= value <= high:
            return "was out of bounds and is back to its default"
    return None
