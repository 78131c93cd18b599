"""The study on the command line: ``python -m qmlplay.examples.study --quick``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from qmlplay.examples.study.study_page import page, picture, sentences
from qmlplay.examples.study.suite import QUICK, SUITE
from qmlplay.examples.study.trials import DEFAULT, MODELS, RIVALS, VARIANTS, Trial, run, summary


def main(arguments: list[str] | None = None) -> None:
    """Run the trials, print their summary, and write the page."""
    options = _parser().parse_args(arguments)
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    tables = options.tables or (QUICK if options.quick else list(SUITE))
    models = [DEFAULT, *VARIANTS, *RIVALS] if options.validate else _with_rivals(options.models)
    seeds = range(1 if options.quick else options.seeds)
    done = list(_stored(folder)) if options.resume else []
    trials = [trial for trial in done if trial.table in tables]
    known = {(trial.table, trial.model, trial.seed) for trial in done}
    work = [(t, m, s) for s in seeds for t in tables for m in models if (t, m, s) not in known]
    with (folder / "trials.jsonl").open("a" if options.resume else "w", encoding="utf-8") as file:
        for trial in run(work, validates=options.validate, n_jobs=options.jobs):
            trials.append(trial)
            print(json.dumps(asdict(trial)), file=file, flush=True)
    shown = [DEFAULT, *VARIANTS] if options.validate else [DEFAULT]
    for model in shown:
        result = summary(trials, model)
        print(f"{model}\n{result.round(3).to_string()}\n")
        for sentence in sentences(result):
            print(sentence)
    result = summary(trials)
    picture(result).savefig(folder / "study.png", dpi=120)
    (folder / "study.html").write_text(page(result, trials), encoding="utf-8")
    print(f"Written to {folder}: trials.jsonl, study.png, study.html")


def _with_rivals(models: list[str] | None) -> list[str]:
    """Return the models to run, with those that all are compared with."""
    return list(dict.fromkeys([*(models or MODELS), DEFAULT, *RIVALS]))


def _stored(folder: Path) -> list[Trial]:
    path = folder / "trials.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Trial(**json.loads(line)) for line in lines]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The default model on many tables.")
    parser.add_argument("--quick", action="store_true", help="four small tables, one seed")
    parser.add_argument("--validate", action="store_true", help="settings, in training parts only")
    parser.add_argument("--tables", nargs="*", choices=list(SUITE), help="some of the tables")
    parser.add_argument(
        "--models",
        nargs="*",
        choices=list(MODELS),
        help="some of the models, beside the default and its rivals",
    )
    parser.add_argument("--seeds", type=int, default=5, help="number of divisions")
    parser.add_argument("--jobs", type=int, default=1, help="trials at once")
    parser.add_argument("--resume", action="store_true", help="go on with trials.jsonl")
    parser.add_argument("--output", default="qmlplay-study", help="folder for the results")
    return parser


if __name__ == "__main__":
    main()
