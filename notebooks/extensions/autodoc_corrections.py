"""What autodoc finds, corrected: signs in docstrings, signatures of classes that extend mocks."""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import stringify_signature

__all__ = ["escaped", "own_signature", "setup"]

#: What stands in backticks, which is shown as it is.
LITERAL = re.compile(r"(``.+?``|`[^`]+`)")
FINAL_UNDERSCORE = re.compile(r"(?<![\w`])(\w*[A-Za-z0-9])_(?![\w`])")


def escaped(line: str) -> str:
    r"""Return a line of a docstring whose bars and final underscores mean themselves.

    >>> print(escaped("classes_ of |0⟩, as in ``classes_``"))
    classes\_ of \|0⟩, as in ``classes_``
    """
    parts = LITERAL.split(line)
    if line.lstrip().startswith((">>>", "...", "| ", "+-")):
        return line
    return "".join(
        part if index % 2 else FINAL_UNDERSCORE.sub(r"\1\\_", part).replace("|", r"\|")
        for index, part in enumerate(parts)
    )


def escape(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Escape the lines of a docstring in place, as a handler of autodoc."""
    lines[:] = map(escaped, lines)


def own_signature(
    app: Sphinx, what: str, name: str, value: Any, options: Any, signature: str, returns: str
) -> tuple[str, None] | None:
    """Return the signature of a class's own ``__init__`` in place of that of a mock.

    >>> class Layer:
    ...     def __init__(self, n_features: int, *, n_layers: int = 4): ...
    >>> own_signature(None, "class", "Layer", Layer, None, "(*args, **kwargs)", "")
    ('(n_features, *, n_layers=4)', None)
    """
    if what != "class" or signature != "(*args, **kwargs)" or "__init__" not in vars(value):
        return None
    own = inspect.signature(vars(value)["__init__"])
    parameters = list(own.parameters.values())[1:]  # without self
    shown = own.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return stringify_signature(shown, show_annotation=False), None


def setup(app: Sphinx) -> dict[str, Any]:
    """Correct docstrings and signatures as autodoc finds them."""
    app.connect("autodoc-process-docstring", escape, priority=400)
    app.connect("autodoc-process-signature", own_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
