"""The claims ledger: every claim of the paper and of the tutorial text, how it is tested, and what `data/` says to it.

A verdict is computed, never written down: `CLAIMS[name].judge(data)`.
"""

from crlkit.claims import arithmetic, boards, critic, cured, depth, learning, limits, parts, published, width
from crlkit.claims.ledger import ARITHMETIC, BENCHED, HEADLINES, OUTCOMES, PUBLISHED, RECOUNTS, Claim, Verdict

__all__ = ["ARITHMETIC", "BENCHED", "CLAIMS", "HEADLINES", "OUTCOMES", "PUBLISHED", "RECOUNTS", "Claim", "Verdict"]

CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for part in (boards, cured, depth, limits, width, parts, learning, critic, published, arithmetic)
    for claim in part.CLAIMS
}
