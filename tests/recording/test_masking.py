"""Masks hide all of a face in every file, whatever the style, and nobody who was left out."""

from pathlib import Path

import av
import numpy as np
import pytest
from helpers.pictures import PORTRAIT_FACE_PX, portrait
from helpers.recorded import about, session_writer
from helpers.results import annotated, face

from fercam.core.emotions import EMOTIONS
from fercam.core.errors import UsageError
from fercam.core.values import AnnotatedFrame, Face, Frame, Image
from fercam.recording.masking import MASKS, Masker, MaskOptions, mask_faces

X, Y, W, H = PORTRAIT_FACE_PX


def seen(*faces: Face, image: Image | None = None, t_s: float = 0.0) -> AnnotatedFrame:
    return AnnotatedFrame(Frame(0, 0, 0.0, t_s, portrait() if image is None else image), faces)


def inside(image: Image) -> Image:
    return image[Y : Y + H, X : X + W]


@pytest.mark.parametrize("style", MASKS)
def test_what_is_under_a_mask_cannot_be_told(style: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, portrait().shape, dtype=np.uint8)
    first, second = (
        mask_faces(image, [face(box=PORTRAIT_FACE_PX)], style) for image in (noise, 255 - noise)
    )
    # Noise averages out: nothing that depends on single pixels may be left, corners included.
    assert np.abs(inside(first).astype(int) - inside(second)).max() <= 40
    assert np.abs(inside(noise).astype(int) - inside(255 - noise)).max() == 255


