"""A session that is being written is known by its lock, in any program; a dead one's is free."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from helpers.recorded import session_writer, write_frames

from fercam.core.errors import SessionError
from fercam.recording import disk
from fercam.recording.lock import SessionLock, held_elsewhere
from fercam.recording.session import stamped_folder

OTHER_PROGRAM = """
import sys
from pathlib import Path
from fercam.recording.session import SessionWriter

session = SessionWriter(Path(sys.argv[1]), source={}, model_name="m", model_sha256="0",
                        numbered=True)
print(session.folder, flush=True)
sys.stdin.read()
"""


def test_a_lock_keeps_others_out_until_it_is_released(tmp_path: Path) -> None:
    lock = SessionLock(tmp_path)
    lock.acquire()
    assert held_elsewhere(tmp_path)
    with pytest.raises(SessionError, match="being recorded or changed"):
        SessionLock(tmp_path).acquire()
    lock.release()
    lock.release()
    assert not held_elsewhere(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_looking_for_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    assert not held_elsewhere(tmp_path)
    assert not held_elsewhere(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_a_session_is_locked_until_it_is_finished(tmp_path: Path) -> None:
    session = session_writer(tmp_path / "s", video=False)
    write_frames(session, [0.0, 0.1])
    assert held_elsewhere(tmp_path / "s")
    session.finish()
    assert not held_elsewhere(tmp_path / "s")
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "frames.csv",
        "session.json",
    ]


def test_two_programs_that_start_at_once_get_a_folder_each(tmp_path: Path) -> None:
    folder = stamped_folder(tmp_path, datetime(2026, 11, 22, 14, 3, 7))
    mine = session_writer(folder, numbered=True)
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROGRAM, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        assert (mine.folder, theirs) == (folder, folder.with_name(f"{folder.name}_2"))
        assert held_elsewhere(theirs)
        with pytest.raises(SessionError):
            session_writer(theirs)
        other.kill()
    assert not held_elsewhere(theirs)  # the lock dies with its program
    mine.finish()
    assert not folder.exists()


def test_a_folder_that_another_program_was_quicker_to_use_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = SessionLock.acquire

    def late(self: SessionLock) -> None:
        (tmp_path / "s" / "frames.csv").write_text("theirs")
        acquire(self)

    monkeypatch.setattr(SessionLock, "acquire", late)
    with pytest.raises(SessionError, match="is not empty"):
        session_writer(tmp_path / "s")
    assert [file.read_text() for file in (tmp_path / "s").iterdir()] == ["theirs"]


def test_room_is_told_for_folders_that_do_not_exist_yet(tmp_path: Path) -> None:
    assert disk.room_bytes(tmp_path / "a" / "b") > 0
    assert disk.STOP_BELOW < disk.WARN_BELOW
