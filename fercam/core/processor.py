"""Which instructions the processor knows, asked before a library that needs them is loaded.

Tried out by running every library on a processor played by `qemu-x86_64-static -cpu ...`:

* NumPy, OpenCV, Qt, LiteRT, PyArrow die, most by an illegal instruction, where there is no SSE4.2
  (-cpu Conroe, of 2006). With it (-cpu Nehalem, of 2008) they all run, the networks too: they look
  for AVX, AVX2 and what came later themselves, and go without.
* TensorFlow 2.21 dies without AVX (Nehalem) and runs with it (-cpu SandyBridge, of 2011).

So no part of FerCam needs AVX2; it is used where it is. On ARM there is nothing to ask for.
"""

import contextlib
import platform
import sys
from functools import cache
from pathlib import Path

from fercam.core.errors import FerCamError

FOR_ALL = ("sse4_2", "popcnt")
"""What NumPy and most others are built for."""
FOR_TRAINING = ("avx",)
"""What TensorFlow is built for."""

_LEAF_1_ECX = {"sse4_2": 20, "popcnt": 23, "avx": 28}
_WINDOWS = {"sse4_2": 38, "avx": 39}  # PF_..._AVAILABLE; every processor with SSE4.2 has POPCNT
_MACS = {"sse4_2": "hw.optional.sse4_2", "avx": "hw.optional.avx1_0"}


class ProcessorError(FerCamError):
    """The processor lacks instructions that a library needs."""


def require_for_all() -> None:
    """Check that the processor can run FerCam at all.

    Raises:
        ProcessorError: it cannot.
    """
    if missing(FOR_ALL):
        raise ProcessorError(
            "This processor is too old for FerCam: it lacks SSE4.2, which processors have since "
            "about 2009; use another computer."
        )


def require_for_training() -> None:
    """Check that the processor can run TensorFlow.

    Raises:
        ProcessorError: it cannot.
    """
    if missing(FOR_TRAINING):
        raise ProcessorError(
            "This processor is too old for training: TensorFlow needs AVX, which processors have "
            "since about 2011; train on another computer and import the model here."
        )


def missing(instructions: tuple[str, ...]) -> list[str]:
    """Return those of the sets of instructions that are surely not there."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return []
    known = {name: _has(name) for name in instructions}
    return [name for name, there in known.items() if there is False]


def processor_name() -> str:
    """Return what the processor calls itself."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _has(name: str) -> bool | None:
    """Return whether the processor has it and the system allows it; None if nobody tells."""
    try:
        if sys.platform == "win32":
            number = _WINDOWS.get(name)
            return None if number is None else bool(_windows_feature(number))
        if sys.platform == "darwin":
            return None if name not in _MACS else _mac_feature(_MACS[name])
        return bool(_leaf_1_ecx() >> _LEAF_1_ECX[name] & 1)
    except (AttributeError, OSError, ValueError):
        return _in_cpuinfo(name)


@cache
def _leaf_1_ecx() -> int:
    """Return ECX of CPUID leaf 1, as far as the system lets it be used; from glibc 2.33 on.

    Not from /proc/cpuinfo, which speaks of the host where another processor is played.
    """
    import ctypes

    leaf = ctypes.CDLL("libc.so.6").__x86_get_cpuid_feature_leaf
    leaf.restype = ctypes.POINTER(ctypes.c_uint32 * 8)  # four registers there, four in use
    return int(leaf(0).contents[6])


def _windows_feature(number: int) -> int:
    import ctypes

    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    return int(kernel32.IsProcessorFeaturePresent(number))


def _mac_feature(name: str) -> bool:
    import ctypes

    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    system = ctypes.CDLL(None)
    failed = system.sysctlbyname(
        name.encode(), ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0)
    )
    if failed:
        raise OSError(name)
    return bool(value.value)


def _in_cpuinfo(name: str) -> bool | None:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    flags = next((line for line in lines if line.startswith("flags")), "")
    return name in flags.split() if flags else None
