"""Finished runs in a folder, from which a comparison goes on that was stopped.

``run_folder`` is the folder, in which ``run_files`` holds a run, ``plan_file`` who is trained, and
``fitted_files`` the models of qmlplay; ``run_fingerprint`` tells what a run belongs to, and
``refitted_models`` trains models of others once more where one is looked at. Nothing in it is run
when it is read.
"""

from qmlplay.compare.kept_runs.earlier_runs import FOLDER_NAME, begin_anew, forget_runs
from qmlplay.compare.kept_runs.refitted_models import FittedModels
from qmlplay.compare.kept_runs.run_folder import RunFolder

__all__ = ["FOLDER_NAME", "FittedModels", "RunFolder", "begin_anew", "forget_runs"]
