"""The set-up of a comparison: the splits of the data, and the models that are compared on them.

``division`` makes one split and ``splits`` all of them; ``model_choice`` checks which models take
part, and ``model_names`` names those that came without a name; ``named_models`` builds models by
name for a split, ``candidates`` all of them, and ``quantum`` looks for quantum models inside.
``learning_task`` holds the scores and the words of classification and regression.
"""

from qmlplay.compare.setup.candidates import Candidate, check_rows, lineup
from qmlplay.compare.setup.division import Split, check_divisible
from qmlplay.compare.setup.learning_task import (
    ACCURACY,
    BALANCED_ACCURACY,
    CLASSIFICATION,
    R2,
    REGRESSION,
    TASKS,
    LearningTask,
    check_task,
)
from qmlplay.compare.setup.model_choice import Models, check_kinds, check_models, list_models
from qmlplay.compare.setup.named_models import column_counts, preprocessing_advice, steps_before
from qmlplay.compare.setup.numbered_labels import NumberedLabels, are_numbered
from qmlplay.compare.setup.prototypes import check_prototype, prototype_of
from qmlplay.compare.setup.quantum import (
    ABLATION,
    KERNEL,
    KINDS,
    ON_COMPONENTS,
    fitted_models,
    kind_of,
    quantum_models,
    sizes,
)
from qmlplay.compare.setup.splits import (
    check_own_task,
    check_seeds,
    first_splits,
    make_splits,
    stratified_split,
)

__all__ = [
    "ABLATION",
    "ACCURACY",
    "BALANCED_ACCURACY",
    "CLASSIFICATION",
    "KERNEL",
    "KINDS",
    "ON_COMPONENTS",
    "R2",
    "REGRESSION",
    "TASKS",
    "Candidate",
    "LearningTask",
    "Models",
    "NumberedLabels",
    "Split",
    "are_numbered",
    "check_divisible",
    "check_kinds",
    "check_models",
    "check_own_task",
    "check_prototype",
    "check_rows",
    "check_seeds",
    "check_task",
    "column_counts",
    "first_splits",
    "fitted_models",
    "kind_of",
    "lineup",
    "list_models",
    "make_splits",
    "preprocessing_advice",
    "prototype_of",
    "quantum_models",
    "sizes",
    "steps_before",
    "stratified_split",
]
