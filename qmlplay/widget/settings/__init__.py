"""The settings of the playground, and their strings to share."""
