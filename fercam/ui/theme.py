"""Colours, type and the style sheet of the window: dark, light and high contrast."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

SMALL_PX, BODY_PX, LARGE_PX = 13, 15, 20
CORNER_PX = 6


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb. Backgrounds step by lightness from `stage` (around the video) over
    `window` and `surface` to `raised` (what can be clicked) and `hover`."""

    name: str
    stage: str
    window: str
    surface: str
    raised: str
    hover: str
    grip: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    info: str
    on_info: str
    warning: str
    on_warning: str
    error: str
    on_error: str
    record: str


THEMES: dict[str, Theme] = {
    "dark": Theme(
        name="dark",
        stage="#0f1012",
        window="#17191d",
        surface="#1f2228",
        raised="#2a2e36",
        hover="#363b45",
        grip="#757c88",
        text="#e8eaed",
        quiet="#a9b0bb",
        accent="#6cb6ff",
        on_accent="#0a1826",
        info="#1d3147",
        on_info="#d3e7fc",
        warning="#3d3110",
        on_warning="#f8e3ad",
        error="#48211f",
        on_error="#ffd6d2",
        record="#ff8a7c",
    ),
    "light": Theme(
        name="light",
        stage="#d4d8de",
        window="#e8ebef",
        surface="#f4f5f7",
        raised="#ffffff",
        hover="#dde3ea",
        grip="#7c838e",
        text="#1a1d22",
        quiet="#4d545f",
        accent="#0b5cad",
        on_accent="#ffffff",
        info="#d6e7f9",
        on_info="#10304f",
        warning="#f8e9bd",
        on_warning="#4a3600",
        error="#f9d9d6",
        on_error="#611510",
        record="#b3261e",
    ),
    "contrast": Theme(
        name="contrast",
        stage="#000000",
        window="#000000",
        surface="#000000",
        raised="#000000",
        hover="#2b2b2b",
        grip="#e6e6e6",
        text="#ffffff",
        quiet="#e6e6e6",
        accent="#ffe14d",
        on_accent="#000000",
        info="#00264d",
        on_info="#ffffff",
        warning="#4d3d00",
        on_warning="#ffffff",
        error="#660000",
        on_error="#ffffff",
        record="#ff9d94",
    ),
}

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, paper) for ink in ("text", "quiet") for paper in ("stage", "window", "surface")),
    ("text", "raised"),
    ("text", "hover"),
    ("accent", "window"),
    ("on_accent", "accent"),
    ("on_info", "info"),
    ("on_warning", "warning"),
    ("on_error", "error"),
    *(("record", paper) for paper in ("raised", "hover")),
)
"""Which token is written on which; each pair has a contrast of at least 4.5 : 1, and of 7 : 1 in
the theme "contrast"."""


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two #rrggbb colours, 1..21, as WCAG 2 defines it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def system_theme() -> str:
    """Return the name of the theme that the system asks for; "dark" where it says nothing."""
    hints = QGuiApplication.styleHints()
    if hints is None:
        return "dark"
    accessibility = hints.accessibility()
    wish = Qt.ContrastPreference.NoPreference
    if accessibility is not None:
        wish = accessibility.contrastPreference()
    if wish == Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "light" if hints.colorScheme() == Qt.ColorScheme.Light else "dark"


def choose_theme(wanted: str, ask_system: Callable[[], str] = system_theme) -> Theme:
    """Return the theme called `wanted`; for anything else the one that the system asks for."""
    return THEMES[wanted if wanted in THEMES else ask_system()]


def font(size_px: int, strong: bool = False) -> QFont:
    """Return the system's font in one of the three sizes, with digits of equal width."""
    made = QFont(QApplication.font())
    made.setPixelSize(size_px)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return made


