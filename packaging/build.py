"""Builds the packages for this system and tries them: python packaging/build.py [lean] [full]

Each kind gets an environment of its own under build/, made anew with what it needs and nothing
else. The program ends up in dist/, packed as well; sizes and start times are printed.
"""

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from collections import Counter
from pathlib import Path

import debian
import slim

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("lean", "full")
NOT_IN_LEAN = {"tensorflow", "ai-edge-quantizer", "h5py", "scikit-learn", "scipy", "pyarrow"}
"""What only training and Parquet need. (Matplotlib's font and portrait are needed in any case.)"""
EXTRAS = ("microphone",)
LIMITS_MB = {"lean": 500, "full": 1600}
LARGEST = 10


def main() -> int:
    """Build the kinds that are named, or both; return 0 if they work and are small enough."""
    parser = argparse.ArgumentParser(description="Build FerCam's packages.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="lean, full (default: both)")
    parser.add_argument("--keep", action="store_true", help="use the environments made last time")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"there is no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    return max(_build(kind, options.keep) for kind in options.kinds or KINDS)


def version() -> str:
    """Return FerCam's version, from the one place where it stands."""
    found = re.search(r'__version__ = "(.+)"', (ROOT / "fercam" / "__init__.py").read_text())
    assert found is not None
    return found[1]


def requirements(kind: str) -> list[str]:
    """Return what pip is to install for a kind."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in EXTRAS:
        wanted += project["optional-dependencies"][extra]
    wanted += [one for one in project["optional-dependencies"]["dev"] if "pyinstaller" in one]
    named = {distribution(one): one for one in wanted}
    if kind == "lean":
        return [one for name, one in named.items() if name not in NOT_IN_LEAN]
    if sys.platform != "darwin":  # the same library without the parts for graphics cards
        named["tensorflow"] = named["tensorflow"].replace("tensorflow", "tensorflow-cpu")
    return list(named.values())


def distribution(requirement: str) -> str:
    """Return the name in a line for pip."""
    return re.split(r"[<>=;]", requirement)[0].strip()


def _build(kind: str, keep: bool) -> int:
    work, out = ROOT / "build" / kind, ROOT / "dist" / kind
    python = _environment(work / "environment", kind, keep)
    _say(f"{kind}: PyInstaller")
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run(
        [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
         "--distpath", out, "--workpath", work, ROOT / "build.spec"],
        env=os.environ | {"FERCAM_TRAINING": str(int(kind == "full"))},
        check=True,
    )  # fmt: skip
    program = out / ("FerCam.app" if sys.platform == "darwin" else "fercam")
    if sys.platform == "linux":
        _say(f"{kind}: stripped, which saved {slim.strip(program) / 1e6:.0f} MB")
    size_mb = _weigh(program)
    smoke = [sys.executable, str(ROOT / "packaging" / "smoke_test.py"), str(program)]
    if subprocess.run(smoke, check=False).returncode:
        return 1
    if sign := os.environ.get("FERCAM_SIGN"):
        subprocess.run([*shlex.split(sign), str(program)], check=True)
    for archive in _pack(program, kind):
        _say(f"{archive.relative_to(ROOT)}: {archive.stat().st_size / 1e6:.0f} MB")
    if size_mb > LIMITS_MB[kind]:
        _say(f"{kind}: {size_mb:.0f} MB are more than the {LIMITS_MB[kind]} allowed")
        return 1
    return 0


def _environment(place: Path, kind: str, keep: bool) -> Path:
    """Make a virtual environment with what a kind needs and return its Python."""
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (keep and python.exists()):
        _say(f"{kind}: a clean environment")
        venv.create(place, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pins = ["--constraint", str(ROOT / "constraints.txt")]
        subprocess.run([*pip, *pins, *requirements(kind)], check=True)
    return python


def _weigh(program: Path) -> float:
    """Print the largest parts and return the size of all, in MB."""
    inside = next(one for one in (program / "_internal", program / "Contents") if one.is_dir())
    parts: Counter[str] = Counter()
    for file in program.rglob("*"):
        if file.is_file() and not file.is_symlink():
            within = file.relative_to(inside) if file.is_relative_to(inside) else Path(file.name)
            parts[within.parts[0].removesuffix(".libs")] += file.stat().st_size
    total_mb = sum(parts.values()) / 1e6
    _say(f"{program.relative_to(ROOT)}: {total_mb:.0f} MB, of which")
    for name, size in parts.most_common(LARGEST):
        _say(f"{size / 1e6:8.1f}  {name}")
    return total_mb


def _pack(program: Path, kind: str) -> list[Path]:
    """Write the files to give away and return them."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
    flavour = "" if kind == "full" else "-lean"
    name = f"fercam{flavour}-{version()}-{system}-{platform.machine().lower()}"
    dist = ROOT / "dist"
    if sys.platform == "win32":
        return [Path(shutil.make_archive(str(dist / name), "zip", program.parent, program.name))]
    if sys.platform == "darwin":  # zipfile would lose the links in the bundle
        archive = dist / f"{name}.zip"
        subprocess.run(["ditto", "-c", "-k", "--keepParent", program, archive], check=True)
        return [archive]
    share = program / "share"
    share.mkdir()
    linux = ROOT / "packaging" / "linux"
    shutil.copy2(linux / "fercam.desktop", share)
    shutil.copy2(ROOT / "assets" / "fercam.svg", share)
    for script in ("install.sh", "uninstall.sh"):
        shutil.copy2(linux / script, program)
    archive = dist / f"{name}.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(program, arcname=name, filter=_of_root)
    packed = [archive]
    if shutil.which("dpkg-deb"):
        packed.append(debian.build(program, dist, f"fercam{flavour}", version()))
    return packed


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
