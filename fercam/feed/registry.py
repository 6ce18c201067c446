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
"""Each is made with its port, which those without ports ignore."""
