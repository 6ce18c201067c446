"""What a person can do to be read better: five traffic lights, each with one line that helps."""

from dataclasses import dataclass
from typing import Literal

from fercam.core.values import FaceQuality
from fercam.detection import quality as limits

Level = Literal["good", "fair", "bad", "unknown"]

FACE_LIGHTS = ("Light", "Size", "Angle", "Sharpness")
RATE_LIGHT = "Camera rate"
LIGHTS = (*FACE_LIGHTS, RATE_LIGHT)
"""The lights by name, in their order."""

GOOD = "Good as it is."
NOBODY = "Nobody in the picture."
NO_PICTURE = "No picture from the camera yet."

# "bad" is where a face counts as flawed; "fair" is where pictures that nobody spoiled hardly go
FAIR_SIDE_PX = 1.5 * limits.MIN_SIDE_PX
FAIR_MIN_BRIGHTNESS = 1.4 * limits.MIN_BRIGHTNESS
FAIR_MAX_BRIGHTNESS = 0.95 * limits.MAX_BRIGHTNESS
FAIR_SHARPNESS = 2 * limits.MIN_SHARPNESS
FAIR_TURN = 0.55
"""Of the limits of yaw and roll."""
FAIR_CUT_OFF = 0.3 * limits.MAX_CUT_OFF
FAIR_RATE, BAD_RATE = 0.9, 0.6
"""Shares of the wanted frames a second."""
USUAL_FPS = 25.0
"""What counts as wanted when nobody asked for a rate: the slowest that film and television use."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One light: its name, how it stands, and one sentence that helps."""

    name: str
    level: Level
    hint: str


def advise(
    quality: FaceQuality | None, true_fps: float, wanted_fps: float | None
) -> tuple[Advice, ...]:
    """Return the five `LIGHTS`: light, size, angle, sharpness, camera rate.

    `quality` is the face's, None without a face; `true_fps` the frames a second that really come
    (0 before the first), `wanted_fps` those asked for, None if nobody asked.
    """
    if quality is None:
        lights = tuple(Advice(name, "unknown", NOBODY) for name in FACE_LIGHTS)
    else:
        lights = (_light(quality), _size(quality), _angle(quality), _sharpness(quality))
    return (*lights, _rate(true_fps, wanted_fps))


def _light(quality: FaceQuality) -> Advice:
    if quality.brightness > FAIR_MAX_BRIGHTNESS:
        bad = quality.brightness > limits.MAX_BRIGHTNESS
        return _advice("Light", bad, "Turn the lamp down or away from you.")
    if quality.brightness < FAIR_MIN_BRIGHTNESS:
        bad = quality.brightness < limits.MIN_BRIGHTNESS
        return _advice("Light", bad, "Move the lamp in front of you.")
    return Advice("Light", "good", GOOD)


def _size(quality: FaceQuality) -> Advice:
    if quality.cut_off > FAIR_CUT_OFF:
        bad = quality.cut_off > limits.MAX_CUT_OFF
        return _advice("Size", bad, "Move your whole face into the picture.")
    if quality.side_px < FAIR_SIDE_PX:
        bad = quality.side_px < limits.MIN_SIDE_PX
        return _advice("Size", bad, "Come closer to the camera.")
    return Advice("Size", "good", GOOD)


def _angle(quality: FaceQuality) -> Advice:
    yaw = abs(quality.yaw_deg) / limits.MAX_YAW_DEG
    roll = abs(quality.roll_deg) / limits.MAX_ROLL_DEG
    if max(yaw, roll) <= FAIR_TURN:
        return Advice("Angle", "good", GOOD)
    hint = "Turn to face the camera." if yaw >= roll else "Hold your head upright."
    return _advice("Angle", max(yaw, roll) > 1, hint)


def _sharpness(quality: FaceQuality) -> Advice:
    if quality.sharpness >= FAIR_SHARPNESS:
        return Advice("Sharpness", "good", GOOD)
    bad = quality.sharpness < limits.MIN_SHARPNESS
    return _advice("Sharpness", bad, "Hold still, and wipe the lens.")


def _rate(true_fps: float, wanted_fps: float | None) -> Advice:
    if true_fps <= 0:
        return Advice(RATE_LIGHT, "unknown", NO_PICTURE)
    share = true_fps / (wanted_fps or USUAL_FPS)
    if share >= FAIR_RATE:
        return Advice(RATE_LIGHT, "good", f"{true_fps:.0f} pictures a second.")
    hint = f"Only {true_fps:.0f} a second: add light or pick a smaller size."
    return _advice(RATE_LIGHT, share < BAD_RATE, hint)


def _advice(name: str, bad: bool, hint: str) -> Advice:
    return Advice(name, "bad" if bad else "fair", hint)
