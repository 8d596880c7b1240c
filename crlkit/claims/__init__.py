"""The claims ledger: every claim of the paper and of the tutorial text, how it is tested, and what `data/` says to it.

A verdict is computed, never written down: `CLAIMS[name].judge(data)`.
"""

from crlkit.claims.ledger import CLAIMS, HEADLINES, Claim
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, OUTCOMES, PUBLISHED, RECOUNTS, Verdict

__all__ = ["ARITHMETIC", "BENCHED", "CLAIMS", "HEADLINES", "OUTCOMES", "PUBLISHED", "RECOUNTS", "Claim", "Verdict"]
