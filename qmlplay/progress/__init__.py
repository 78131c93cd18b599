"""Progress bars: only where work takes long, and only where a person looks.

One question is answered here for the whole package: may a bar be drawn, and which one? With
``verbose="auto"`` a bar appears once the work has taken more than two seconds, if standard error
is a terminal or the code runs in a notebook; with 1 it appears at once and wherever standard error
goes; with 0 never. Worker processes draw nothing, and of nested bars only the outermost is drawn.
The environment variable ``TQDM_DISABLE=1`` switches all of them off.
"""

from qmlplay.progress.bars import Progress
from qmlplay.progress.choice import Verbose, check_verbose, is_loud, progress_bar

__all__ = ["Progress", "Verbose", "check_verbose", "is_loud", "progress_bar"]
