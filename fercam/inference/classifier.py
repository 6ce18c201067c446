"""What every runtime can do."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray


class EmotionClassifier(ABC):
    """Runs a network on a batch of faces. One instance belongs to one thread."""

    @abstractmethod
    def classify(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, 7) probabilities in the order of `EMOTIONS` for faces (n, 48, 48) gray."""

    @abstractmethod
    def close(self) -> None:
        """Release the runtime; harmless when closed already."""
