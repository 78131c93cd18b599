"""Guided experiments with circuits and encodings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from qmlplay.widget.experiments.experiment import Experiment, variants
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["MODEL_EXPERIMENTS"]

_MOONS = Configuration.for_dataset("moons")

#: Name → experiment, of chapters 1 to 6.
MODEL_EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "one_qubit": Experiment(
            "A single qubit learns the moons",
            "Can one qubit, turned by both features, tell the moons apart?",
            "Press Play. Then switch to three layers, which read the features three times.",
            "Reading the features once, the boundary is too simple for the moons: about nine of "
            "ten samples are right. Reading them three times, with turns learned in between, the "
            "same single qubit gets at least 95 % of the training samples right.",
            "01_one_qubit_by_hand",
            100,
            variants(
                replace(_MOONS, encoding="reuploading", n_qubits=1, n_layers=1),
                read_once={},
                read_three_times={"n_layers": 3},
            ),
        ),
        "entanglement": Experiment(
            "A checkerboard with and without CX",
            "Each qubit reads one feature. Can they divide a checkerboard if they never meet?",
            "Press Play, then switch to the circuit without CX gates and play again.",
            "On a checkerboard neither feature alone tells anything. Without CX each qubit's ⟨Z⟩ "
            "depends on its own feature only and the readout adds the two, so hardly more than a "
            "guess is learned. With CX a qubit's ⟨Z⟩ depends on both features, and more than "
            "nine of ten training samples are right; from about one start in twenty (another "
            "seed) training gets stuck before that.",
            "02_two_qubits_and_entanglement",
            100,
            variants(
                replace(
                    Configuration.for_dataset("checkerboard"),
                    encoding="angle",
                    ansatz="hardware_efficient",
                ),
                with_CX={},
                without_CX={"ansatz": "no_entanglement"},
            ),
        ),
        "three_classes": Experiment(
            "Three classes from two qubits",
            "Two qubits have two ⟨Z⟩. Where does the number for the third class come from?",
            "Press Play and look at the readout behind the circuit.",
            "From the correlation ⟨ZZ⟩ of both qubits. The readout weighs the three expectations "
            "for every class, and the softmax turns the three sums into probabilities.",
            "03_your_first_quantum_classifier",
            60,
            variants(Configuration.for_dataset("blobs"), three_blobs={}),
        ),
        "simulators": Experiment(
            "The same weights on every simulator",
            "Does a trained model change when another simulator computes it?",
            "Train a few steps, then press “Compare the simulators” below the circuit.",
            "No: the probabilities agree to at least six digits, because all simulate the same "
            "circuit exactly. Only the seconds differ.",
            "04_one_model_three_frameworks",
            0,
            variants(Configuration.for_dataset("circles"), circles={}),
        ),
        "straight_line": Experiment(
            "A task for a straight line",
            "Is the quantum model better where a straight line divides the classes?",
            "Press Play and compare with logistic regression beside it.",
            "No: logistic regression, three numbers fitted in an instant, is right on at least "
            "97 % of the test samples; the quantum model has many more parameters and no more to "
            "gain. Compare before you claim an advantage.",
            "05_quantum_against_classical",
            60,
            variants(
                Configuration(
                    dataset="linearly_separable", data_noise=0.0, baseline="logistic_regression"
                ),
                straight_line={},
            ),
        ),
        "layers": Experiment(
            "One layer against four",
            "How many layers do two spirals need?",
            "Press Play, then switch to four layers and play again.",
            "One layer reads each feature once: the boundary can bend only slowly, and at least "
            "15 % of the training samples stay wrong. Four layers read it four times, which adds "
            "higher frequencies to the model, and at least 95 % are right.",
            "06_encodings_and_reuploading",
            100,
            variants(
                replace(Configuration.for_dataset("spirals"), n_layers=1),
                one_layer={},
                four_layers={"n_layers": 4},
            ),
        ),
        "frequencies": Experiment(
            "Too many frequencies",
            "The classes overlap. Does a circuit with more layers and qubits find more in them?",
            "Press Play and compare training and test accuracy; then switch to one layer.",
            "Ten layers on four qubits have so many frequencies that the boundary winds around "
            "single samples: the training accuracy lies more than ten points above the test "
            "accuracy. One layer on two qubits gets fewer training samples right, but no fewer "
            "test samples on average: what was learned in addition was noise.",
            "06_encodings_and_reuploading",
            100,
            variants(
                replace(
                    Configuration.for_dataset("circles"), data_noise=0.4, n_layers=10, n_qubits=4
                ),
                ten_layers={},
                one_layer={"n_layers": 1, "n_qubits": 2},
            ),
        ),
        "zz": Experiment(
            "The ZZ feature map",
            "Is the best-known quantum feature map a good choice for any data?",
            "Press Play on the data that it was invented for; then try it on the moons, and angles "
            "on its data.",
            "On the ad hoc data, which were drawn with this feature map, it gets nearly every "
            "test sample right and angles clearly fewer; on the moons it is right less often than "
            "on its own data. An encoding is an assumption about the data. And it entangles by "
            "itself: also the ansatz without entanglement follows an entangled state.",
            "06_encodings_and_reuploading",
            100,
            variants(
                replace(Configuration.for_dataset("ad_hoc"), encoding="zz"),
                ZZ_on_ad_hoc_data={},
                angles_on_ad_hoc_data={"encoding": "angle"},
                ZZ_on_the_moons={"dataset": "moons", "data_noise": 0.15},
            ),
        ),
    }
)
