"""The Qiskit backend, and what it shares with exports and devices: the translation of circuits."""
