"""`expand[]`: an object in the place of its id."""

from one.sandbox import checkout, refunds
from one.sandbox.call import Call
from one.sandbox.refusal import invalid
from one.sandbox.resource import Fields, Resource, kind_of

_DEEPEST = 4


async def expand(call: Call, seen: Fields, *, path: str) -> None:
    """Puts in what a path leads to. Raises Refusal."""
    parts = path.split(".")
    if len(parts) > _DEEPEST:
        raise invalid(f"You cannot expand more than {_DEEPEST} levels of a property.", "expand")
    if parts[0] == "data" and seen.get("object") == "list":
        data = seen["data"]
        assert isinstance(data, list)
        for each in data:
            assert isinstance(each, dict)
            await _into(call, each, parts[1:])
    else:
        await _into(call, seen, parts)


async def _into(call: Call, seen: Fields, parts: list[str]) -> None:
    if not parts:
        return
    name, value = parts[0], seen.get(parts[0])
    if name == "refunds" and seen.get("object") == "charge":
        value = seen[name] = await refunds.of_charge(call, str(seen["id"]))
    elif name == "line_items" and seen.get("object") == "checkout.session":
        whole = await call.get(str(seen["id"]), kind="checkout.session")
        value = seen[name] = checkout.lines(whole)
    elif isinstance(value, str):
        value = seen[name] = await _object(call, seen, name=name, id=value)
    elif value is None and name not in seen:
        raise invalid(f"This property cannot be expanded ({name}).", "expand")
    if isinstance(value, dict):
        await expand(call, value, path=".".join(parts[1:])) if parts[1:] else None


async def _object(call: Call, seen: Fields, *, name: str, id: str) -> Fields:
    """What an id stands for. Raises Refusal."""
    kind = kind_of(id)
    owner = call
    if kind == "account":
        owner = call.on("")
    elif name in ("destination_payment", "destination_payment_refund"):
        destination = seen.get("destination")
        owner = call.on(str(destination)) if destination else call
    elif name == "charge" and seen.get("object") == "application_fee":
        owner = call.on(str(seen["account"]))
    elif name in ("source_transfer", "source_transfer_reversal"):
        owner = call.on("")
    found: Resource | None = await owner.find(kind, id) if kind else None
    if found is None:
        raise invalid(f"This property cannot be expanded ({name}).", "expand")
    return found.shown(call.now)
