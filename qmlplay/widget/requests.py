"""Requests of the page: a closed list, every argument checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qmlplay.widget.data.upload_limits import MAX_BYTES
from qmlplay.widget.settings.configuration_strings import LONGEST
from qmlplay.widget.settings.drawn_points import drawn, erased
from qmlplay.widget.views.point import place_of

if TYPE_CHECKING:
    from qmlplay.widget.playground_widget import Playground

__all__ = ["answer"]

Content = Mapping[str, Any]
Buffers = Sequence[Any]

#: What is asked of tables, whose errors quote the words of the tables.
_OF_TABLES = ("upload", "target")


def answer(widget: Playground, content: Any, buffers: Buffers) -> None:
    """Do what a message of the page asks for; say in the page what is wrong with it."""
    try:
        _ACTIONS[str(content["action"])](widget, content, buffers)
        widget.take_back_error(_field(content))
    except (KeyError, AttributeError) as error:
        widget.say(f"the page asked for something unknown: {error}")
    except (ValueError, TypeError, OSError, ImportError, ArithmeticError, MemoryError) as error:
        field = _field(content)
        if field in _OF_TABLES:  # a column may be called n_layers
            widget.say(str(error) or type(error).__name__, field=field)
        else:
            widget.say_error(error, field=field)


def _field(content: Content) -> str:
    """Return beside which field of the page an error belongs: a setting, a weight, the action's."""
    if content["action"] == "weight":
        return f"weight {content['index']}"
    return str(content["name"] if content["action"] == "change" else content["action"])


def _text(content: Content, name: str, longest: int = 5_000) -> str:
    value = content[name]
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError(f"{name} must be text of at most {longest} characters")
    return value


def _change(widget: Playground, content: Content, buffers: Buffers) -> None:
    widget.change(**{_text(content, "name"): content["value"]})


def _upload(widget: Playground, content: Content, buffers: Buffers) -> None:
    name = _text(content, "name")
    if not buffers:
        megabytes = float(content["size"]) / 1e6
        raise ValueError(
            f"{name!r} has {megabytes:.1f} MB: the playground takes {MAX_BYTES / 1e6:.0f} MB; "
            "keep fewer rows or columns"
        )
    widget.load_file(name, bytes(buffers[0]))


def _experiment(widget: Playground, content: Content, buffers: Buffers) -> None:
    widget.load_experiment(_text(content, "name"), content.get("variant", 0))


def _draw(widget: Playground, content: Content, buffers: Buffers) -> None:
    label, x, y = content["label"], content["x"], content["y"]
    widget.redraw(lambda points: drawn(points, label, x, y))


def _erase(widget: Playground, content: Content, buffers: Buffers) -> None:
    if content.get("last") is True:
        widget.undo_drawing()
    elif content.get("all") is True:
        widget.redraw(lambda points: ())
    else:
        widget.redraw(lambda points: erased(points, content["x"], content["y"]))


def _simulators(widget: Playground, content: Content, buffers: Buffers) -> None:
    widget.compare_simulators(cancel=content.get("cancel") is True)


def _speed(widget: Playground, content: Content, buffers: Buffers) -> None:
    widget.speed = content["value"]


def _inspect(widget: Playground, content: Content, buffers: Buffers) -> None:
    widget.select(**place_of(content, widget.session.plane))


_ACTIONS: Mapping[str, Callable[[Playground, Content, Buffers], None]] = MappingProxyType(
    {
        "play": lambda widget, content, buffers: widget.play(),
        "pause": lambda widget, content, buffers: widget.pause(),
        "step": lambda widget, content, buffers: widget.step(),
        "cancel": lambda widget, content, buffers: widget.leave_step(),
        "reset": lambda widget, content, buffers: widget.reset(),
        "speed": _speed,
        "change": _change,
        "inspect": _inspect,
        "gate": lambda widget, content, buffers: widget.select(gate=content["index"]),
        "basis": lambda widget, content, buffers: widget.select(basis=content["value"]),
        "draw": _draw,
        "erase": _erase,
        "experiment": _experiment,
        "simulators": _simulators,
        "upload": _upload,
        "target": lambda widget, content, buffers: widget.choose_target(_text(content, "value")),
        "native": lambda widget, content, buffers: widget.write_native(_text(content, "framework")),
        "restore": lambda widget, content, buffers: widget.restore(_text(content, "text", LONGEST)),
        "weight": lambda widget, content, buffers: widget.set_weight(
            content["index"], content["value"]
        ),
        "entangler": lambda widget, content, buffers: widget.set_entangler(
            content["gate"], content["present"]
        ),
        "freeze": lambda widget, content, buffers: widget.freeze(
            content["index"], content["frozen"]
        ),
        "dismiss": lambda widget, content, buffers: widget.say(""),
        "alive": lambda widget, content, buffers: widget.watched(_text(content, "view")),
        "gone": lambda widget, content, buffers: widget.audience.gone(_text(content, "view")),
    }
)
