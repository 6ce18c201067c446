"""A package for Debian, Ubuntu and their kin."""

import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("fercam", "fercam-lean")
PROGRAM_FILES = ("install.sh", "uninstall.sh", "share")
"""What only the archive for one user needs."""
CONTROL = """\
Package: {name}
Version: {version}
Section: video
Priority: optional
Architecture: {architecture}
Installed-Size: {size_kb}
Depends: libc6 (>= {libc}), libegl1, libgl1, libxcb1
Recommends: libportaudio2, libwayland-client0, libwayland-cursor0, libwayland-egl1
Conflicts: {others}
Replaces: {others}
Maintainer: The FerCam authors <fercam@localhost>
Description: live facial expression recognition on a plain CPU
 Watches faces through a webcam and shows what each one expresses; records
 sessions, makes reports of them{training}.
 Nothing leaves the computer.
"""


def build(program: Path, out: Path, name: str, version: str) -> Path:
    """Pack the program's folder as `name` and return the .deb; it goes to /opt/fercam."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        root = Path(scratch)
        place = root / "opt" / "fercam"
        # linked, not copied: the program is large
        shutil.copytree(
            program, place, symlinks=True, copy_function=_link,
            ignore=lambda at, _: PROGRAM_FILES if Path(at) == program else (),
        )  # fmt: skip
        for file, folder in (
            ("fercam.desktop", "applications"),
            ("fercam.svg", "icons/hicolor/scalable/apps"),
        ):
            (root / "usr" / "share" / folder).mkdir(parents=True)
            shutil.copyfile(program / "share" / file, root / "usr" / "share" / folder / file)
        licence = root / "usr" / "share" / "doc" / name / "copyright"
        licence.parent.mkdir(parents=True)
        licence.write_text("FerCam, GPL-3.0-or-later; see /opt/fercam/_internal/LICENSE\n")
        (root / "usr" / "bin").mkdir()
        (root / "usr" / "bin" / "fercam").symlink_to("/opt/fercam/fercam")
        (root / "DEBIAN").mkdir()
        size = sum(one.lstat().st_size for one in place.rglob("*") if one.is_file())
        (root / "DEBIAN" / "control").write_text(
            CONTROL.format(
                name=name,
                version=version,
                architecture=architecture,
                size_kb=size // 1024,
                libc=platform.libc_ver()[1],
                others=", ".join(other for other in NAMES if other != name),
                training=" and trains networks" if name == "fercam" else "",
            )
        )
        root.chmod(0o755)
        package = out / f"{name}_{version}_{architecture}.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", root, package],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return package


def _link(source: str, target: str) -> str:
    Path(target).hardlink_to(source)
    return target
