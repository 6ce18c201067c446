"""Knowing people again: numbers that stay when somebody is hidden, turns away or leaves a while.

The tracker says which faces of two frames are one by where they are; here the appearance has its
say too: when a face turns up, when two have come close, and when one suddenly looks quite unlike.

How often it fails, measured on videos and photos cut into "was here, left, came back":
* One person in view at a time, three people in turn, with other place, size and light: none of 120
  came back under another number, and none got the number of another.
* On a street, seen from another side when coming back: 2 of 32 got a new number, 1 of 52 the number
  of somebody else who was away. Eleven people show a face there and twelve numbers are given.
* People who wear the same are what it cannot tell apart: on colour photos of groups 2 of 149 were
  taken for one another, on a black-and-white one of 29 people in dark suits 16 of 113.
* Who changes clothes or puts on a hat is somebody new.
The limits below were chosen on the same videos and photos, so expect somewhat worse elsewhere.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fercam.core.values import Detection, Image
from fercam.detection.tracker import SURVIVES_S
from fercam.people.appearance import (
    Appearance,
    Gallery,
    alike,
    describe,
    glance_at,
    similarity,
)

REMEMBERED_S = 60.0
"""How long people are remembered after they were last seen."""

SURELY_SAME, SAME, SURELY_NEW = 0.78, 0.71, 0.58
"""How alike a face must look to be taken for somebody at once; after `WAIT_FRAMES`; and below
which it is somebody new at once."""
WAIT_FRAMES = 4
"""A face may go without a number (0) for so many frames while it is not clear who it is."""
LEAD = 0.04
"""The likeness must be this much better than with the next person to be sure at once."""

BROKEN = 0.66
"""A followed face that looks less like itself than this may have been replaced by another."""
MIXED_UP, MIXED_UP_FRAMES = 0.08, 3
"""After an encounter a face is somebody else if it looks that much more like them, so often."""
CLOSE = 0.8
"""Faces whose middles are nearer than this, as a multiple of their size, may be mixed up."""
DOUBT_S = 1.0
"""For so long after an encounter, or after being hidden, a face's number is open to correction."""
HIDDEN_S = 0.25
LOOK_EVERY_S = 0.15
CHANGED = 0.92
"""A face about whom there is no doubt is looked at so often only, or when the picture in its box
correlates less than this with the one looked at last."""

NEAR_BONUS, NEAR_S, NEAR_SIDES = 0.10, 4.0, 1.5
"""Likeness added for turning up where somebody went out of sight, fading with time and distance."""

NOVEL = 0.86
"""A look is kept when it is less like every look kept of that person."""


@dataclass(slots=True, eq=False)
class _Person:
    person_id: int
    looks: Gallery
    face: Detection
    seen_s: float


@dataclass(slots=True, eq=False)
class _Sight:
    """A track and who it is taken for; `fits` are the likenesses gathered while that is open."""

    face: Detection
    look: Appearance
    glance: NDArray[np.float32]
    seen_s: float
    looked_s: float
    person: _Person | None = None
    waited: int = 0
    fits: dict[int, list[float]] = field(default_factory=dict)
    doubt_until_s: float = -math.inf
    met_s: float = -math.inf
    crowded: bool = False
    rival: int = 0
    rival_frames: int = 0
    broken: bool = False
    likeness: float = 1.0

    def open_again(self) -> None:
        self.person, self.waited, self.fits = None, 0, {}


