"""Tokens and collectibles on a chain.

The stand-in is no chain: whole numbers in its book, never below zero, and no made-up addresses or
hashes. Until a contract is deployed for a token, its treasury gives without end.
"""

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn, refused

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
                (_TO, _AMOUNT, _TOKEN, Parameter("nft", "Id<nft>", required=False)),
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

_TREASURY = "treasury"


def _token(ask: Ask) -> str:
    """The id of the token; of an earlier answer, that of its token."""
    return str(_of_answer(ask, "tokenId") or ask.id_of("token", "tokens"))


def _owner(ask: Ask, name: str) -> str:
    """Whose tokens: those named, or, where a mint or a stake is taken back, its owner's."""
    return ask.id_of(name, str(_of_answer(ask, "owner") or ""))


def _amount(ask: Ask) -> int:
    return int(str(_of_answer(ask, "amount") or 0)) or ask.whole("amount", 1)


def _of_answer(ask: Ask, field: str) -> object:
    """A field of the earlier answer that was given as the token, if it was."""
    given = ask.params.get("token")
    return given.get(field) if isinstance(given, dict) and "transaction" in given else None


async def _add(book: Book, token: str, owner: str, *, amount: int) -> None:
    """Changes a balance. Raises Outside where it would be below zero."""
    id = f"{token}:{owner}"
    known = await book.get("balance", id)
    left = (int(str(known["amount"])) if known else 0) + amount
    if left < 0:
        raise refused(
            f"There are {left - amount} of these tokens, fewer than {-amount}.",
            cure="Check the balance first.",
        )
    fields: Fields = {"id": id, "token": token, "owner": owner, "amount": left}
    await book.put("balance", fields)


async def _entry(book: Book, ask: Ask, **fields: str | int) -> Fields:
    """Writes down what was done; the answer to it."""
    id = ask.id("tx")
    entry: Fields = {"id": id, "transaction": f"off-chain:{id}", "did": ask.method, **fields}
    await book.put("entry", {**entry, "at": ask.at.isoformat()})
    return entry


async def _mint(book: Book, ask: Ask) -> Fields:
    token, to, amount = _token(ask), ask.id_of("to"), _amount(ask)
    await _add(book, token, to, amount=amount)
    return await _entry(book, ask, tokenId=token, owner=to, amount=amount)


async def _burn(book: Book, ask: Ask) -> Fields:
    token, owner, amount = _token(ask), _owner(ask, "from"), _amount(ask)
    await _add(book, token, owner, amount=-amount)
    return await _entry(book, ask, tokenId=token, owner=owner, amount=amount)


async def _transfer(book: Book, ask: Ask) -> Fields:
    token, to, amount = _token(ask), ask.id_of("to"), _amount(ask)
    source = ask.id_of("from", _TREASURY)
    endless = source == _TREASURY and await book.get("contract", token) is None
    if not endless:
        await _add(book, token, source, amount=-amount)
    await _add(book, token, to, amount=amount)
    return await _entry(book, ask, tokenId=token, giver=source, owner=to, amount=amount)


async def _deploy(book: Book, ask: Ask) -> Fields:
    """The whole supply is the treasury's."""
    token, supply = ask.id_of("token", ask.text("name", "tokens")), ask.whole("supply", 1)
    id = ask.id("ct")
    contract: Fields = {
        "id": token,
        "contractAddress": f"off-chain:{id}",
        "name": ask.text("name"),
        "symbol": ask.text("symbol"),
        "supply": supply,
        "chain": ask.text("chain", "none"),
    }
    if await book.get("contract", token) is not None:
        raise refused(f"There is a contract for {token} already.")
    await book.put("contract", contract)
    await _add(book, token, _TREASURY, amount=supply)
    return {**contract, **await _entry(book, ask, tokenId=token, amount=supply)}


async def _stake(book: Book, ask: Ask) -> Fields:
    token, owner, amount = _token(ask), _owner(ask, "from"), _amount(ask)
    await _add(book, token, owner, amount=-amount)
    await _add(book, token, f"{owner}:staked", amount=amount)
    return await _entry(book, ask, tokenId=token, owner=owner, amount=amount)


async def _unstake(book: Book, ask: Ask) -> Fields:
    token, owner, amount = _token(ask), _owner(ask, "from"), _amount(ask)
    await _add(book, token, f"{owner}:staked", amount=-amount)
    await _add(book, token, owner, amount=amount)
    return await _entry(book, ask, tokenId=token, owner=owner, amount=amount)


async def _balance(book: Book, ask: Ask) -> Fields:
    known = await book.get("balance", f"{_token(ask)}:{ask.id_of('owner')}")
    return {"value": known["amount"] if known else 0}


_ACTS = {
    "mint": _mint,
    "burn": _burn,
    "transfer": _transfer,
    "deployContract": _deploy,
    "stake": _stake,
    "unstake": _unstake,
    "balance": _balance,
}


def standins(stage: Stage) -> tuple[Provider, ...]:
    return (StandIn(SERVICES[0], _ACTS, stage=stage, how="off-chain balances"),)
