"""Training faces changed at random on the GPU: what `fercam.training.engine.augment` does with
OpenCV, for all faces of a batch at once."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from fercam.detection.crop import FACE_PX
from fercam.training.engine.augment import (
    BLUR_PX,
    BLURRED,
    COMPRESSED,
    CONTRAST,
    DIM,
    DIMMED,
    ERASED,
    ERASED_PX,
    GAMMA,
    GRAIN,
    JPEG_QUALITY,
    LIT,
    OFFSET,
    SCALE,
    SHIFT_PX,
    SHRUNK,
    SHRUNK_PX,
    TURN_DEG,
)

BLURS = 8
# the luminance table of JPEG (ITU-T T.81, table K.1)
_JPEG = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


def changed(faces: Array, key: Array) -> Array:
    """Return changed copies of faces (n, 48, 48) of 0..255, float32 in and out."""
    keys = jax.random.split(key, len(_CHANGES) + 1)
    flaw = jax.random.uniform(keys[-1], (len(faces),))
    for (change, low, high), own in zip(_CHANGES, keys[:-1], strict=True):
        new = change(faces, own)
        faces = jnp.where(((flaw >= low) & (flaw < high))[:, None, None], new, faces)
    return jnp.round(jnp.clip(faces, 0, 255))


def _between(key: Array, low: float, high: float, n: int) -> Array:
    return jax.random.uniform(key, (n,), minval=low, maxval=high)


def _moved(faces: Array, key: Array) -> Array:
    """Mirrored, turned, scaled and shifted, what was outside filled with the border."""
    n = len(faces)
    keys = jax.random.split(key, 5)
    angle = jnp.deg2rad(_between(keys[0], -TURN_DEG, TURN_DEG, n))[:, None]
    scale = _between(keys[1], *SCALE, n)[:, None]
    mirrored = jnp.where(jax.random.bernoulli(keys[2], 0.5, (n,)), -1.0, 1.0)[:, None]
    centre = (FACE_PX - 1) / 2
    rows, columns = jnp.indices((FACE_PX, FACE_PX)).reshape(2, -1) - centre
    y = rows - _between(keys[3], -SHIFT_PX, SHIFT_PX, n)[:, None]
    x = columns - _between(keys[4], -SHIFT_PX, SHIFT_PX, n)[:, None]
    from_y = (jnp.sin(angle) * x + jnp.cos(angle) * y) / scale + centre
    from_x = mirrored * (jnp.cos(angle) * x - jnp.sin(angle) * y) / scale + centre
    return _sampled(faces, from_y, from_x)


def _sampled(faces: Array, y: Array, x: Array) -> Array:
    """Return faces at places (n, 48 * 48), between pixels by bilinear interpolation."""
    y, x = (jnp.clip(place, 0, FACE_PX - 1) for place in (y, x))
    top, left = (jnp.minimum(jnp.floor(place), FACE_PX - 2) for place in (y, x))
    down, right = y - top, x - left
    at = (top * FACE_PX + left).astype(jnp.int32)
    flat = faces.reshape(len(faces), -1)

    def pixel(offset: int) -> Array:
        return jnp.take_along_axis(flat, at + offset, axis=1)

    upper = (1 - right) * pixel(0) + right * pixel(1)
    lower = (1 - right) * pixel(FACE_PX) + right * pixel(FACE_PX + 1)
    return ((1 - down) * upper + down * lower).reshape(faces.shape)


def _lit(faces: Array, key: Array) -> Array:
    """Some with other brightness, contrast and gamma, some of these in low light."""
    n = len(faces)
    keys = jax.random.split(key, 8)
    contrast, offset, gamma, dim, grain = (
        _between(own, *limits, n)[:, None, None]
        for own, limits in zip(keys[:5], (CONTRAST, OFFSET, GAMMA, DIM, GRAIN), strict=True)
    )
    light = jnp.clip((faces - 128) * contrast + 128 + offset, 0, 255)
    light = 255 * (light / 255) ** gamma
    noise = jax.random.normal(keys[5], faces.shape) * grain
    dark = jax.random.bernoulli(keys[6], DIMMED, (n, 1, 1))
    light = jnp.clip(jnp.where(dark, light * dim + noise, light), 0, 255)
    return jnp.where(jax.random.bernoulli(keys[7], LIT, (n, 1, 1)), light, faces)


def _unsharp(matrices: np.ndarray, faces: Array, key: Array) -> Array:
    """Return faces with one of some (48, 48) matrices applied to their rows and columns."""
    chosen = jnp.asarray(matrices, jnp.float32)[
        jax.random.randint(key, (len(faces),), 0, len(matrices))
    ]
    return jnp.einsum("nij,njk,nlk->nil", chosen, faces, chosen)


def _blurred(faces: Array, key: Array) -> Array:
    return _unsharp(_BLURRING, faces, key)


def _shrunk(faces: Array, key: Array) -> Array:
    return _unsharp(_SHRINKING, faces, key)


def _compressed(faces: Array, key: Array) -> Array:
    """Return faces as JPEG leaves them."""
    n, blocks = len(faces), FACE_PX // 8
    quality = jnp.floor(_between(key, *JPEG_QUALITY, n))
    scale = jnp.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    steps = jnp.clip(jnp.floor((_JPEG * scale[:, None, None] + 50) / 100), 1, 255)
    steps = steps[:, None, None]
    tiles = (faces - 128).reshape(n, blocks, 8, blocks, 8).transpose(0, 1, 3, 2, 4)
    waves = _COSINES @ tiles @ _COSINES.T
    tiles = _COSINES.T @ (jnp.round(waves / steps) * steps) @ _COSINES
    return tiles.transpose(0, 1, 3, 2, 4).reshape(faces.shape) + 128


def _erased(faces: Array, key: Array) -> Array:
    """Return faces of which some have a rectangle covered."""
    n = len(faces)
    keys = jax.random.split(key, 4)
    sides = jax.random.randint(keys[0], (2, n, 1, 1), *ERASED_PX)
    corner = jnp.floor(jax.random.uniform(keys[1], (2, n, 1, 1)) * (FACE_PX - sides))
    place = jnp.indices((FACE_PX, FACE_PX))[:, None]
    inside = jnp.all((place >= corner) & (place < corner + sides), axis=0)
    inside &= jax.random.bernoulli(keys[2], ERASED, (n, 1, 1))
    return jnp.where(inside, jax.random.randint(keys[3], (n, 1, 1), 0, 256), faces)


def _shrinking(side: int) -> np.ndarray:
    """Return the matrix that shrinks a row of pixels by area and enlarges it again."""
    edges = np.linspace(0, FACE_PX, side + 1)
    pixel = np.arange(FACE_PX)
    covered = np.clip(
        np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel), 0, None
    )
    down = covered / covered.sum(axis=1, keepdims=True)
    place = np.clip((pixel + 0.5) * side / FACE_PX - 0.5, 0, side - 1)
    up = np.maximum(1 - np.abs(place[:, None] - np.arange(side)), 0)
    return up @ down


def _blurring(sigma: float) -> np.ndarray:
    pixel = np.arange(FACE_PX)
    spread = np.zeros((FACE_PX, FACE_PX))
    for offset in range(-4, 5):
        mirrored = np.abs(pixel + offset)  # OpenCV's own border
        mirrored = np.where(mirrored < FACE_PX, mirrored, 2 * (FACE_PX - 1) - mirrored)
        spread[pixel, mirrored] += np.exp(-(offset**2) / (2 * sigma**2))
    return spread / spread.sum(axis=1, keepdims=True)


_SHRINKING = np.stack([_shrinking(side) for side in range(*SHRUNK_PX)])
_BLURRING = np.stack([_blurring(sigma) for sigma in np.linspace(*BLUR_PX, BLURS)])
_COSINES = np.cos(np.pi * np.arange(8)[:, None] * (2 * np.arange(8) + 1) / 16) / 2
_COSINES[0] /= np.sqrt(2)

# each with the part of all faces that gets it, by one number of 0..1 for each face
_CHANGES = (
    (_moved, 0, 1),
    (_lit, 0, 1),
    (_blurred, 0, BLURRED),
    (_shrunk, BLURRED, SHRUNK),
    (_compressed, SHRUNK, COMPRESSED),
    (_erased, 0, 1),
)
