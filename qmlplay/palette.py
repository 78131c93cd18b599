"""The palette: every colour that pictures, pages and the playground share.

Colours of classes and models are those of Okabe and Ito, which colour-blind readers can tell
apart. Nothing is imported here, so that a page without matplotlib has the same colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "ACCENT",
    "CLASS_COLORS",
    "DARK_PAGE_COLORS",
    "GATE_COLORS",
    "KIND_COLORS",
    "LINK_ANYWHERE",
    "PAGE_COLORS",
    "GateColor",
    "class_color",
]

#: Colours of classes, in an order in which neighbours differ in lightness too.
CLASS_COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#666666",
    "#332288",
    "#882255",
)
#: Colours of the kinds of models in a comparison.
KIND_COLORS = MappingProxyType(
    {
        "quantum": CLASS_COLORS[0],
        "ablation": CLASS_COLORS[1],
        "hybrid": CLASS_COLORS[3],
        "classical": CLASS_COLORS[2],
    }
)
#: Curves and rules on light and on dark pages alike.
ACCENT = "#2B87C9"


@dataclass(frozen=True)
class GateColor:
    """Colours of one kind of gate.

    Parameters
    ----------
    fill, edge, ink : str
        Of the box, of the line around it, and of the letters in it.
    edge_width : float
        In points, for letters of 8 points.
    """

    fill: str
    edge: str
    edge_width: float = 1.4
    ink: str = "#000000"


#: Kind of gate, as in `qmlplay.circuit.picture`, to its colours.
GATE_COLORS = MappingProxyType(
    {
        "data": GateColor("#9ACDEE", CLASS_COLORS[0]),
        "scaled": GateColor("#9ACDEE", CLASS_COLORS[5], 2.8),
        "weight": GateColor("#F2B233", "#8A5A00"),
        "fixed": GateColor("#FFFFFF", "#333333"),
        "link": GateColor("#7A1F5C", "#7A1F5C"),
    }
)
#: The colour of links where the page may be light or dark.
LINK_ANYWHERE = "#B2559B"


#: The playground's page; each is a custom property of its style sheet, named as here.
#: Text: ink, quiet, accent, error. Grounds: ground of the page, surface of a card, raised, chosen,
#: error_ground, notice_ground. Lines: line, edge of a control, wire and link of a circuit. Maps:
#: plus and minus, for expectations of 1 and −1.
PAGE_COLORS = MappingProxyType(
    {
        "ink": "#1F2933",
        "quiet": "#52606D",
        "line": "#D3DAE1",
        "wire": "#9AA5B1",
        "edge": "#7B8794",
        "link": GATE_COLORS["link"].edge,
        "ground": "#F5F7FA",
        "surface": "#FFFFFF",
        "raised": "#E8EEF3",
        "chosen": "#DCEBF5",
        "accent": "#005A8C",
        "on_accent": "#FFFFFF",
        "focus": CLASS_COLORS[5],
        "error": "#A3211A",
        "error_ground": "#FDECEA",
        "notice_ground": "#E3F0F8",
        "plus": "#01766B",
        "minus": "#9A5A10",
    }
)
#: The same page in the dark.
DARK_PAGE_COLORS = MappingProxyType(
    {
        "ink": "#E6EDF3",
        "quiet": "#A9B4BF",
        "line": "#36414C",
        "wire": "#6B7885",
        "edge": "#84919E",
        "link": "#E08CC8",
        "ground": "#11161B",
        "surface": "#1A2129",
        "raised": "#2A343E",
        "chosen": "#173A52",
        "accent": "#7CC4F2",
        "on_accent": "#08131B",
        "focus": "#FF9A4D",
        "error": "#FFA79F",
        "error_ground": "#3B1714",
        "notice_ground": "#12314A",
        "plus": "#5FC7BA",
        "minus": "#E0A95C",
    }
)


def class_color(index: int) -> str:
    """Return the colour of class number `index`; they repeat after ten.

    Examples
    --------
    >>> class_color(0) == class_color(10) == CLASS_COLORS[0]
    True
    """
    return CLASS_COLORS[index % len(CLASS_COLORS)]
