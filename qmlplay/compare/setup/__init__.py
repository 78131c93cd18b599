"""The set-up of a comparison: the splits of the data, and the models that are compared on them.

``division`` makes one split and ``splits`` all of them; ``named_models`` builds models by name for
a split, ``candidates`` checks those and your own, and ``quantum`` looks for quantum models inside.
"""

from qmlplay.compare.setup.candidates import (
    Candidate,
    Models,
    check_models,
    check_prototype,
    check_rows,
    lineup,
    list_models,
)
from qmlplay.compare.setup.division import Split, check_classes
from qmlplay.compare.setup.named_models import column_counts, preprocessing_advice, steps_before
from qmlplay.compare.setup.quantum import (
    ABLATION,
    KERNEL,
    ON_COMPONENTS,
    fitted_models,
    kind_of,
    quantum_models,
    sizes,
)
from qmlplay.compare.setup.splits import check_seeds, first_splits, make_splits, stratified_split

__all__ = [
    "ABLATION",
    "KERNEL",
    "ON_COMPONENTS",
    "Candidate",
    "Models",
    "Split",
    "check_classes",
    "check_models",
    "check_prototype",
    "check_rows",
    "check_seeds",
    "column_counts",
    "first_splits",
    "fitted_models",
    "kind_of",
    "lineup",
    "list_models",
    "make_splits",
    "preprocessing_advice",
    "quantum_models",
    "sizes",
    "steps_before",
    "stratified_split",
]
