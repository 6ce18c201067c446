"""FerCam: live facial expression recognition on a plain CPU."""

__version__ = "0.1.0"
