"""Lines of Python that train a model as a run of the playground went, or take its numbers over."""

from __future__ import annotations

from textwrap import dedent, fill

from qmlplay.widget.code.own_data_code import quoted
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.playing.run_course import STEPWISE, Course
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["training_code"]

_RATE = dedent("""\
    # The learning rate was changed on the way: step → rate from there on.
    rates = {}


    def learning_rate(step):
        return rates[max(start for start in rates if start <= step)]


    """)
_BEYOND = dedent("""\
    for _ in range({}):  # beyond the iterations that were planned
        model.partial_fit(X_train, y_train)
    """)


def training_code(configuration: Configuration, course: Course) -> str:
    """Return the lines after which `model` is trained.

    Parameters
    ----------
    configuration : Configuration
    course : Course
        How the run went; without steps, all iterations are made.

    Examples
    --------
    >>> print(training_code(Configuration(optimizer="sgd"), Course(steps=3, iterations=3)))
    model = VariationalClassifier(
        backend="numpy",
        encoding="angle_sum",
        ansatz="hardware_efficient_rxx",
        n_qubits=2,
        n_layers=4,
        shots=None,
        optimizer="sgd",
        learning_rate_init=0.1,
        max_iter=100,
        random_state=0,
        noise=None,
        n_iter_no_change=None,
        callbacks=[lambda state: state.step == 3],  # as far as the playground had come
    )
    model.fit(X_train, y_train)
    <BLANKLINE>
    """
    parameters = {name: quoted(v) for name, v in model_parameters(configuration).items()}
    if not course.can_be_fitted:
        return _with_numbers(parameters, course)
    parameters |= {"max_iter": str(course.planned)}
    before = after = ""
    if course.rates:
        parameters["learning_rate_init"] = repr(course.rates[0][1])
    if len(course.rates) > 1 and configuration.optimizer in STEPWISE:
        parameters["learning_rate_init"] = "learning_rate"
        before = _RATE.format(dict(course.rates))
    beyond = course.iterations - course.planned
    if beyond > 0 and course.continues_by == "partial_fit":
        after = _BEYOND.format(beyond)
    else:
        parameters["max_iter"] = str(max(course.planned, course.iterations))
        if course.steps:
            end = f"[lambda state: state.step == {course.steps}]"
            parameters["callbacks"] = f"{end},  # as far as the playground had come"
    return f"{before}{_model(parameters)}model.fit(X_train, y_train)\n{after}"


def _model(parameters: dict[str, str]) -> str:
    lines = [
        f"    {name}={value}{'' if '  #' in value else ','}\n" for name, value in parameters.items()
    ]
    return "model = VariationalClassifier(\n" + "".join(lines) + ")\n"


def _with_numbers(parameters: dict[str, str], course: Course) -> str:
    """Return the lines that take the numbers of this moment over."""
    told = (
        f"This run was steered: {'; '.join(course.unlike_fit)}. No call of fit does that, so the "
        "numbers that the playground shows now are written out here: the circuit's weights, then "
        "the readout's. Fitting, for one iteration, makes the circuit that they belong to."
    )
    comment = fill(told, 95, initial_indent="# ", subsequent_indent="# ")
    numbers = fill(
        ", ".join(map(repr, course.numbers)), 95, initial_indent="    ", subsequent_indent="    "
    )
    model = _model(parameters | {"max_iter": "1"})
    return (
        f"{model}model.fit(X_train, y_train)\n{comment}\nnumbers = [\n{numbers},\n]\n"
        "model = model.with_model(model.model_.with_numbers(numbers))\n"
    )
