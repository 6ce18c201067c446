"""What the window remembers survives anything that happens to its file."""

import json
from pathlib import Path

import pytest

from fercam.settings import SECTIONS, Settings, load_settings, save_settings, shown_settings


def test_what_was_saved_is_loaded_again(tmp_path: Path) -> None:
    settings = Settings(source="demo:two", model="mine", theme="light", overlay=False, bars=True)
    save_settings(settings, tmp_path / "deep" / "settings.json")
    assert load_settings(tmp_path / "deep" / "settings.json") == (settings, [])


def test_without_a_file_there_are_defaults_and_nothing_is_written(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.json") == (Settings(), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, b"\xff\xfe\x00"])
def test_a_damaged_file_gives_defaults_and_is_kept_aside(
    tmp_path: Path, content: str | bytes
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    file = tmp_path / "settings.json"
    file.write_bytes(raw)
    settings, problems = load_settings(file)
    assert settings == Settings()
    assert len(problems) == 1
    assert not file.exists()
    assert (tmp_path / "settings.json.bad").read_bytes() == raw


@pytest.mark.parametrize(
    ("entry", "value", "why"),
    [
        ("holograms", True, "is not known"),
        ("theme", 3, "was not understood"),
        ("overlay", "yes", "was not understood"),
        ("feed_osc_port", 9000.5, "was not understood"),
        ("theme", "plaid", "was none of its choices"),
        ("smoothing_s", 99, "was out of bounds"),
        ("feed_osc_port", 80, "was out of bounds"),
    ],
)
def test_one_broken_entry_is_reported_and_the_rest_is_kept(
    tmp_path: Path, entry: str, value: object, why: str
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"mirror": "never", entry: value}))
    settings, problems = load_settings(file)
    assert settings == Settings(mirror="never")
    assert len(problems) == 1
    assert f"'{entry}' {why}" in problems[0]
    assert file.exists()


def test_every_shown_setting_is_explained_and_its_default_is_allowed() -> None:
    for name, about in shown_settings().items():
        default = getattr(Settings(), name)
        assert about.section in SECTIONS
        assert about.title and about.help.endswith(".")
        assert about.choices is None or default in about.choices
        assert about.bounds is None or about.bounds[0] <= default <= about.bounds[1]


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
