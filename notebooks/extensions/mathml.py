"""Formulas as MathML, which browsers draw by themselves: no script, no fonts, no network."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

__all__ = ["mathml", "setup"]

#: What authors write and the converter does not know, as what it knows.
REWRITTEN = [
    (re.compile(r"\\([td]?)frac\s*(\w)\s*(\w)"), r"\\\1frac{\2}{\3}"),
    (re.compile(r"\\dots(?![a-z])"), r"\\ldots"),
]


def mathml(formula: str, *, as_block: bool = False) -> str:
    """Return a formula of LaTeX as MathML.

    Raises
    ------
    ExtensionError
        If it holds what cannot be converted; the text is the formula.
    """
    for pattern, replacement in REWRITTEN:
        formula = pattern.sub(replacement, formula)
    try:
        return latex2mathml.tex2mathml(formula, as_block=as_block)
    except (MathError, SyntaxError) as error:
        raise ExtensionError(f"no MathML for the formula {formula!r}: {error}") from error


def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def visit_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own; a wide one scrolls by itself."""
    formula = mathml(node.astext(), as_block=True)
    writer.body.append(f'<div class="formula" tabindex="0">{formula}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Make this one of the ways in which formulas can be written."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