class PeopleBook:
    """Turns the tracker's numbers into people's, from 1, which last a minute out of sight.

    It knows people by hair, clothes and face as they look this minute, and by where they were.
    """

    def __init__(self) -> None:
        self._people: list[_Person] = []
        self._sights: dict[int, _Sight] = {}
        self._last_id = 0
        self._t_s = -math.inf

    @property
    def active_ids(self) -> frozenset[int]:
        """The numbers of the people who are seen or may still come back."""
        return frozenset(person.person_id for person in self._people)

    def update(self, image: Image, tracked: Sequence[Detection], t_s: float) -> list[Detection]:
        """Return the faces of a frame at `t_s` seconds, in the same order, with people's numbers.

        `image` is (H, W, 3) BGR, `tracked` are its faces as `FaceTracker` numbered them. 0 means
        "not known yet" and lasts `WAIT_FRAMES` frames at most. Time that runs backwards makes
        everybody new.
        """
        if t_s < self._t_s:
            self._people, self._sights = [], {}
        self._t_s = t_s
        self._people = [p for p in self._people if t_s - p.seen_s <= REMEMBERED_S]
        self._sights = {k: s for k, s in self._sights.items() if t_s - s.seen_s <= SURVIVES_S}
        seen = [self._see(image, face) for face in tracked]
        _mark_encounters(seen, t_s)
        for sight in seen:
            if sight.broken and sight.person is not None and t_s - sight.met_s > DOUBT_S:
                sight.open_again()
        self._correct([sight for sight in seen if sight.person is not None])
        self._recognise([sight for sight in seen if sight.person is None])
        for sight in seen:
            self._remember(sight)
        return [
            replace(sight.face, track_id=sight.person.person_id if sight.person else 0)
            for sight in seen
        ]

    def _see(self, image: Image, face: Detection) -> _Sight:
        sight = self._sights.get(face.track_id)
        glance = glance_at(image, face)
        if sight is not None and self._settled(sight) and alike(glance, sight.glance) > CHANGED:
            sight.face, sight.seen_s = face, self._t_s
            return sight
        look = describe(image, face)
        if sight is None:
            sight = self._sights[face.track_id] = _Sight(face, look, glance, self._t_s, self._t_s)
            return sight
        sight.glance, sight.looked_s = glance, self._t_s
        person = sight.person
        if person is not None:
            if self._t_s - sight.seen_s > HIDDEN_S:
                sight.doubt_until_s = self._t_s + DOUBT_S
            sight.likeness = person.looks.likeness(look)
            sight.broken = sight.likeness < BROKEN and similarity(look, sight.look) < BROKEN
        sight.face, sight.look, sight.seen_s = face, look, self._t_s
        return sight

    def _settled(self, sight: _Sight) -> bool:
        return (
            sight.person is not None
            and not sight.crowded
            and self._t_s > sight.doubt_until_s
            and self._t_s - sight.seen_s <= HIDDEN_S
            and self._t_s - sight.looked_s < LOOK_EVERY_S
        )

    def _out_of_sight(self) -> list[_Person]:
        visible = [s.person for s in self._sights.values() if s.seen_s == self._t_s]
        return [person for person in self._people if person not in visible]

    def _correct(self, sights: Sequence[_Sight]) -> None:
        """Give people their faces back where the tracker may have mixed them up."""
        doubtful = [s for s in sights if self._t_s <= s.doubt_until_s and not s.crowded]
        people = [s.person for s in doubtful if s.person is not None] + self._out_of_sight()
        fits = [
            (person.looks.likeness(s.look) + (MIXED_UP if person is s.person else 0), s, person)
            for s in doubtful
            for person in people
        ]
        best = _pair(fits)
        for sight, person in best.items():
            if person is sight.person:
                sight.rival, sight.rival_frames = 0, 0
                continue
            if sight.rival != person.person_id:
                sight.rival, sight.rival_frames = person.person_id, 0
            sight.rival_frames += 1
        if any(sight.rival_frames >= MIXED_UP_FRAMES for sight in best):
            for sight, person in best.items():
                sight.person, sight.rival, sight.rival_frames = person, 0, 0

    def _recognise(self, sights: Sequence[_Sight]) -> None:
        """Find out who the faces without a number are, or count another frame of waiting."""
        absent = self._out_of_sight()
        fits = []
        for sight in sights:
            for person in absent:
                gathered = sight.fits.setdefault(person.person_id, [])
                gathered.append(person.looks.likeness(sight.look))
                bonus = 0.0 if sight.broken else _near(sight, person, self._t_s)
                fits.append((sum(gathered) / len(gathered) + bonus, sight, person))
        best = _pair(fits)
        for sight in sights:
            scores = sorted((fit for fit, s, _ in fits if s is sight), reverse=True) or [0.0]
            fit = next((f for f, s, p in fits if s is sight and p is best.get(sight)), 0.0)
            clear = fit >= SURELY_SAME and (len(scores) < 2 or fit - scores[1] >= LEAD)
            late = sight.waited >= WAIT_FRAMES
            if clear or (late and fit >= SAME):
                sight.person = best[sight]
            elif late or (fit < SURELY_NEW and not sight.crowded and not sight.broken):
                self._last_id += 1
                sight.person = _Person(self._last_id, Gallery(sight.look), sight.face, self._t_s)
                self._people.append(sight.person)
            else:
                sight.waited += 1
                continue
            sight.broken = False

    def _remember(self, sight: _Sight) -> None:
        person = sight.person
        if person is None:
            return
        person.face, person.seen_s = sight.face, self._t_s
        for other in self._sights.values():
            if other is not sight and other.person is person:
                other.open_again()
        undoubted = not sight.crowded and self._t_s > sight.doubt_until_s
        if undoubted and sight.likeness < NOVEL:
            person.looks.learn(sight.look)


def _pair(fits: Iterable[tuple[float, _Sight, _Person]]) -> dict[_Sight, _Person]:
    """Pair faces with people one to one, those that fit best first."""
    pairs: dict[_Sight, _Person] = {}
    for _, sight, person in sorted(fits, key=lambda fit: -fit[0]):
        if sight not in pairs and person not in pairs.values():
            pairs[sight] = person
    return pairs


def _near(sight: _Sight, person: _Person, t_s: float) -> float:
    """Return the likeness added for turning up where somebody was."""
    away = _apart(sight.face, person.face)
    return NEAR_BONUS * math.exp(-(t_s - person.seen_s) / NEAR_S - away / NEAR_SIDES)


def _mark_encounters(sights: Sequence[_Sight], t_s: float) -> None:
    for sight in sights:
        sight.crowded = any(
            other is not sight and _apart(sight.face, other.face) < CLOSE for other in sights
        )
        if sight.crowded:
            sight.met_s, sight.doubt_until_s = t_s, t_s + DOUBT_S


def _apart(a: Detection, b: Detection) -> float:
    """Return how far apart two faces are, as a multiple of the larger one's side."""
    ax, ay, aw, ah = a.raw_box_px
    bx, by, bw, bh = b.raw_box_px
    return math.hypot(ax + aw / 2 - bx - bw / 2, ay + ah / 2 - by - bh / 2) / max(aw, ah, bw, bh)
