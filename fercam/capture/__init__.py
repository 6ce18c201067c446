"""Where frames come from: cameras, streams, files, pictures and the built-in demo."""

import os

# OpenCV reads these when it first needs them; what the user has set already stands.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
# A camera that stops sending blocks a read for this long (10 s unless told otherwise).
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
# With hardware transforms some Windows cameras take half a minute to open.
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
