"""Every key and what it does, in one place: the help page is made from it."""

from dataclasses import dataclass

from fercam.ui.widgets.live_toolbar import VIEWS


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` in Qt's words, the first one shown; `words` say what it does."""

    keys: tuple[str, ...]
    words: str


SHORTCUTS: dict[str, tuple[Shortcut, ...]] = {
    "Live": (
        Shortcut(("Space",), "Freeze the picture, or go on"),
        Shortcut(("S",), "Snapshot: keep the picture and its numbers"),
        Shortcut(("R",), "Record a session, or stop and save it"),
        Shortcut(("B",), "Save the last seconds as a session"),
        Shortcut(("M",), "While recording: set a marker, with a word if you like"),
        Shortcut(("N",), "My neutral: learn the resting face of the chosen person"),
        *(Shortcut((key,), words) for words, key in VIEWS.values()),
        Shortcut(("Left", "Right"), "In a file, with the slider: a second back, a second on"),
    ),
    "Sessions": (
        Shortcut(("Enter",), "In the list and its search: open the session"),
        Shortcut(
            ("Delete",), "In the list: delete the sessions chosen; of markers: the one chosen"
        ),
        Shortcut(("Ctrl+Z",), "In the list: bring back what was deleted"),
        Shortcut(("Ctrl+F",), "In the list: search"),
        Shortcut(("Down",), "In the search: on to what was found"),
        Shortcut(("Alt+Left",), "Back to the list"),
        Shortcut(("Space",), "Play, or hold"),
        Shortcut(("Left", "Right"), "A frame back, a frame on"),
        Shortcut(("Shift+Left", "Shift+Right"), "A second back, a second on"),
        Shortcut(("M",), "Set a marker"),
        Shortcut(("F2",), "Rename the chosen marker"),
        Shortcut(("E",), "Leave out of the statistics from here; again: to here"),
        Shortcut(("+", "=", "-", "0"), "Zoom the lanes: in (both), out, show everything"),
        Shortcut(("O",), "Boxes and labels in the picture"),
        Shortcut(("A",), "Bars in the picture"),
        Shortcut(("P",), "Panel"),
    ),
    "Training": (
        Shortcut(("Alt+Left",), "Back to the list or the data set"),
        Shortcut(("Ctrl+Z",), "Bring back the samples that were deleted"),
        Shortcut(("Delete",), "Delete the samples chosen"),
        Shortcut(("Ctrl+Return",), "On the Train page: start training"),
        Shortcut(tuple("1234567"), "In My samples, held: keep faces as angry, disgust, …"),
    ),
    "Window": (
        Shortcut(("Ctrl+1",), "Live"),
        Shortcut(("Ctrl+2",), "Sessions"),
        Shortcut(("Ctrl+3",), "Training"),
        Shortcut(("Ctrl+4",), "Settings"),
        Shortcut(("F", "F11"), "Full screen"),
        Shortcut(("X",), "Compact: the picture alone"),
        Shortcut(("T",), "Always on top"),
        Shortcut(("Esc",), "Leave full screen and compact"),
        Shortcut(("?", "F1"), "This page"),
        Shortcut(("Ctrl+Q",), "Quit"),
    ),
}
