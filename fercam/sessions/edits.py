"""Changes to a session's description: small functions, and one that brings them to the disk."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from fercam.core.errors import SessionError
from fercam.recording.session_json import (
    Analysis,
    Marker,
    Person,
    SessionInfo,
    Span,
    read_session_json,
    write_session_json,
)
from fercam.sessions.table import merged_people

Edit = Callable[[SessionInfo], SessionInfo]
"""Takes a description and returns the changed one."""


def change(folder: Path, edit: Edit) -> SessionInfo:
    """Change a session's description on the disk and return it.

    Raises:
        SessionError: it cannot be read or written, or is being recorded or changed just now.
    """
    from fercam.recording.lock import SessionLock  # filelock would delay the window

    with SessionLock(folder):
        info = edit(read_session_json(folder))
        write_session_json(folder, info)
        return info


def rename(person: int, name: str) -> Edit:
    """Call a person by a name; an empty one takes it away, from those merged into them too."""
    typed = " ".join(name.split())

    def edit(info: SessionInfo) -> SessionInfo:
        same = [number for number, target in merged_people(info).items() if target == person]
        for number in (person, *(same if not typed else ())):
            info = _with_person(info, number, name=typed)
        return info

    return edit


def merge(person: int, into: int) -> Edit:
    """Count a person as another one from now on; if only the former has a name, both go by it.

    Raises (when applied):
        SessionError: both are the same person already.
    """

    def edit(info: SessionInfo) -> SessionInfo:
        moved = merged_people(info)
        source, target = moved.get(person, person), moved.get(into, into)
        if source == target:
            raise SessionError("These two are the same person already.")
        return _with_person(info, source, merged_into=target)

    return edit


def unmerge(person: int) -> Edit:
    """Let a merged person stand for themselves again."""
    return lambda info: _with_person(info, person, merged_into=None)


def add_marker(marker: Marker) -> Edit:
    """Add a marker, in the order of time."""
    return lambda info: info.with_markers(marker)


def remove_marker(marker: Marker) -> Edit:
    """Take one marker away; if it is gone already nothing changes."""

    def edit(info: SessionInfo) -> SessionInfo:
        left = list(info.markers)
        if marker in left:
            left.remove(marker)
        return replace(info, markers=tuple(left))

    return edit


def change_marker(old: Marker, new: Marker) -> Edit:
    """Put a marker in the place of another."""
    return lambda info: remove_marker(old)(info).with_markers(new)


def exclude(start_s: float, end_s: float) -> Edit:
    """Leave a stretch of time out of all statistics; stretches that touch become one."""

    def edit(info: SessionInfo) -> SessionInfo:
        spans: list[Span] = []
        fresh = Span(max(0.0, min(start_s, end_s)), max(start_s, end_s))
        for span in sorted((*info.excluded, fresh), key=lambda one: one.start_s):
            if span.end_s <= span.start_s:
                continue
            if spans and span.start_s <= spans[-1].end_s:
                spans[-1] = Span(spans[-1].start_s, max(spans[-1].end_s, span.end_s))
            else:
                spans.append(span)
        return replace(info, excluded=tuple(spans))

    return edit


def include(start_s: float, end_s: float) -> Edit:
    """Count a stretch of time again."""

    def edit(info: SessionInfo) -> SessionInfo:
        spans: list[Span] = []
        for span in info.excluded:
            before = Span(span.start_s, min(span.end_s, start_s))
            after = Span(max(span.start_s, end_s), span.end_s)
            spans += [part for part in (before, after) if part.end_s > part.start_s]
        return replace(info, excluded=tuple(spans))

    return edit


def set_tags(tags: Sequence[str]) -> Edit:
    """Give a session these tags: each once, in their order, none empty."""
    plain = (" ".join(tag.split()) for tag in tags)
    kept = tuple(dict.fromkeys(tag for tag in plain if tag))
    return lambda info: replace(info, tags=kept)


def add_analysis(analysis: Analysis) -> Edit:
    """Note another model's table; one of the same model takes the older one's place."""

    def edit(info: SessionInfo) -> SessionInfo:
        others = (one for one in info.analyses if one.model != analysis.model)
        return replace(info, analyses=(*others, analysis))

    return edit


def _with_person(info: SessionInfo, number: int, **changed: object) -> SessionInfo:
    people = {person.id: person for person in info.people}
    person = replace(people.get(number, Person(number)), **changed)  # type: ignore[arg-type]
    return replace(info, people=tuple(sorted((people | {number: person}).values(), key=_by_id)))


def _by_id(person: Person) -> int:
    return person.id
