"""The house style: sizes, fonts and colours that readers with any colour vision tell apart (Okabe and Ito's)."""

import textwrap
from typing import Any

Json = dict[str, Any]

WIDTH, HEIGHT = 800, 450
#: What titles and axes take of the whole, in pixels; a picture of several panels divides what is left.
_BESIDE, _ABOVE = 80, 150

INK, QUIET, GRID = "#1a1a1a", "#595959", "#e3e3e3"
BLUE, SKY, GREEN, ORANGE, VERMILLION = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00"
#: Of what is not whole yet.
PALE_BLUE = "#8fc1de"
MOVEMENTS = {"new": GREEN, "expansion": SKY, "reactivation": BLUE, "contraction": ORANGE, "churn": VERMILLION}
#: From little to much, one hue, so that it also reads in grey.
SHADES = ("#f2f7fb", "#c6dcec", "#8fc1de", "#4a97c9", "#0b5c94", "#053a61")

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TITLE_CHARACTERS, _SUBTITLE_CHARACTERS = 74, 130

CONFIG: Json = {
    "background": "white",
    "font": FONT,
    "padding": {"left": 14, "right": 22, "top": 14, "bottom": 12},
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "align": "left",
        "color": INK,
        "fontSize": 18,
        "fontWeight": 600,
        "lineHeight": 22,
        "subtitleColor": QUIET,
        "subtitleFontSize": 12,
        "subtitleLineHeight": 15,
        "subtitlePadding": 6,
        "offset": 14,
        "limit": WIDTH - 36,
    },
    "axis": {
        "labelColor": QUIET,
        "labelFontSize": 11,
        "titleColor": QUIET,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "titleColor": QUIET, "orient": "top", "symbolType": "square"},
    "text": {"color": INK, "fontSize": 11, "font": FONT},
}


def titled(title: str, subtitle: str) -> Json:
    """A title and its subtitle, broken into lines that fit."""
    return {
        "text": textwrap.wrap(title, _TITLE_CHARACTERS, max_lines=2, placeholder=" …"),
        "subtitle": textwrap.wrap(subtitle, _SUBTITLE_CHARACTERS, max_lines=3, placeholder=" …"),
    }


def half_size(panels: int) -> Json:
    """Width and height of each of several panels that stand two in a row."""
    return {"width": 235, "height": (HEIGHT - 115) // -(-panels // 2) - 44}


def panel_size(panels: int) -> Json:
    """Width and height of each of several panels."""
    return {"width": WIDTH - _BESIDE, "height": (HEIGHT - _ABOVE - 34 * (panels - 1)) // panels}
