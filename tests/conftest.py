"""What every test may ask for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.bundles import make_tiny_bundle

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(
    os.environ.get("FERCAM_SHARED", Path(__file__).resolve().parent.parent.parent / "shared")
)


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Find a picture or video that is no part of the project; without it the test is skipped."""

    def find(relpath: str) -> Path:
        path = SHARED / relpath
        if not path.exists():
            pytest.skip(f"{relpath} is not in {SHARED} (set FERCAM_SHARED to where it is)")
        return path

    return find


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model bundle whose answers are known: bright faces are happy, dark ones sad."""
    return make_tiny_bundle(tmp_path_factory.mktemp("models") / "tiny")
