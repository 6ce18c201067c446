"""Start FerCam: `python main.py` is the same as the installed command `fercam`."""

import multiprocessing
import sys

from fercam.cli import main

if __name__ == "__main__":
    multiprocessing.freeze_support()  # in the frozen program processes begin here
    sys.exit(main())
