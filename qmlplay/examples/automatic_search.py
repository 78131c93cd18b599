"""The automatic search: quantum and classical models in the same time, and who wins honestly."""

import tempfile
from typing import Any

from qmlplay import load_dataset
from qmlplay.search import SearchSpace, search

# A budget is what people give: search("moons", budget="60s"). A number of trials repeats itself.
space = SearchSpace(encodings=("angle_sum", "zz", "iqp"), n_qubits=(2, 2), n_layers=(1, 4))
data = load_dataset("ad_hoc", n_samples=150, random_state=1)
with tempfile.TemporaryDirectory() as folder:
    settings: dict[str, Any] = {
        "space": space,
        "n_trials": 6,
        "budget": "1h",
        "study": f"{folder}/ad_hoc.db",
    }
    settings["baselines"] = ["dummy", "logistic_regression", "svc_rbf", "mlp"]
    result = search(data, **settings)
    # The study is in the file: a killed search goes on from it, and this one has nothing to do.
    again = search(data, **settings)

columns = ["model", "kind", "inner_score", "test_score", "test_std", "n_trials"]
print(result.leaderboard_[columns].round(2).to_string(index=False))
for sentence in result.verdict_[:-1]:  # the last one says where the time went
    print(sentence)
print("the same again:", again.leaderboard_[columns].equals(result.leaderboard_[columns]))
print("first quantum trial:", result.study_.trials[0].params["encoding"])
print("winner:", type(result.best_estimator_).__name__, result.best_params_["encoding"])

# Expected output:
#               model      kind  inner_score  test_score  test_std  n_trials
#             quantum   quantum         0.98        1.00      0.00         6
#             svc_rbf classical         0.72        0.80      0.06         6
#                 mlp classical         0.67        0.76      0.06         6
# logistic_regression classical         0.56        0.47      0.07         6
#               dummy classical         0.49        0.49      0.08         1
# ad_hoc: quantum (quantum) is chosen, by its inner accuracy 0.981 ± 0.027 (3 folds of the training part; that of the best of 25 trials flatters). In the test part, which no trial saw, it has 1.000 ± 0.000.
# ad_hoc: The quantum model is ahead in the test part: svc_rbf has 0.800 ± 0.062, the quantum model 1.000 ± 0.000; difference +0.200, 95 % interval +0.064 to +0.319. That is one dataset, on a simulator: no evidence of an advantage.
# the same again: True
# first quantum trial: angle_sum
# winner: VariationalClassifier zz
