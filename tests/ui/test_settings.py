"""What the window remembers survives anything that happens to its file."""

import json
from pathlib import Path

import pytest

from fercam.settings import Settings, load_settings, save_settings


def test_what_was_saved_is_loaded_again(tmp_path: Path) -> None:
    settings = Settings(source="demo:two", model="mine", theme="light", overlay=False, bars=True)
    save_settings(settings, tmp_path / "deep" / "settings.json")
    assert load_settings(tmp_path / "deep" / "settings.json") == settings


def test_without_a_file_there_are_defaults_and_nothing_is_written(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.json") == Settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"theme": 3}', '{"overlay": "yes"}', b"\xff\xfe\x00"]
)
def test_a_damaged_file_gives_defaults_and_is_kept_aside(
    tmp_path: Path, content: str | bytes
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    file = tmp_path / "settings.json"
    file.write_bytes(raw)
    assert load_settings(file) == Settings()
    assert not file.exists()
    assert (tmp_path / "settings.json.bad").read_bytes() == raw


def test_settings_of_a_newer_version_are_understood_as_far_as_they_go(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"theme": "light", "holograms": True}))
    assert load_settings(file) == Settings(theme="light")


def test_saving_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    save_settings(Settings(), file)
    save_settings(Settings(theme="dark"), file)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    save_settings(Settings(), blocked / "settings.json")
    assert blocked.read_text() == "in the way"
