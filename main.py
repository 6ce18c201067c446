"""Start FerCam: `python main.py` is the same as the installed command `fercam`."""

import sys

from fercam.cli import main

if __name__ == "__main__":
    sys.exit(main())
