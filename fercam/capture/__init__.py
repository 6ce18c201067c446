"""Where frames come from: cameras, streams, files, pictures, the screen and the built-in demo."""

import os

# OpenCV reads these when it is loaded or first opens a camera: a camera that sends nothing must
# not block for 10 s, and hardware transforms let some Windows cameras take half a minute to open.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