@pytest.mark.parametrize("style", MASKS)
def test_the_rest_of_the_picture_stays(style: str) -> None:
    masked = mask_faces(portrait(), [face(box=PORTRAIT_FACE_PX)], style)
    changed = np.argwhere((masked != portrait()).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert top > Y - 0.5 * H
    assert bottom < Y + 1.5 * H
    assert left > X - 0.5 * W
    assert right < X + 1.5 * W


@pytest.mark.parametrize("style", MASKS)
@pytest.mark.parametrize(
    "box", [(0, 0, 40, 50), (290, 200, 60, 80), (-40, -40, 30, 30), (5, 5, 1, 1)]
)
def test_faces_at_the_border_and_tiny_ones_are_hidden_too(
    style: str, box: tuple[int, int, int, int]
) -> None:
    image = annotated().frame.image
    masked = mask_faces(image, [face(box=box)], style)
    assert masked.shape == image.shape


def test_chosen_people_are_left_as_they_are_and_unknown_ones_are_not() -> None:
    masker = Masker(MaskOptions("solid", frozenset({2})))
    left, right, new = (face(n, (x, 80, 40, 40)) for n, x in ((1, 20), (2, 140), (0, 250)))
    plain = annotated(left, right, new)
    image = masker.hide(plain).frame.image
    assert (
        image[100, 40].tolist() == image[100, 270].tolist() != plain.frame.image[100, 40].tolist()
    )
    assert (image[80:120, 140:180] == plain.frame.image[80:120, 140:180]).all()


def test_a_face_that_is_missed_for_a_moment_stays_hidden_where_it_was() -> None:
    masker = Masker(MaskOptions("solid"))
    hidden = [
        (masker.hide(seen(*faces, t_s=t_s)).frame.image != portrait()).any()
        for t_s, faces in ((0.0, (face(box=PORTRAIT_FACE_PX),)), (0.5, ()), (0.9, ()), (1.2, ()))
    ]
    assert hidden == [True, True, True, False]


def test_a_face_that_moves_leaves_no_trail_of_masks() -> None:
    masker = Masker(MaskOptions("solid"))
    for step, number in enumerate((0, 0, 0, 1, 1, 1, 1)):
        moved = annotated(face(number, (10 + 30 * step, 80, 70, 70)), t_s=step / 10)
        masked = masker.hide(moved)
    changed = (masked.frame.image != moved.frame.image).any(axis=2)
    assert changed[115, 200:250].all()
    assert not changed[:, :150].any()


def test_somebody_who_moves_fast_leaves_no_trail_either() -> None:
    masker = Masker(MaskOptions("solid"))
    for step in range(3):
        moved = annotated(face(1, (10 + 110 * step, 80, 40, 40)), t_s=step / 10)
        masked = masker.hide(moved)
    changed = (masked.frame.image != moved.frame.image).any(axis=2)
    assert changed[100, 240:260].all()
    assert not changed[:, :180].any()


def test_nor_a_trail_ahead() -> None:
    coming = [
        annotated(face(1, (10 + 110 * step, 80, 40, 40)), t_s=step / 10) for step in range(1, 3)
    ]
    now = annotated(face(1, (10, 80, 40, 40)))
    changed = (Masker(MaskOptions("solid")).hide(now, coming).frame.image != now.frame.image).any(2)
    assert changed[100, 20:40].all()
    assert not changed[:, 100:].any()
    new = Masker(MaskOptions("solid")).hide(annotated(), coming).frame.image
    changed = (new != now.frame.image).any(axis=2)
    assert changed[100, 130:150].all()
    assert not changed[:, 220:].any()


def test_an_unknown_face_that_moves_a_little_is_not_hidden_where_it_will_be_too() -> None:
    now = annotated(face(0, (10, 80, 70, 70)))
    coming = [annotated(face(0, (40, 80, 70, 70)), t_s=0.1)]
    changed = (Masker(MaskOptions("solid")).hide(now, coming).frame.image != now.frame.image).any(2)
    assert changed[115, 20:70].all()
    assert not changed[:, 100:].any()


LEFT, RIGHT, BELOW = (20, 20, 40, 40), (200, 20, 40, 40), (20, 160, 40, 40)


def hides(image: Image, box: tuple[int, int, int, int]) -> bool:
    x, y, width, height = box
    plain = annotated().frame.image
    return bool((image != plain)[y : y + height, x : x + width].any(axis=2).all())


@pytest.mark.parametrize("there", [RIGHT, BELOW])
@pytest.mark.parametrize("number", [0, 2])
def test_a_face_missed_or_still_to_come_is_hidden_though_another_is_found_elsewhere(
    there: tuple[int, int, int, int], number: int
) -> None:
    lost, other = face(number // 2, LEFT), face(number, there)
    masker = Masker(MaskOptions("solid"))
    masker.hide(annotated(lost, t_s=0.0))
    for image in (
        masker.hide(annotated(other, t_s=0.1)).frame.image,
        Masker(MaskOptions("solid")).hide(
            annotated(other, t_s=0.1), [annotated(lost, t_s=0.2)]
        ).frame.image,
    ):  # fmt: skip
        assert hides(image, LEFT)
        assert hides(image, there)


def test_a_face_of_a_frame_that_is_not_shown_is_hidden_in_the_next_one() -> None:
    masker = Masker(MaskOptions("solid"))
    masker.see(annotated(face(1, LEFT), t_s=0.0))
    assert hides(masker.hide(annotated(t_s=0.1)).frame.image, LEFT)


def test_a_video_that_starts_over_shows_what_it_showed() -> None:
    masker = Masker(MaskOptions("solid"))
    masker.hide(annotated(face(1, LEFT), t_s=9.0))
    assert not hides(masker.hide(annotated(t_s=0.0)).frame.image, LEFT)


def test_of_a_blurred_face_nothing_finer_than_a_fifth_of_it_is_left() -> None:
    box = (60, 60, 100, 100)
    stripes = np.where(np.arange(220) // 10 % 2, 255, 0).astype(np.uint8)
    image = np.broadcast_to(stripes[None, :, None], (220, 220, 3)).copy()
    blurred = mask_faces(image, [face(1, box)], "blur")[60:160, 60:160]
    assert np.ptp(blurred.astype(int)) < 50


def test_a_place_is_hidden_half_a_second_before_and_not_earlier() -> None:
    masker = Masker(MaskOptions("solid"))
    for t_s, hidden in ((0.0, False), (0.2, True)):
        coming = [seen(face(box=PORTRAIT_FACE_PX), t_s=0.6)]
        image = masker.hide(seen(t_s=t_s), coming).frame.image
        assert (image != portrait()).any() == hidden


def test_each_emotion_has_its_own_emoji() -> None:
    drawn = [
        mask_faces(np.zeros((120, 120, 3), np.uint8), [face(1, (30, 30, 60, 60), label)], "emoji")
        for label in (*EMOTIONS, None)
    ]
    pictures = {image.tobytes() for image in drawn}
    assert len(pictures) == len(EMOTIONS) + 1


def test_all_videos_of_a_session_are_masked_and_the_overlay_is_on_top(tmp_path: Path) -> None:
    for name, painted_first in (("picture", True), ("painter", False)):
        session = session_writer(
            tmp_path / name, clean=True, mask=MaskOptions("solid"), quality="best", fps_hint=30.0
        )
        result = seen(face(box=PORTRAIT_FACE_PX))

        def paint(shown: AnnotatedFrame) -> Image:
            image = shown.frame.image.copy()
            image[Y + 40 : Y + 80, X + 40 : X + 80] = (0, 0, 255)
            return image

        session.add(result, paint(result) if painted_first else paint)
        session.finish()
        for kind in ("video.mp4", "clean.mp4"):
            with av.open(str(tmp_path / name / kind)) as container:
                image = next(container.decode(video=0)).to_ndarray(format="bgr24")
            assert inside(image)[100, 100].max() < 60
            on_top = kind == "video.mp4" and not painted_first
            assert (inside(image)[60, 60, 2] > 200) == on_top
        assert about(tmp_path / name)["settings"]["mask"] == {"style": "solid", "but": []}


def test_an_unknown_style_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="blur, solid, emoji"):
        MaskOptions("stars")


def test_a_face_is_hidden_before_it_is_first_found(tmp_path: Path) -> None:
    session = session_writer(
        tmp_path / "s", video=False, clean=True, mask=MaskOptions("solid"), quality="best"
    )
    for number in range(40):  # found from 1.0 s on
        faces = (face(box=PORTRAIT_FACE_PX),) if number >= 30 else ()
        session.add(seen(*faces, t_s=number / 30))
    assert session.finish().frames == 40
    with av.open(str(tmp_path / "s" / "clean.mp4")) as container:
        pictures = [image.to_ndarray(format="bgr24") for image in container.decode(video=0)]
    hidden = [bool(inside(image)[100, 100].max() < 60) for image in pictures]
    assert len(hidden) == 40
    assert all(hidden[15:])
    assert not any(hidden[:14])


def test_held_back_frames_are_bounded_in_number_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fercam.recording.session._MOST_HELD_BYTES", 5 * portrait().nbytes)
    session = session_writer(tmp_path / "s", video=False, clean=True, mask=MaskOptions("solid"))
    for number in range(10):
        session.add(seen(t_s=number / 30))
        assert len(session._held) <= 5
    assert session.finish().frames == 10


def test_a_pause_keeps_nothing_back(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s", video=False, clean=True, mask=MaskOptions("solid"))
    for number in range(5):
        session.add(seen(t_s=number / 30))
    session.pause(0.2)
    rows = (tmp_path / "s" / "frames.csv").read_text().splitlines()
    assert len(rows) == 6
    session.finish()


def test_somebody_chosen_is_not_hidden_before_they_are_found() -> None:
    masker = Masker(MaskOptions("solid", frozenset({1})))
    coming = [seen(face(box=PORTRAIT_FACE_PX), t_s=0.1)]
    assert (masker.hide(seen(), coming).frame.image == portrait()).all()
