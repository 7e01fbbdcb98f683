"""Tokens and collectibles, off-chain until a chain stands behind the same acts.

A token of the deployment is moved in its ledger: what is minted is on its holder's balance. All
else, and everything in a trial, is whole numbers in the provider's own book, never below zero;
until a contract is deployed for what is kept there, its treasury gives without end. Nothing has a
made-up address or hash.
"""

from collections.abc import Awaitable, Callable

from one.errors import OneError, Outside
from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Entry,
    Fields,
    Ledger,
    Provider,
    Reach,
    Stage,
    StandIn,
    already,
    refused,
)

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
                (
                    _TO,
                    _AMOUNT,
                    _TOKEN,
                    Parameter("nft", "Id<nft>", required=False),
                    Parameter("from", "Id<person>", words=("sender", "giver")),
                ),
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
                    Parameter("duration", "duration", words=("period", "lock", "length")),
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

# --- in the ledger


def _ledger(book: Book, ask: Ask) -> Ledger | None:
    """The ledger, where the call is of a token that it keeps."""
    token = ask.params.get("token")
    if not isinstance(token, dict) or not (token.get("type") == "token" or token.get("ledger")):
        return None
    return book.ledger(ask.text("space"))


def _entry_of(ask: Ask, holder: str) -> Entry:
    return Entry(ask.key, _token(ask), holder, _amount(ask))


def _booked(ask: Ask, entry: Entry, **more: str | int) -> Fields:
    id = ask.id("tx")
    said: Fields = {"id": id, "transaction": f"off-chain:{id}", "did": ask.method}
    said |= {"tokenId": entry.token, "owner": entry.holder, "amount": entry.amount}
    return {**said, "ledger": True, **more}


async def _mint_there(ledger: Ledger, ask: Ask) -> Fields:
    entry = _entry_of(ask, ask.id_of("to"))
    await ledger.mint(entry)
    return _booked(ask, entry)


async def _burn_there(ledger: Ledger, ask: Ask) -> Fields:
    """What takes back a mint takes what there is left of it: the rest was used meanwhile."""
    entry = _entry_of(ask, _owner(ask, "from"))
    burned = await ledger.burn(entry, at_most=_of_answer(ask, "tokenId") is not None)
    return _booked(ask, entry, amount=burned)


async def _transfer_there(ledger: Ledger, ask: Ask) -> Fields:
    """From nobody it is the token's owner who gives: new units."""
    to = ask.id_of("to")
    source = ask.params.get("from")
    entry = _entry_of(ask, ask.id_of("from") if source else to)
    if not source:
        await ledger.mint(entry)
        return _booked(ask, entry)
    await ledger.transfer(entry, to)
    return _booked(ask, entry, owner=to, giver=entry.holder)


async def _stake_there(ledger: Ledger, ask: Ask) -> Fields:
    entry = _entry_of(ask, _owner(ask, "from"))
    made = await ledger.stake(entry, seconds=int(ask.seconds("duration", 0)))
    return {**_booked(ask, entry), **made}


async def _unstake_there(ledger: Ledger, ask: Ask) -> Fields:
    stake = _of_answer(ask, "stake")
    if not isinstance(stake, str):
        raise refused("Nothing says which stake is meant.", cure="SAVE the stake AS a name first.")
    entry = _entry_of(ask, _owner(ask, "from"))
    await ledger.unstake(entry, stake)
    return _booked(ask, entry)


async def _balance_there(ledger: Ledger, ask: Ask) -> Fields:
    return {"value": await ledger.balance(_token(ask), ask.id_of("owner"))}


_THERE: dict[str, Callable[[Ledger, Ask], Awaitable[Fields]]] = {
    "mint": _mint_there,
    "burn": _burn_there,
    "transfer": _transfer_there,
    "stake": _stake_there,
    "unstake": _unstake_there,
    "balance": _balance_there,
}


def _either(method: str) -> Callable[[Book, Ask], Awaitable[Fields]]:
    """An act in the ledger, for what it keeps; else in the book."""
    there, here = _THERE[method], _ACTS[method]

    async def act(book: Book, ask: Ask) -> Fields:
        ledger = _ledger(book, ask)
        if ledger is None:
            return await here(book, ask)
        try:
            return await there(ledger, ask)
        except Outside:
            raise
        except OneError as error:
            if error.details.get("settled"):
                raise already(error.message, cure=error.cure) from error
            raise refused(error.message, cure=error.cure, details=error.details) from error

    return act


def standins(stage: Stage) -> tuple[Provider, ...]:
    how = Reach("local", "off-chain, in the ledger") if stage.ledger else "off-chain balances"
    acts = {**_ACTS, **{method: _either(method) for method in _THERE}}
    return (StandIn(SERVICES[0], acts, stage=stage, how=how),)
