"""Quantum against classical, fairly: the same splits for all, and a verdict in plain words."""

from qmlplay import compare

result = compare(
    ["moons", "xor"],
    models=["numpy", "no_entanglement", "dummy", "logistic_regression", "svc_rbf"],
    seeds=3,
)
columns = ["dataset", "model", "test_accuracy", "test_accuracy_std", "n_parameters"]
print(result.table[columns].round(3).to_string(index=False))
for sentence in result.verdict:
    # Seconds differ from machine to machine: leave them out here.
    print(sentence.split(", trained")[0])

# Expected output:
# dataset               model  test_accuracy  test_accuracy_std  n_parameters
#   moons               numpy          0.981              0.005            27
#   moons     no_entanglement          0.974              0.019            27
#   moons               dummy          0.500              0.000             2
#   moons logistic_regression          0.844              0.016             3
#   moons             svc_rbf          0.963              0.014           153
#     xor               numpy          0.978              0.009            27
#     xor     no_entanglement          0.541              0.037            27
#     xor               dummy          0.500              0.000             2
#     xor logistic_regression          0.533              0.064             3
#     xor             svc_rbf          0.963              0.010           225
# moons: no clear winner: svc_rbf (0.963 ± 0.014) against the quantum model (0.981 ± 0.005, on numpy)
# moons: entanglement is not what helps: without entanglement the same model reaches 0.974 ± 0.019, as good as with it.
# xor: no clear winner: svc_rbf (0.963 ± 0.010) against the quantum model (0.978 ± 0.009, on numpy)
# xor: entanglement helps: without entanglement the same model reaches 0.541 ± 0.037.
