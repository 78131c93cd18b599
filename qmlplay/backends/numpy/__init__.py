"""The NumPy backend: no framework, few large array operations."""
