"""Tokens: issued, given, spent, sent, staked, and what became of each of them.

The ledger is off-chain, in the database, and says so: nothing here has an address or a hash on a
chain. Records `token_transacted` and `token_staked`; listens to nothing.
"""

from one.domains.tokens.issuing import Facts, get_token_facts, issue_token, mint_tokens
from one.domains.tokens.locking import (
    Stakes,
    claim_reward,
    list_stakes,
    stake_tokens,
    unstake_tokens,
)
from one.domains.tokens.moving import burn_tokens, spend_tokens, transfer_tokens
from one.domains.tokens.telling import (
    Audit,
    Held,
    Holdings,
    Statement,
    get_holding,
    list_holdings,
    list_moves,
    verify_tokens,
)

__all__ = [
    "Audit",
    "Facts",
    "Held",
    "Holdings",
    "Stakes",
    "Statement",
    "burn_tokens",
    "claim_reward",
    "get_holding",
    "get_token_facts",
    "issue_token",
    "list_holdings",
    "list_moves",
    "list_stakes",
    "mint_tokens",
    "spend_tokens",
    "stake_tokens",
    "transfer_tokens",
    "unstake_tokens",
    "verify_tokens",
]
