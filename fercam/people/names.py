"""What people are called, typed by the user and kept while the program runs."""

import threading
from collections.abc import Mapping
from types import MappingProxyType

MAX_LENGTH = 40


class Names:
    """Person id to typed name. Any thread may read or write: the mapping is replaced as a whole."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._names: Mapping[int, str] = MappingProxyType({})

    @property
    def all(self) -> Mapping[int, str]:
        """Every name by person id: a snapshot that never changes."""
        return self._names

    def name_of(self, person_id: int) -> str:
        """Return what a person is called, empty if nobody has said."""
        return self._names.get(person_id, "")

    def rename(self, person_id: int, text: str) -> str:
        """Call a person (from 1) something and return the name as it is kept.

        Spaces around and doubled ones go, and everything after `MAX_LENGTH` characters; an empty
        text takes the name away.

        Raises:
            ValueError: 0, which is a face not known yet, cannot have a name.
        """
        if person_id < 1:
            raise ValueError(f"no person has the id {person_id}")
        name = " ".join(text.split())[:MAX_LENGTH].rstrip()
        with self._writing:
            names = {**self._names, person_id: name}
            self._names = MappingProxyType({key: kept for key, kept in names.items() if kept})
        return name

    def clear(self) -> None:
        """Forget every name: the ids of another source are other people."""
        with self._writing:
            self._names = MappingProxyType({})
