"""compare(): the same splits for every model, and one honest table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from os import PathLike
from time import perf_counter
from typing import Any

from joblib import effective_n_jobs
from sklearn.utils import Bunch

from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.compare.comparison import Comparison
from qmlplay.compare.kept_runs import FittedModels, RunFolder
from qmlplay.compare.logged_runs import check_track, logged_to
from qmlplay.compare.reports import runs_table
from qmlplay.compare.running import (
    WORTH_SAYING,
    Forecast,
    Lineup,
    ModelRun,
    TrainEverywhere,
    check_train_everywhere,
    make_forecast,
    parity_table,
    run_all,
)
from qmlplay.compare.setup import (
    TASKS,
    Candidate,
    LearningTask,
    Models,
    check_kinds,
    check_models,
    check_rows,
    check_seeds,
    first_splits,
    lineup,
    list_models,
    make_splits,
    prototype_of,
)
from qmlplay.progress import announce, check_verbose

__all__ = ["Candidate", "compare", "list_models"]


def compare(
    data: Any = "moons",
    target: Any = None,
    *,
    separator: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    task: str = "auto",
    models: Models = None,
    kinds: Mapping[str, str] | None = None,
    classifier: VariationalClassifier | None = None,
    regressor: VariationalRegressor | None = None,
    seeds: int | Sequence[int] = 3,
    test_size: float = 0.3,
    cv: Any = None,
    n_jobs: int | None = None,
    train_everywhere: TrainEverywhere = "auto",
    resume: str | PathLike[str] | None = None,
    track: bool | str = False,
    verbose: int | str = "auto",
) -> Comparison:
    """Train models on the same splits of the same data and put them side by side.

    Parameters
    ----------
    data : str, list of str, (X, y), X, DataFrame, path of a table, or Bunch
        One or several datasets of the same task; generated ones are drawn anew for every seed.
    target : str or array-like of shape (n_samples,), optional
        The column with the labels or numbers to predict, for a DataFrame or a file; by default
        one called target, class, label, species or the like, else the last one. Or these
        themselves: ``compare(X, y)``.
    separator, drop, features, keep : optional
        How a file or a DataFrame is read, see `qmlplay.tables.read_table`.
    task : {"auto", "classification", "regression"}, default="auto"
        Whether classes are told apart or numbers are predicted. "auto" takes a dataset's own
        task. Of other data, text and truth values are classes; decimals are numbers, unless they
        are up to 10, each in many rows; whole numbers are classes up to 20 different ones, or
        where they are equally frequent, and numbers where most rows have different ones. Where
        that may be doubted, the verdict says what was taken for what.
    models : list of str and estimators, or dict of str to estimator, optional
        Which models: names of `list_models` and unfitted estimators of your own, in one list:
        ``["numpy", XGBClassifier(), ("deep", XGBClassifier(max_depth=9))]``. An estimator without
        a name is called after its class, and after what makes it different where several are of
        one class. A dict (name in the table → estimator) holds estimators only. A classifier of
        yours that knows no labels but 0, 1, … gets these in place of text. By default the quantum
        model on every installed backend, the same without entanglement, and all classical
        baselines.
    kinds : dict of str to str, optional
        What your own models are: name in the table → "quantum", "ablation" (a quantum model
        without what is thought to matter), "classical" or "hybrid". Otherwise that is found out:
        quantum where one of qmlplay's quantum models is inside, hybrid where one of its layers
        is. A hybrid is never counted as quantum or as classical: the verdict has a line for it.
    classifier : VariationalClassifier, optional
        The quantum model's settings for classes; the defaults if left out.
    regressor : VariationalRegressor, optional
        The same for a regression.
    seeds : int or list of int, default=3
        How many repetitions, or the seeds themselves. A seed decides the data where they are
        generated, the split, and the models' random numbers. With `cv` a number of them does
        not count, see there.
    test_size : float, default=0.3
        Share of the samples that is held out, in (0, 1); `cv` decides that by itself.
    cv : int, splitter of scikit-learn, or iterable of (train, test), optional
        Cross-validation in place of one split per seed: how many shuffled folds (stratified where
        there are classes); a
        splitter such as ``RepeatedStratifiedKFold(...)``; or the row numbers of both parts of
        each split. All of it is done once, with seed 0, or once for every seed of a list: fold i
        of n has the seed n · seed + i.
    n_jobs : int, optional
        Processes; with more than one, seconds are no longer those of a quiet machine. Each
        trains its models on one thread. By default what ``joblib.parallel_config`` says, so that
        ``with parallel_config(backend="dask"):`` around it sends models to a cluster, else one.
    train_everywhere : bool or "auto", default="auto"
        Whether the quantum model is trained on each simulator that is named. Otherwise the one
        that is fastest on a timed step trains it, and the others evaluate its weights: their rows
        have no fit time, ``trained_on`` names the simulator, and the verdict says so. "auto" does
        that where the whole comparison would take more than 30 s (see `Comparison.forecast`).
        Models of your own are always trained as they are.
    resume : str or path-like, optional
        A folder in which every finished run (a model on a split) is kept as soon as it is done,
        and from which the same call goes on after it was stopped in whatever way: nothing that
        was finished is done again, and the result is that of a call that was never stopped, with
        the seconds that were measured then. More seeds, models and datasets may come; other data
        or settings are refused. (Functions and classes of your own are told apart by their names:
        nobody notices that their code has changed.) Of fitted models only qmlplay's own are kept;
        `Comparison.fitted` trains another one again when it is asked for, as a picture does.
        Callbacks, `n_jobs` and `verbose` may change.
    track : bool or str, default=False
        Whether to log to MLflow, to the tracking URI that is set there: a run with table, verdict
        and pictures, and inside it one per model, dataset and seed with parameters, scores and
        losses, as soon as it is done. A text is the name of the experiment. What a server that is
        down does not take is kept, see `qmlplay.mlflow.send`.
    verbose : int or "auto", default="auto"
        "auto" says beforehand what the comparison takes, where that is more than a few seconds,
        and shows a progress bar in a terminal or a notebook, elsewhere a line of text every ten
        seconds, all on standard error; 0 shows nothing, and 1 a bar in any case.

    Returns
    -------
    Comparison
        With the table, every run, the parity receipt and a verdict in plain words. Ctrl-C leaves
        what is done by then.

    Raises
    ------
    TypeError, ValueError
        If the data, a name or a number is not allowed. A model that fails is reported in its
        row, and the others go on. If `resume` is the folder of another comparison, or in use.
    OSError
        If nothing can be written to `resume`.
    KeyboardInterrupt
        If Ctrl-C came before the first model was done.
    RuntimeError
        If a worker lacked qmlplay, or died over a model several times, before the first model was
        done; later that is a warning, and what is done by then is there.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, compare
    >>> result = compare(
    ...     "moons",
    ...     models=["numpy", "logistic_regression"],
    ...     classifier=VariationalClassifier(max_iter=2),  # quick, not good
    ...     seeds=1,
    ... )
    >>> result.table[["model", "kind", "n_parameters", "status"]]
                     model       kind  n_parameters status
    0                numpy    quantum            31     ok
    1  logistic_regression  classical             3     ok
    >>> bool(result.table["test_accuracy"].between(0, 1).all())
    True
    >>> from sklearn.svm import SVC
    >>> compare("moons", models=["logistic_regression", SVC()], seeds=1).table["model"].tolist()
    ['logistic_regression', 'SVC']
    >>> result = compare("diabetes", models=["ridge", "dummy"], cv=5)  # a regression
    >>> result.table[["model", "test_r2", "mae", "rmse"]].round(2)
       model  test_r2    mae   rmse
    0  ridge     0.49  44.27  54.49
    1  dummy    -0.00  65.79  76.93
    """
    check_verbose(verbose)
    check_train_everywhere(train_everywhere)
    check_track(track)
    context = nullcontext() if resume is None else RunFolder(resume)
    seed_list = check_seeds(seeds, cv)
    options = {"separator": separator, "drop": drop, "features": features, "keep": keep}
    splits = make_splits(data, target, seed_list, test_size, cv, options, task)
    of_task = TASKS[splits[0].task]
    chosen = check_models(models, of_task)
    own_kinds = check_kinds(kinds, chosen)
    prototype = prototype_of(of_task, classifier, regressor)
    lineups = [(split, lineup(chosen, prototype, split, own_kinds)) for split in splits]
    check_rows(lineups)
    plan = partial(
        make_forecast,
        lineups,
        train_everywhere=train_everywhere,
        n_jobs=effective_n_jobs(n_jobs),
    )
    log_of_all = logged_to(
        track,
        datasets=list(dict.fromkeys(split.dataset for split in splits)),
        models=list(chosen),
        seeds=seed_list,
        task=of_task.name,
        test_size=test_size,
        cv=cv,
        train_everywhere=train_everywhere,
        n_jobs=n_jobs,
    )
    with context as folder, log_of_all as log:
        forecast = plan() if folder is None else folder.planned(plan, train_everywhere, lineups)
        finished = {} if folder is None else folder.finished(lineups, forecast.trained_on)
        _announce(forecast, len(finished), verbose)

        def note(runs: Sequence[ModelRun]) -> None:
            if folder is not None:
                folder.keep(runs)
            log.add(runs)

        start = perf_counter()
        runs = run_all(
            lineups, forecast, n_jobs=n_jobs, verbose=verbose, on_done=note, finished=finished
        )
        seconds = perf_counter() - start + (0.0 if folder is None else folder.seconds_before)
        result = _comparison(runs, lineups, forecast, of_task, seconds)
        log.finish(result)
    return result


def _comparison(
    runs: Sequence[ModelRun],
    lineups: Sequence[Lineup],
    forecast: Forecast,
    of_task: LearningTask,
    seconds: float,
) -> Comparison:
    first = first_splits([split for split, _ in lineups])
    fitted = FittedModels.of(runs, lineups)
    return Comparison(
        runs=runs_table([run.row for run in runs], of_task),
        parity_table=parity_table(fitted.quantum(), first, forecast.trained_on, of_task),
        fitted=fitted if fitted.is_incomplete else dict(fitted),
        splits={name: Bunch(**vars(split)) for name, split in first.items()},
        predictions={run.key: run.predictions for run in runs if run.predictions is not None},
        forecast=forecast,
        seconds=seconds,
        n_missing=sum(len(candidates) for _, candidates in lineups) - len(runs),
    )


def _announce(forecast: Forecast, n_finished: int, verbose: int | str) -> None:
    if n_finished:
        announce(f"compare: {n_finished} runs are taken up, as they were finished", verbose)
    elif forecast.seconds > WORTH_SAYING:
        announce(f"compare: {forecast}", verbose)
