"""Tokens and collectibles on a chain."""

from one.ontology.services import Action, Parameter, Service

_TOKEN = Parameter(
    "token", "Id<token|token_contract|nft>", words=("nft", "asset", "tokens", "contract", "tokenid")
)
_TO = Parameter(
    "to",
    "Id<person>",
    words=(
        "recipient",
        "fan",
        "buyer",
        "owner",
        "user",
        "wallet",
        "address",
        "collector",
        "member",
    ),
    fill="runner",
)
_AMOUNT = Parameter("amount", "number", words=("quantity", "tokenamount", "count", "number"))

SERVICES = (
    Service(
        "blockchain",
        "Blockchain",
        ("blockchain", "the blockchain", "chain", "smart contract", "base", "ethereum"),
        (
            Action(
                "mint",
                (
                    "mint tokens",
                    "mint token",
                    "mint nft",
                    "mint an nft",
                    "mint",
                    "mint the token",
                    "mint the nft",
                    "mint the tokens",
                ),
                (_TO, _AMOUNT, _TOKEN),
                result="json",
                fields={"tokenId": "text", "transaction": "text"},
                effect="reversible",
                inverse="burn",
            ),
            Action(
                "burn",
                ("burn tokens", "burn token", "burn", "burn nft", "burn the tokens"),
                (_TOKEN, _AMOUNT, Parameter("from", "Id<person>", words=("fan", "owner", "user"))),
                result="json",
                effect="irreversible",
            ),
            Action(
                "transfer",
                (
                    "transfer tokens",
                    "transfer",
                    "transfer token",
                    "send tokens",
                    "move tokens",
                    "transfer nft",
                ),
                (_TO, _AMOUNT, _TOKEN),
                result="json",
                fields={"transaction": "text"},
                effect="irreversible",
                repeat="lookup",
            ),
            Action(
                "deployContract",
                (
                    "deploy contract",
                    "deploy token",
                    "deploy",
                    "deploy smart contract",
                    "deploy token contract",
                    "create contract",
                ),
                (
                    Parameter("name", "text"),
                    Parameter("symbol", "text"),
                    Parameter("supply", "number", words=("totalsupply",)),
                    Parameter("chain", "text", words=("network",)),
                ),
                result="json",
                fields={"contractAddress": "text", "transaction": "text"},
                effect="irreversible",
                repeat="lookup",
            ),
            Action(
                "stake",
                ("stake tokens", "stake"),
                (
                    _AMOUNT,
                    _TOKEN,
                    Parameter("from", "Id<person>", words=("fan", "holder", "user", "staker")),
                ),
                result="json",
                effect="reversible",
                inverse="unstake",
            ),
            Action(
                "unstake",
                ("unstake tokens", "unstake"),
                (_AMOUNT, _TOKEN),
                result="json",
                effect="reversible",
                inverse="stake",
            ),
            Action(
                "balance",
                ("get balance", "check balance", "balance", "read balance"),
                (
                    Parameter("owner", "Id<person>", words=("fan", "user", "wallet", "holder")),
                    _TOKEN,
                ),
                result="number",
            ),
        ),
        doc="Mints, burns, transfers and stakes tokens.",
    ),
)
