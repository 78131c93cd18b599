"""Ablations and hybrids in words: what entanglement is worth, and what is neither kind of model."""

from __future__ import annotations

from collections.abc import Mapping

from qmlplay.compare.evidence.contest import Contest
from qmlplay.compare.evidence.leads import Lead, lead
from qmlplay.compare.evidence.statistics import Runs
from qmlplay.compare.setup import ABLATION, KERNEL

__all__ = ["about_entanglement", "about_hybrids", "lead_of"]


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
    """Compare the model without entanglement with the same one that has it: with no kernel."""
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
    if found is None:
        return f"{quantum} and {ablation} have no split in common, which leaves entanglement open."
    scored = contest.scored(quantum, beside=ablation)
    who = "the same model" if ablation == ABLATION else ablation
    text = f"without entanglement {who} reaches {contest.scored(ablation, beside=quantum)}"
    interval = found.interval()
    sign = found.sign
    if sign > 0:
        return f"entanglement helps: {text}, with it {scored}; {interval}."
    if sign < 0:
        return f"entanglement hurts: {text}, with it {scored}; {interval}."
    if found.is_equivalence:
        return f"entanglement is not what helps: {text}, as good as with it; {interval}."
    return (
        f"entanglement makes no clear difference: {text}, with it {scored}; {interval}: the test "
        "samples cannot tell them apart."
    )


def about_hybrids(contest: Contest, leads: list[Lead]) -> list[str]:
    """Put the best hybrid beside the best quantum and the best classical model, as neither."""
    hybrid = contest.best("hybrid")
    rivals = [(kind, contest.best(kind)) for kind in ("quantum", "classical")]
    if hybrid is None or not any(rival for _, rival in rivals):
        return []
    group = contest.group("hybrid")
    parts = []
    for kind, rival in rivals:
        found = rival and lead_of(contest, (hybrid, group), (rival, contest.group(kind)), leads)
        if found:
            parts.append(f"to {rival}, the best {kind} model: {found.interval()}")
    others = [name for name in group if name != hybrid]
    beside = f" (beside {', '.join(others)})" if others else ""
    text = (
        f"{hybrid}{beside} is a hybrid, neither quantum nor classical, and counts as none of them: "
        f"it reaches {contest.scored(hybrid)}"
    )
    return ["; ".join([text, *parts]) + "."]
