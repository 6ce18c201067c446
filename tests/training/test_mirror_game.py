"""The mirror game asks, measures how near a face is, and keeps what is good."""

from dataclasses import replace

import numpy as np
from helpers.results import annotated

from fercam.core.emotions import EMOTIONS
from fercam.core.values import (
    AnnotatedFrame,
    Box,
    Detection,
    Doubt,
    Face,
    FaceCrop,
    FaceQuality,
    Prediction,
)
from fercam.training.mirror_game import (
    MOST_A_ROUND,
    ORDER,
    READY_S,
    SHOW_S,
    Keep,
    MirrorGame,
    Turn,
)

FPS = 30


def result(label: str, probability: float, look: int, flaw: Doubt | None = None) -> AnnotatedFrame:
    """A frame with one face that shows an emotion so much; another `look`, another crop."""
    shares = np.full(7, (1 - probability) / 6, np.float32)
    shares[EMOTIONS.index(label)] = probability
    pixels = np.random.default_rng(look).integers(0, 256, (48, 48), dtype=np.uint8)
    quality = FaceQuality(100, 120, 0.2, 0, 0, 0, flaw)
    box = Box(0, 0, 100, 100)
    return replace(
        annotated(),
        faces=(
            Face(
                Detection(box, (0, 0, 100, 100), 0.9, np.zeros((5, 2), np.float32), 1),
                Prediction(1, shares, shares, label),
                FaceCrop(0, 1, pixels, quality),
            ),
        ),
    )


class Player:
    """Plays a game by the clock."""

    def __init__(self, rounds: int = 1) -> None:
        self.now_s = 0.0
        self.game = MirrorGame(0.0, rounds)
        self.kept: list[Keep] = []
        self.looks = 0

    def show(
        self, label: str, probability: float, seconds: float, flaw: Doubt | None = None
    ) -> Turn:
        for _ in range(round(seconds * FPS)):
            self.now_s += 1 / FPS
            self.looks += 1
            turn, keep = self.game.offer(result(label, probability, self.looks, flaw), self.now_s)
            if keep is not None:
                self.kept.append(keep)
        return turn


def test_it_begins_with_a_moment_to_get_ready_in_which_nothing_is_kept() -> None:
    player = Player()
    turn = player.show("happy", 0.99, READY_S - 0.2)
    assert (turn.emotion, turn.phase, player.kept) == ("happy", "ready", [])
    assert player.show("happy", 0.99, 0.5).phase == "show"


def test_nearness_is_measured_from_what_is_usual_for_the_person() -> None:
    player = Player()
    player.show("happy", 0.3, READY_S + 0.1)  # a face that always looks a little happy
    assert player.show("happy", 0.3, 0.2).near < 0.1
    assert player.show("happy", 0.5, 0.2).near < 0.6
    assert player.show("happy", 0.9, 0.2).near == 1


def test_good_faces_are_kept_a_few_a_second_and_not_too_many() -> None:
    player = Player()
    player.show("neutral", 0.9, READY_S + 0.1)
    player.show("happy", 0.9, 2.0)
    assert 3 <= len(player.kept) <= 6
    assert {keep.emotion for keep in player.kept} == {"happy"}
    turn = player.show("happy", 0.9, SHOW_S)
    assert player.game.kept["happy"] <= MOST_A_ROUND
    assert turn.emotion == ORDER[1]  # the round is over and the next is asked for


def test_what_shows_nothing_new_or_cannot_be_read_is_not_kept() -> None:
    player = Player()
    player.show("neutral", 0.9, READY_S + 0.1)
    player.show("happy", 0.9, 1.0, flaw=Doubt.BLURRED)
    assert player.kept == []
    for _ in range(60):
        player.now_s += 1 / FPS
        _, keep = player.game.offer(result("happy", 0.9, 7), player.now_s)  # one crop for ever
        player.kept += [keep] if keep else []
    assert len(player.kept) == 1


def test_what_the_model_misreads_is_kept_on_wish() -> None:
    player = Player()
    player.show("neutral", 0.9, READY_S + 0.1)
    player.show("sad", 0.9, 1.0)
    assert player.kept == []
    player.game.keep_anyway = True
    turn = player.show("sad", 0.9, 1.0)
    assert {keep.emotion for keep in player.kept} == {"happy"}
    assert "does not look like it" in turn.words


def test_two_rounds_ask_for_each_emotion_twice_and_then_it_is_over() -> None:
    player = Player(rounds=2)
    asked = []
    while not player.game.over:
        asked.append(player.game.emotion)
        player.game.skip(player.now_s)
    assert asked == [*ORDER, *ORDER]
    assert set(ORDER) == set(EMOTIONS)
    assert player.show("happy", 0.9, 0.1).words == "All done."
    player.game.again(player.now_s)
    assert player.game.over


def test_a_round_can_be_played_again() -> None:
    player = Player()
    player.show("happy", 0.9, READY_S + 2)
    player.game.again(player.now_s)
    turn = player.show("happy", 0.9, 0.5)
    assert (turn.phase, turn.emotion) == ("ready", "happy")


def test_without_a_face_it_waits() -> None:
    game = MirrorGame(0.0)
    turn, keep = game.offer(annotated(), READY_S + 1)
    assert (turn.words, keep) == ("Nobody in the picture.", None)