def restyle(*widgets: QWidget) -> None:
    """Draw widgets as a property that has changed says."""
    for widget in widgets:
        style = widget.style()
        if style is not None:
            style.unpolish(widget)
            style.polish(widget)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give every window of the program this theme."""
    palette = QPalette()
    role = QPalette.ColorRole
    for token, roles in (
        ("window", (role.Window,)),
        ("surface", (role.Base, role.AlternateBase)),
        ("raised", (role.Button, role.ToolTipBase)),
        ("text", (role.WindowText, role.Text, role.ButtonText, role.ToolTipText)),
        ("quiet", (role.PlaceholderText,)),
        ("accent", (role.Highlight, role.Link)),
        ("on_accent", (role.HighlightedText,)),
    ):
        for one in roles:
            palette.setColor(one, QColor(getattr(theme, token)))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(theme.quiet))
    app.setPalette(palette)
    style = _STYLE + (_CONTRAST_STYLE if theme.name == "contrast" else "")
    app.setStyleSheet(style.format(corner=CORNER_PX, **asdict(theme)))


_STYLE = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {hover}; padding: 4px; }}
QToolButton, QPushButton, QComboBox {{
    background: {raised}; color: {text}; border: 2px solid transparent;
    border-radius: {corner}px; padding: 4px; min-height: 20px; outline: none;
}}
QPushButton {{ padding: 4px 12px; }}
QPushButton#hold {{ padding: 4px 6px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QComboBox {{ padding: 4px 24px 4px 8px; combobox-popup: 0; }}
QToolButton:hover, QPushButton:hover, QComboBox:hover {{ background: {hover}; }}
QToolButton:focus, QPushButton:focus, QComboBox:focus {{ border-color: {accent}; }}
QToolButton:checked {{ background: {hover}; border-bottom-color: {accent}; }}
QToolButton#small {{ padding: 0 2px; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton:disabled, QPushButton:disabled, QComboBox:disabled, QLineEdit:disabled {{
    color: {quiet};
}}
QPushButton#start {{ background: {accent}; color: {on_accent}; }}
QPushButton#start[running="true"] {{ background: {raised}; color: {text}; }}
QPushButton#start[running="true"]:hover {{ background: {hover}; }}
QPushButton#start:disabled {{ background: {raised}; color: {quiet}; }}
QPushButton#start:focus {{ border-color: {text}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView, QMenu {{
    background: {raised}; color: {text}; border: 1px solid {hover};
    selection-background-color: {accent}; selection-color: {on_accent}; outline: none;
}}
QMenu::item {{ padding: 6px 16px 6px 28px; }}
QMenu::item:selected {{ background: {accent}; color: {on_accent}; }}
QMenu::item:disabled {{ color: {quiet}; }}
QMenu::indicator {{ left: 8px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: {window}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {grip}; border-radius: 4px; min-height: 24px; margin-left: 4px;
}}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle:horizontal {{
    background: {grip}; border-radius: 4px; min-width: 24px; margin-top: 4px;
}}
QScrollBar:focus {{ background: {raised}; }}
QScrollBar::handle:focus {{ background: {accent}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QListView {{
    background: transparent; color: {text}; border: 2px solid transparent;
    border-radius: {corner}px; outline: none; selection-background-color: {accent};
    selection-color: {on_accent};
}}
QListView:focus {{ border-color: {accent}; }}
QListView#moments {{ background: {surface}; }}
QListView#moments::item {{ padding: 4px; border-radius: 4px; }}
QListView#moments::item:hover {{ background: {hover}; }}
QListView#moments::item:selected {{ background: {accent}; color: {on_accent}; }}
QTableView {{
    background: {surface}; color: {text}; border: 2px solid transparent;
    border-radius: {corner}px; outline: none; selection-background-color: {accent};
    selection-color: {on_accent};
}}
QTableView:focus {{ border-color: {accent}; }}
QTableView::item {{ padding: 0 8px; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{
    background: {raised}; color: {text}; border: none; padding: 4px 8px;
}}
QFrame#card {{ background: {surface}; border-radius: {corner}px; }}
QFrame#card[chosen="true"] {{ border: 2px solid {accent}; }}
QLineEdit {{
    background: {raised}; color: {text}; border: 2px solid transparent; border-radius: {corner}px;
    padding: 2px 4px; placeholder-text-color: {quiet};
}}
QLineEdit:hover {{ background: {hover}; }}
QLineEdit:focus {{ border-color: {accent}; }}
QLineEdit#name {{ background: transparent; }}
QLineEdit QToolButton {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QLineEdit#name:hover {{ background: {hover}; }}
QLabel[quiet="true"] {{ color: {quiet}; }}
QFrame#banner {{ border-radius: {corner}px; }}
QFrame#banner[kind="info"] {{ background: {info}; }}
QFrame#banner[kind="info"] QLabel {{ color: {on_info}; }}
QFrame#banner[kind="warning"] {{ background: {warning}; }}
QFrame#banner[kind="warning"] QLabel {{ color: {on_warning}; }}
QFrame#banner[kind="error"] {{ background: {error}; }}
QFrame#banner[kind="error"] QLabel {{ color: {on_error}; }}
QFrame#rail {{ background: {surface}; }}
QFrame#rail QToolButton {{ background: transparent; padding: 4px 0; }}
QFrame#rail QToolButton:hover {{ background: {hover}; }}
QFrame#rail QToolButton:checked {{
    background: {hover}; border-left: 3px solid {accent}; border-bottom-color: transparent;
}}
QFrame#rail QToolButton:focus {{ border-color: {accent}; }}
QLabel#sign {{ background: {accent}; color: {on_accent}; padding: 4px 12px; }}
QSpinBox, QDoubleSpinBox {{
    background: {raised}; color: {text}; border: 2px solid transparent; border-radius: {corner}px;
    padding: 4px; min-height: 20px;
}}
QSpinBox:focus, QDoubleSpinBox:focus, QCheckBox:focus {{ border-color: {accent}; }}
QCheckBox {{ border: 2px solid transparent; border-radius: {corner}px; padding: 4px; }}
QCheckBox::indicator {{
    width: 14px; height: 14px; border: 2px solid {quiet}; border-radius: 4px;
    background: transparent;
}}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; }}
QSlider::groove:horizontal {{ background: {hover}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {accent}; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
}}
QSlider::handle:horizontal:focus {{ border: 2px solid {text}; }}
QProgressBar {{ background: {raised}; border: none; border-radius: 4px; max-height: 12px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 4px; }}
"""

_CONTRAST_STYLE = """
QToolButton, QPushButton, QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox, QFrame#card,
QFrame#rail {{
    border: 1px solid {text};
}}
QPushButton#start {{ border: 2px solid {accent}; }}
QToolButton:disabled, QPushButton:disabled, QPushButton#start:disabled, QComboBox:disabled,
QLineEdit:disabled {{
    border: 1px dashed {quiet};
}}
"""
