"""The playing: models that train in the background."""
