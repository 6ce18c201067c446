"""The errors FerCam shows to people: each message says what happened and what to try."""


class FerCamError(Exception):
    """Base of every expected failure; its text is one plain sentence fit to be shown."""

    @property
    def user_message(self) -> str:
        """The sentence to show, on one line."""
        return " ".join(str(self).split())


class UsageError(FerCamError):
    """The command or a setting was used wrongly (exit status 2)."""


class SourceError(FerCamError):
    """A camera, file, folder or stream cannot be opened or read."""


class SourceLost(SourceError):
    """A live source that worked is gone (unplugged, stream ended); it may come back."""


class ModelError(FerCamError):
    """A model bundle is missing, damaged or does not fit."""


class DataError(FerCamError):
    """A data set holds nothing that can be used, or something that cannot be understood."""


class SessionError(FerCamError):
    """A session folder cannot be written or read."""


class TrainingError(FerCamError):
    """The training process failed."""


class FeedError(FerCamError):
    """A feed to other programs cannot be opened or stopped working."""


def reason_of(error: Exception) -> str:
    """Return the system's words for what went wrong with a file or a device."""
    return getattr(error, "strerror", None) or "unknown reason"
