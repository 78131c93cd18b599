"""Public names and signatures: whatever was there once stays, with all its parameters.

New names, and new parameters with a default, need no line here. After one was given up on purpose:

    python tests/test_public_names.py >tests/public_names.json
"""

from __future__ import annotations

import inspect
import json
import sys
from importlib import import_module
from pathlib import Path

import click

SNAPSHOT = Path(__file__).with_name("public_names.json")
#: All that their ``__all__`` names is public; `qmlplay.playground` is all of the widget.
MODULES = [
    "qmlplay",
    "qmlplay.ansatze",
    "qmlplay.backends",
    "qmlplay.backends.noise",
    "qmlplay.backends.testing",
    "qmlplay.baselines",
    "qmlplay.callbacks",
    "qmlplay.circuit",
    "qmlplay.classifier",
    "qmlplay.cli",
    "qmlplay.compare",
    "qmlplay.datasets",
    "qmlplay.diagnostics",
    "qmlplay.encodings",
    "qmlplay.html",
    "qmlplay.ibm",
    "qmlplay.interop",
    "qmlplay.kernels",
    "qmlplay.mitigation",
    "qmlplay.plots",
    "qmlplay.tables",
    "qmlplay.training",
]
#: What README, notebooks and examples import besides.
OTHERS = ["qmlplay.ibm.errors.BudgetError", "qmlplay.ibm.store.folder"]


def parameters(function, *, skip_first=False):
    """Return the parameters as they are written, without their types."""
    found = []
    has_star = False
    for parameter in list(inspect.signature(function).parameters.values())[int(skip_first) :]:
        if parameter.kind is parameter.KEYWORD_ONLY and not has_star:
            found.append("*")
            has_star = True
        has_star |= parameter.kind is parameter.VAR_POSITIONAL
        default = parameter.default
        if default is not parameter.empty:
            is_literal = isinstance(default, bool | int | float | str | tuple | None)
            default = repr(default) if is_literal else "..."
            found.append(f"{parameter.name}={default}")
        else:
            stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
            found.append(stars.get(parameter.kind, "") + parameter.name)
    return found


def is_ours(kind):
    return kind.__module__.split(".")[0] == "qmlplay"


def methods(kind):
    """Yield the public methods and properties of a class that are defined in qmlplay."""
    classes = [base for base in kind.__mro__ if is_ours(base)]
    for name in sorted({name for base in classes for name in vars(base) if name[0] != "_"}):
        member = inspect.getattr_static(kind, name)
        if isinstance(member, staticmethod | classmethod):
            yield name, parameters(getattr(kind, name))
        elif inspect.isfunction(member):
            yield name, parameters(member, skip_first=True)
        else:
            yield name, None


def options(group, name):
    """Yield every command with its arguments and options."""
    for part, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from options(command, f"{name} {part}")
        else:
            texts = [text for p in command.params for text in (*p.opts, *p.secondary_opts)]
            yield f"{name} {part}", sorted(texts)


def described(name, value):
    """Yield a name's lines: its own, and those of its methods or commands."""
    if isinstance(value, click.Group):
        yield from options(value, "$ qmlplay")
    elif inspect.isclass(value) and is_ours(value):
        yield name, None if issubclass(value, Exception) else parameters(value)
        yield from ((f"{name}.{method}", found) for method, found in methods(value))
    elif inspect.isfunction(value):
        yield name, parameters(value)
    else:
        yield name, None


def public_names():
    """Return name → parameters, or None where it takes none."""
    names = [f"{module}.{name}" for module in MODULES for name in import_module(module).__all__]
    found = {}
    for name in sorted({*names, *OTHERS}):
        module, _, last = name.rpartition(".")
        found.update(described(name, getattr(import_module(module), last)))
    return found


def lost(before, after):
    """Return what of a signature or of a command's options is gone, or newly demanded."""
    if before is None or after is None:
        return [] if before == after else [f"{before} became {after}"]
    # A parameter that was demanded may have got a default.
    after = [name if (name := text.split("=")[0]) in before else text for text in after]
    gone = [text for text in before if text not in after]
    demanded = [text for text in after if text not in before and text.isidentifier()]
    positional = before[: before.index("*")] if "*" in before else before
    is_moved = not gone and after[: len(positional)] != positional
    is_command = any(text.startswith("--") for text in before)
    return gone + demanded + (["the order"] if is_moved and not is_command else [])


def test_nothing_public_is_lost():
    before, now = json.loads(SNAPSHOT.read_text(encoding="utf-8")), public_names()
    missing = sorted(before.keys() - now.keys())
    assert missing == []
    changed = {name: lost(before[name], now[name]) for name in before}
    assert {name: what for name, what in changed.items() if what} == {}


def test_a_loss_is_seen():
    before = ["data", "target=None", "*", "seeds=5"]
    assert lost(before, before) == []
    assert lost(before, ["data", "target=None", "more=1", "*", "seeds=5", "new=None"]) == []
    assert lost(before, ["data=None", "target=None", "*", "seeds=5"]) == []
    assert lost(before, ["data", "target=None", "*"]) == ["seeds=5"]
    assert lost(before, ["data", "target=None", "*", "seeds=3"]) == ["seeds=5"]
    assert lost(before, ["data", "needed", "target=None", "*", "seeds=5"]) == [
        "needed",
        "the order",
    ]
    assert lost(["--seeds"], ["--out", "--seeds"]) == []
    assert lost(["--out", "--seeds"], ["--seeds"]) == ["--out"]
    assert lost(None, None) == []
    assert lost(["x"], None) != []


if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in public_names().items()]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")
