"""Models for others: a folder with a model, its card and its evidence, and what skops trusts.

``folder`` writes and reads it, ``model_file`` the model in it; ``shared_model`` is all that is
known of a model, ``card`` the text made of that, from the sections in ``card_sections`` and
``limits``.
"""

from qmlplay.saving import trusted_types
from qmlplay.sharing.folder import load_from_folder, save_to_folder

__all__ = ["load_from_folder", "save_to_folder", "trusted_types"]
