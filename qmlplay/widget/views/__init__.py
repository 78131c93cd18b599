"""Views of a run: all that the page shows of a model at one moment."""
