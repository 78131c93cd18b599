"""The evidence in the scores: whether differences are more than chance, and the verdict in words.

``statistics`` tests one difference (``split_differences``, split by split), ``leads`` the best of
several, ``guessing`` against no knowledge. A ``contest`` is what they look at; ``learning`` names
over-fitting, and ``verdicts`` puts all of it into sentences.
"""

from qmlplay.compare.evidence.leads import Lead, lead
from qmlplay.compare.evidence.verdicts import Verdict, verdict

__all__ = ["Lead", "Verdict", "lead", "verdict"]
