"""The code of a run, to take along."""
