"""The feeds there are, by name."""

from fercam.feed.feed import Feed
from fercam.feed.lsl_feed import LslFeed
from fercam.feed.osc_feed import OscFeed
from fercam.feed.virtual_camera_feed import VirtualCameraFeed
from fercam.feed.websocket_feed import WebSocketFeed

FEEDS: dict[str, type[Feed]] = {
    "websocket": WebSocketFeed,
    "osc": OscFeed,
    "lsl": LslFeed,
    "virtual-camera": VirtualCameraFeed,
}
"""Each is made with its port; see `Feed.default_port`."""


def available() -> dict[str, str | None]:
    """Return for each name None, or the sentence why that feed cannot be used here."""
    return {name: kind.unavailable() for name, kind in FEEDS.items()}
