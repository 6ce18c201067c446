"""What people's resting faces are kept as, and forgotten."""

from pathlib import Path

import pytest
from helpers.results import annotated, face

from fercam.people.names import Names
from fercam.people.neutral import DURATION_S
from fercam.people.neutrals import load_neutrals
from fercam.pipeline import resting_faces
from fercam.pipeline.resting_faces import RestingFaces


class Room:
    """A camera, the people before it, and what is known of their resting faces."""

    def __init__(self, file: Path) -> None:
        self.file, self.names, self.t_s = file, Names(), 0.0
        self.faces = RestingFaces(self.names, lambda told: None, file)

    def watch(self, seconds: float, *people: int) -> None:
        for _ in range(round(seconds * 10)):
            self.t_s += 0.1
            shown = (face(person, label="neutral") for person in people)
            self.faces.watch(annotated(*shown, t_s=self.t_s))

    def learn(self, person: int, name: str) -> None:
        self.names.rename(person, name)
        self.faces.learn(person)
        self.watch(DURATION_S + 1, person)
        assert person in self.faces.corrections


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "neutrals.json")


def test_one_who_comes_back_under_another_number_is_written_once_each_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    save = resting_faces.save_neutral
    monkeypatch.setattr(
        resting_faces, "save_neutral", lambda name, *rest: (written.append(name), save(name, *rest))
    )
    room.learn(1, "Ada")
    room.learn(2, "Ada")
    room.watch(2, 1, 2)
    assert written == ["Ada", "Ada"]
    room.names.rename(2, "Grace")
    room.watch(1, 2)
    assert written == ["Ada", "Ada", "Grace"]


def test_who_is_forgotten_is_forgotten_under_every_number(room: Room) -> None:
    room.learn(1, "Ada")
    room.learn(2, "Ada")
    room.learn(3, "Grace")
    room.faces.forget(2)
    room.watch(1, 1, 2, 3)
    assert set(room.faces.corrections) == {3}
    assert set(load_neutrals(room.file)) == {"Grace"}


def test_one_without_a_name_is_forgotten_alone(room: Room) -> None:
    room.learn(1, "")
    room.learn(2, "")
    room.faces.forget(1)
    assert set(room.faces.corrections) == {2}
    assert not room.file.exists()
