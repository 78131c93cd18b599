"""The models of papers by name: a tree on pictures, and phases of a quantum magnet."""

from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, get_preset, list_presets

for name in list_presets():
    preset = get_preset(name)
    print(f"{name}: {preset.title}, {preset.source}, tried on {preset.problem}")

# 64 pixels are the amplitudes of 6 qubits, and the tree asks one of them: is it a 0 or a 1?
data = get_preset("tree_tensor").load_problem()
X_train, X_test, y_train, y_test = train_test_split(data.X, data.y, random_state=0)
tree = VariationalClassifier.from_preset("tree_tensor", max_iter=50, random_state=0)
tree.fit(X_train, y_train)
print(f"tree: {tree.n_parameters_} numbers, {tree.score(X_test, y_test):.2f} of new digits right")

# The same circuit on other data: everything in a preset can be changed.
data = get_preset("convolutional").load_problem(random_state=0)
X_train, X_test, y_train, y_test = train_test_split(data.X, data.y, random_state=0)
for ansatz in ("convolutional", "tree_tensor", "no_entanglement"):
    model = VariationalClassifier.from_preset("convolutional", ansatz=ansatz, random_state=0)
    model.fit(X_train, y_train)
    print(f"{ansatz} on spins: {model.score(X_test, y_test):.2f} of new ground states right")

# A row of zeros is no state, and the error says which row it is.
X_test[3] = 0
try:
    model.predict(X_test)
except ValueError as error:
    print(str(error).split(",")[0])

# Expected output:
# circuit_centric: circuit-centric classifier, arXiv:1804.00633, tried on breast_cancer
# convolutional: convolutions and pooling, arXiv:1810.03787, tried on cluster_ising
# data_reuploading: data re-uploading on one qubit, arXiv:1907.02085, tried on disk
# iqp_variational: ZZ feature map and variational circuit, arXiv:1804.11326, tried on ad_hoc
# separable: no entanglement anywhere, arXiv:2403.07059, tried on hidden_manifold
# tree_tensor: tree tensor network, arXiv:1804.03680, tried on digits
# tree: 13 numbers, 1.00 of new digits right
# convolutional on spins: 0.98 of new ground states right
# tree_tensor on spins: 1.00 of new ground states right
# no_entanglement on spins: 0.92 of new ground states right
# row 3 of X (counted from 0) is zero in every feature
