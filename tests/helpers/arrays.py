"""Array files (.npz) that somebody or something has damaged."""

import io
import zipfile

import numpy as np


def damaged_arrays(*names: str) -> list[bytes]:
    """Return array files of these arrays: one that cannot be unpacked, one whose arrays do not say
    what they are to the end.
    """
    whole = io.BytesIO()
    np.save(whole, np.zeros(9))
    packed = bytearray(_archive(names, whole.getvalue()))
    for name in names:
        file = f"{name}.npy".encode()
        packed[packed.index(file) + len(file)] = 0xFF  # no kind of block that there is
    header = b"{'descr': ("
    unsaid = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    return [bytes(packed), _archive(names, unsaid)]


def _archive(names: tuple[str, ...], content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()
