"""Ablations and hybrids in words: what entanglement is worth, and what is neither kind of model."""

from __future__ import annotations

from collections.abc import Mapping

from qmlplay.backends import list_backends
from qmlplay.compare.evidence.contest import Contest
from qmlplay.compare.evidence.leads import Lead, lead
from qmlplay.compare.evidence.statistics import Runs
from qmlplay.compare.setup import ABLATION, KERNEL
from qmlplay.framework_names import model_label

__all__ = ["about_entanglement", "about_hybrids", "lead_of"]

#: The column of `Comparison.runs` that tells whether anything can be entangled.
_GATES = "two_qubit_gates"


def lead_of(
    contest: Contest,
    one: tuple[str, Mapping[str, Runs]],
    other: tuple[str, Mapping[str, Runs]],
    leads: list[Lead],
) -> Lead | None:
    """Compare two models, each the best of its group, and add the lead to the others."""
    result = lead(*one, *other, contest.metric)
    leads += [result] if result is not None else []
    return result


def about_entanglement(contest: Contest, leads: list[Lead]) -> list[str]:
    """Compare the model without entangling ansatz with the same one that has it: with no kernel.

    Where its encoding entangles by itself, and perhaps with weights, that of the ansatz alone is
    left out.
    """
    group = contest.group("quantum")
    models = {name: runs for name, runs in group.items() if name != KERNEL}
    ablation = contest.best("ablation")
    if not models or not ablation:
        return []
    quantum = contest.best_of(models)
    return [_against_ablation(contest, quantum, models, ablation, leads)]


def _against_ablation(
    contest: Contest,
    quantum: str,
    models: Mapping[str, Runs],
    ablation: str,
    leads: list[Lead],
) -> str:
    ablations = contest.group("ablation")
    found = lead_of(contest, (quantum, models), (ablation, ablations), leads)
    who = model_label(quantum)
    if found is None:
        return f"{who} and {ablation} have no split in common, which leaves entanglement open."
    gates, kept = (contest.mean(name, _GATES) for name in (quantum, ablation))
    if gates == 0:
        return f"{who} has no two-qubit gates here: there is no entanglement to leave out."
    is_same_model = ablation == ABLATION and quantum in list_backends()
    if gates == kept and is_same_model:
        return f"{who} has two-qubit gates in its encoding alone: its ansatz has none to leave out."
    what = "trainable entanglement of the ansatz" if kept > 0 else "entanglement"
    scored = contest.scored(quantum, beside=ablation)
    scored = scored if is_same_model else f"{who} has {scored}"
    reached = contest.scored(ablation, beside=quantum)
    other = "the same model" if is_same_model else ablation
    text = f"without {what} {other}{_about_gates(ablation, kept)} reaches {reached}"
    interval = found.interval()
    if found.sign:
        does = "helps" if found.sign > 0 else "hurts"
        return f"{what} {does}: {text}, with it {scored}; {interval}."
    if found.is_equivalence:
        return f"{what} is not what helps: {text}, as good as with it; {interval}."
    return (
        f"{what} makes no clear difference: {text}, with it {scored}; {interval}: the test "
        "samples cannot tell them apart."
    )


def _about_gates(ablation: str, gates: float) -> str:
    """Return which two-qubit gates an ablation keeps; nothing where nobody knows of any."""
    if not gates > 0:
        return ""
    encoding = " of its encoding" if ablation == ABLATION else ""
    return f", which keeps {gates:,.0f} two-qubit gate{'s' * (gates != 1)}{encoding},"


def about_hybrids(contest: Contest, leads: list[Lead]) -> list[str]:
    """Put the best hybrid beside the best quantum and the best classical model, as neither."""
    hybrid = contest.best("hybrid")
    rivals = [(kind, contest.best(kind)) for kind in ("quantum", "classical")]
    if hybrid is None or not any(rival for _, rival in rivals):
        return []
    group = contest.group("hybrid")
    parts = []
    for kind, rival in rivals:
        if rival is None:
            continue
        found = lead_of(contest, (hybrid, group), (rival, contest.group(kind)), leads)
        if found:
            parts.append(f"to {model_label(rival)}, the best {kind} model: {found.interval()}")
    others = [name for name in group if name != hybrid]
    beside = f" (beside {', '.join(others)})" if others else ""
    text = (
        f"{hybrid}{beside} is a hybrid, neither quantum nor classical, and counts as none of them: "
        f"it reaches {contest.scored(hybrid)}"
    )
    return ["; ".join([text, *parts]) + "."]
