"""What every face detector can do."""

from abc import ABC, abstractmethod

from fercam.core.values import Detection, Image


class FaceDetector(ABC):
    """Finds faces. One instance belongs to one thread."""

    @abstractmethod
    def detect(self, image: Image) -> list[Detection]:
        """Return the faces of a BGR image (H, W, 3), boxes clipped to it, best score first."""
