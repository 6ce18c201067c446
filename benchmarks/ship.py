"""Puts retrained models where FerCam ships them: ship.py BUNDLE [BUNDLE ...]

The cards get what only the makers of FerCam can say of these models; assets/check is made anew
(check_faces.py).
"""

import shutil
import sys
from pathlib import Path

import check_faces

from fercam import paths
from fercam.inference.bundle import change_card, read_card

LICENCE = (
    "GPL-3.0-or-later. The training pictures may have terms of their own: FER2013 is for research."
)
WEAK = "Worse on fear, anger, sadness and disgust than on the rest."


def main(bundles: list[Path]) -> None:
    for bundle in bundles:
        shipped = paths.resource_dir("models") / bundle.name
        shutil.copytree(bundle, shipped, dirs_exist_ok=True)
        change_card(shipped, licence=LICENCE, limits=f"{read_card(shipped).limits} {WEAK}")
    check_faces.main()


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
