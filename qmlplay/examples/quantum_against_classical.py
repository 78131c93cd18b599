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
#   moons               numpy          0.978              0.000            31
#   moons     no_entanglement          0.970              0.014            27
#   moons               dummy          0.500              0.000             2
#   moons logistic_regression          0.844              0.016             3
#   moons             svc_rbf          0.963              0.014           153
#     xor               numpy          0.985              0.005            31
#     xor     no_entanglement          0.507              0.023            27
#     xor               dummy          0.500              0.000             2
#     xor logistic_regression          0.533              0.064             3
#     xor             svc_rbf          0.963              0.010           225
# moons: no clear winner: svc_rbf (0.963 ± 0.014) against the quantum model (0.978 ± 0.000, on NumPy)
# moons: entanglement makes no clear difference: without entanglement the same model reaches 0.970 ± 0.014, with it 0.978 ± 0.000; difference +0.007, 95 % interval −0.018 to +0.033: the test samples cannot tell them apart.
# xor: no clear winner: svc_rbf (0.963 ± 0.010) against the quantum model (0.985 ± 0.005, on NumPy)
# xor: entanglement helps: without entanglement the same model reaches 0.507 ± 0.023, with it 0.985 ± 0.005; difference +0.478, 95 % interval +0.385 to +0.570.
# xor: over-fitting: accuracy on training data is far above that on test data: no_entanglement has 0.61 and 0.51; try more samples, fewer features or a simpler model (fewer layers such as n_layers=2, or early_stopping=True).
