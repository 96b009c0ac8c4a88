"""Addresses of single proposals. Whoever has one may look; deciding needs a PIN that no address carries."""

import hashlib
import hmac
from dataclasses import dataclass

PATH = "/approve"
_HEX = 40  # 160 bits


@dataclass(frozen=True)
class Links:
    """Makes and checks the tokens of one home. `key` is secret; a token opens its own proposal and nothing else."""

    key: bytes

    def token(self, proposal_id: str) -> str:
        """The token that lets its bearer see this proposal."""
        return hmac.new(self.key, f"see {proposal_id}".encode(), hashlib.sha256).hexdigest()[:_HEX]

    def fits(self, proposal_id: str, token: str) -> bool:
        """Whether the token is this proposal's, compared in constant time."""
        return hmac.compare_digest(self.token(proposal_id).encode(), token.encode("utf-8", "replace"))

    def path(self, proposal_id: str) -> str:
        """The path of the proposal's page."""
        return f"{PATH}/{proposal_id}/{self.token(proposal_id)}"
