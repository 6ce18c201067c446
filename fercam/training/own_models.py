"""The models there are, and what may be done with those of the user's own."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from fercam import paths
from fercam.core.errors import ModelError, UsageError, reason_of
from fercam.inference.bundle import (
    Card,
    change_card,
    list_bundles,
    load_bundle,
    read_card,
)
from fercam.sessions.leftovers import workshop
from fercam.sessions.trash import Deleted, Trash


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model. `own` is whether it is the user's: shipped ones are never changed. `card` is None
    where it cannot be understood; `problem` then says why. `bytes` is what it takes on the disk.
    """

    folder: Path
    own: bool
    card: Card | None
    problem: str
    bytes: int

    @property
    def name(self) -> str:
        """What it is called in every list."""
        return self.folder.name


class OwnModels:
    """The user's models (their folder need not exist), beside those that came with FerCam.

    One thread at a time.
    """

    def __init__(self) -> None:
        self._home = paths.user_models_dir()
        self._trash = Trash(self._home)

    def entries(self) -> list[ModelEntry]:
        """Return all models, those that came with FerCam first."""
        return [self._entry(folder) for folder in list_bundles()]

    def install(self, bundle: Path, wished: str) -> Path:
        """Copy a finished bundle among the user's models, all of it or nothing; return its folder.

        Its name is the wished one, with a number behind it if that is taken. One that is there
        already is not copied again.

        Raises:
            ModelError: the bundle is damaged, or cannot be copied.
        """
        hashes = load_bundle(bundle, verify_all=True).card.sha256
        for entry in self.entries():
            if entry.own and entry.card is not None and entry.card.sha256 == hashes:
                return entry.folder
        name = free_name(wished)
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            # hidden and one folder deeper than a model: nobody lists half of one
            with workshop(".install-", self._home) as work:
                copy = work / "bundle"
                shutil.copytree(bundle, copy)
                change_card(copy, name=name)
                os.replace(copy, self._home / name)  # noqa: PTH105
        except OSError as error:
            raise ModelError(
                f"The model cannot be put into {self._home} ({reason_of(error)}). Is the disk full?"
            ) from error
        return self._home / name

    def rename(self, name: str, wished: str) -> Path:
        """Give a model another name and return its folder.

        Raises:
            ModelError: it is not the user's, or cannot be renamed.
            UsageError: the new name cannot be one, or is taken.
        """
        folder = self._own_folder(name)
        wished = wished.strip()
        if wished == name:
            return folder
        check_name(wished)
        if wished.casefold() in _taken() - {name.casefold()}:
            raise UsageError(f"There is a model '{wished}' already; choose another name.")
        try:
            renamed = folder.rename(folder.with_name(wished))
            change_card(renamed, name=wished)
        except OSError as error:
            raise ModelError(f"'{name}' cannot be renamed ({reason_of(error)}).") from error
        return renamed

    def describe(self, name: str, description: str) -> None:
        """Keep what a person says about a model, on its card.

        Raises:
            ModelError: it is not the user's, or cannot be written.
        """
        try:
            change_card(self._own_folder(name), description=description.strip())
        except OSError as error:
            raise ModelError(f"'{name}' cannot be described ({reason_of(error)}).") from error

    def delete(self, name: str) -> Deleted:
        """Move a model out of sight; `restore` brings it back, `empty_trash` ends it.

        Raises:
            ModelError: it is not the user's, or cannot be moved.
        """
        folder = self._own_folder(name)
        try:
            return self._trash.put(folder)
        except OSError as error:
            raise ModelError(f"{folder} cannot be deleted: {reason_of(error)}.") from error

    def restore(self, deleted: Deleted) -> Path:
        """Bring a model back and return its folder, a new one if its name is taken.

        Raises:
            ModelError: it is gone for good, or cannot be moved.
        """
        try:
            folder = self._trash.bring_back(deleted)
            if folder.name != deleted.folder.name:
                change_card(folder, name=folder.name)
        except OSError as error:
            raise ModelError(
                f"'{deleted.folder.name}' cannot be brought back ({reason_of(error)})."
            ) from error
        return folder

    def empty_trash(self) -> None:
        """Delete for good what was deleted, and what programs that died left there."""
        self._trash.empty()

    def _own_folder(self, name: str) -> Path:
        # only what is listed, so that no name leads out of the folder
        own = sorted(path.name for path in _folders(self._home))
        if name in own:
            return self._home / name
        if name in {path.name for path in list_bundles()}:
            raise ModelError(f"'{name}' came with FerCam and stays as it is; choose another.")
        raise ModelError(
            f"There is no model '{name}' of your own; yours are: {', '.join(own) or 'none yet'}."
        )

    def _entry(self, folder: Path) -> ModelEntry:
        card, problem = None, ""
        try:
            card = read_card(folder)
        except ModelError as error:
            problem = error.user_message
        size = sum(file.stat().st_size for file in folder.glob("*") if file.is_file())
        return ModelEntry(folder, folder.parent == self._home, card, problem, size)


def free_name(wished: str) -> str:
    """Return a name that no model has: the wished one, or one with a number behind it."""
    wished = re.sub(r"[^\w.-]+", "-", wished).strip("-.") or "model"
    name, count, taken = wished, 1, _taken()
    while name.casefold() in taken:
        count += 1
        name = f"{wished}-{count}"
    return name


def check_name(name: str) -> None:
    """Refuse what cannot be a model's name.

    Raises:
        UsageError: it cannot.
    """
    if not re.fullmatch(r"\w([\w. -]*[\w-])?", name):
        raise UsageError(f"'{name}' cannot be a model's name; use letters, digits, - and _.")


def _taken() -> set[str]:
    # some file systems do not tell capitals from small letters
    names = [path.name for path in (*list_bundles(), *_folders(paths.user_models_dir()))]
    return {name.casefold() for name in names}


def _folders(home: Path) -> list[Path]:
    if not home.is_dir():
        return []
    return [path for path in home.iterdir() if path.is_dir() and not path.name.startswith(".")]
