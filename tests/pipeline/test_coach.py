"""Five lights, in a fixed order; each says what would help."""

from dataclasses import replace

import pytest

from fercam.core.values import FaceQuality
from fercam.detection import quality as limits
from fercam.pipeline.coach import GOOD, LIGHTS, NOBODY, Advice, advise

FINE = FaceQuality(
    side_px=160, brightness=120, sharpness=0.2, yaw_deg=3, roll_deg=-2, cut_off=0.0, flaw=None
)


def lights(
    quality: FaceQuality | None = FINE, true_fps: float = 30.0, wanted_fps: float | None = 30.0
) -> dict[str, Advice]:
    advice = advise(quality, true_fps, wanted_fps)
    assert tuple(one.name for one in advice) == LIGHTS
    return {one.name: one for one in advice}


def test_a_good_face_at_full_rate_has_five_good_lights() -> None:
    assert {one.level for one in lights().values()} == {"good"}
    assert lights()["Light"].hint == GOOD


def test_without_a_face_only_the_camera_rate_is_known() -> None:
    shown = lights(None)
    assert shown.pop("Camera rate").level == "good"
    assert {(one.level, one.hint) for one in shown.values()} == {("unknown", NOBODY)}


@pytest.mark.parametrize(
    ("change", "name", "level", "hint"),
    [
        ({"brightness": 50}, "Light", "fair", "Move the lamp in front of you."),
        ({"brightness": 30}, "Light", "bad", "Move the lamp in front of you."),
        ({"brightness": 205}, "Light", "fair", "Turn the lamp down or away from you."),
        ({"brightness": 230}, "Light", "bad", "Turn the lamp down or away from you."),
        ({"side_px": 40}, "Size", "fair", "Come closer to the camera."),
        ({"side_px": 20}, "Size", "bad", "Come closer to the camera."),
        ({"cut_off": 0.1}, "Size", "fair", "Move your whole face into the picture."),
        ({"cut_off": 0.4}, "Size", "bad", "Move your whole face into the picture."),
        ({"yaw_deg": -35}, "Angle", "fair", "Turn to face the camera."),
        ({"yaw_deg": 60}, "Angle", "bad", "Turn to face the camera."),
        ({"roll_deg": 20}, "Angle", "fair", "Hold your head upright."),
        ({"roll_deg": -50}, "Angle", "bad", "Hold your head upright."),
        ({"sharpness": 0.02}, "Sharpness", "fair", "Hold still, and wipe the lens."),
        ({"sharpness": 0.005}, "Sharpness", "bad", "Hold still, and wipe the lens."),
    ],
)
def test_one_thing_wrong_turns_one_light(
    change: dict[str, float], name: str, level: str, hint: str
) -> None:
    shown = lights(replace(FINE, **change))
    assert (shown[name].level, shown[name].hint) == (level, hint)
    assert [one.name for one in shown.values() if one.level != "good"] == [name]


@pytest.mark.parametrize(
    ("beyond", "name"),
    [
        ({"brightness": limits.MIN_BRIGHTNESS - 1}, "Light"),
        ({"brightness": limits.MAX_BRIGHTNESS + 1}, "Light"),
        ({"side_px": limits.MIN_SIDE_PX - 1}, "Size"),
        ({"cut_off": limits.MAX_CUT_OFF + 0.01}, "Size"),
        ({"yaw_deg": limits.MAX_YAW_DEG + 1}, "Angle"),
        ({"roll_deg": limits.MAX_ROLL_DEG + 1}, "Angle"),
        ({"sharpness": limits.MIN_SHARPNESS * 0.99}, "Sharpness"),
    ],
)
def test_whatever_makes_a_face_unsure_is_a_bad_light(beyond: dict[str, float], name: str) -> None:
    assert lights(replace(FINE, **beyond))[name].level == "bad"


@pytest.mark.parametrize(
    ("true_fps", "wanted_fps", "level"),
    [
        (29.0, 30.0, "good"),
        (24.0, 30.0, "fair"),
        (15.0, 30.0, "bad"),
        (15.0, 15.0, "good"),
        (30.0, 60.0, "bad"),
        (25.0, None, "good"),
        (18.0, None, "fair"),
        (8.0, None, "bad"),
        (0.0, 30.0, "unknown"),
    ],
)
def test_the_rate_is_judged_by_what_was_asked_for(
    true_fps: float, wanted_fps: float | None, level: str
) -> None:
    rate = lights(true_fps=true_fps, wanted_fps=wanted_fps)["Camera rate"]
    assert rate.level == level
    assert ("only" in rate.hint.lower()) == (level in ("fair", "bad"))


def test_every_hint_is_one_short_line() -> None:
    worst = replace(FINE, brightness=1, side_px=1, sharpness=0, yaw_deg=80)
    for quality in (FINE, worst, None):
        for one in advise(quality, 7.0, 30.0):
            assert len(one.hint) <= 60
            assert one.hint.endswith(".")
