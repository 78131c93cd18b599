"""Templates of HTML, filled in with values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from qmlplay.palette import ACCENT, GATE_COLORS, KIND_COLORS, LINK_ANYWHERE

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


def render(template: str, **values: Any) -> str:
    """Return a template with its values in it, every text escaped.

    Parameters
    ----------
    template : str
        A file in ``qmlplay/html/templates``.
    **values
        All that the template names; a missing one is an error, not a gap.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> row = {"name": "<b>", "text": "1 & 2", "is_automatic": False}
    >>> "<dt>&lt;b&gt;</dt>" in render("facts.html", facts=[row])
    True
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("qmlplay.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "accent": ACCENT,
        "gate_colors": GATE_COLORS,
        "kind_colors": KIND_COLORS,
        "link": LINK_ANYWHERE,
    }
    return environment
