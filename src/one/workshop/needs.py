"""What a feature finds where it is to be deployed, or doesn't find yet: the services outside that
it calls, and the things that its text calls by name.
"""

from collections.abc import Iterator

from one.compiler.expression import Lit
from one.compiler.program import Filter as Condition
from one.compiler.program import Program, steps_of
from one.runtime import Context
from one.store import EntityAsk, Filter, Row

_MOST = 20
_OWN = frozenset(["blockchain"])
"""Services that stand for what is the deployment's own: tokens."""


class Need(Row):
    """Something that a feature needs, in words; `there` says whether it is."""

    says: str
    there: bool


async def needs_of(ctx: Context, program: Program) -> list[Need]:
    """Services first, then things."""
    found = [_service(ctx, name) for name in _services(program) if name not in _OWN]
    named = [*dict.fromkeys(_named(program))]
    return [*found, *[await _thing(ctx, type, name) for type, name in named[:_MOST]]]


def _services(program: Program) -> dict[str, None]:
    """The services that are called or that bring its messages, in the order of the text."""
    found: dict[str, None] = {}
    for step in steps_of(program.flow):
        if step.service is not None:
            found[step.service.provider] = None
        if step.notify is not None:
            found |= dict.fromkeys(one for one in step.notify.channels if one != "app")
    return found


def _service(ctx: Context, name: str) -> Need:
    provider = ctx.deployment.providers.get(name)
    if provider is None:
        return Need(says=f"It calls {name}, which isn't here.", there=False)
    title = provider.service.title
    title = f"{title[:1].upper()}{title[1:]}"
    match provider.mode:
        case "sandbox" if name == "stripe":
            says = "Payments are the sandbox's here: no money moves, and a charge pays by itself."
        case "sandbox":
            says = f"{title} is a stand-in here: nothing is done outside."
        case "test":
            says = f"{title} is here in its own test mode."
        case "live" | "local":
            says = f"{title} is here."
    return Need(says=says, there=provider.mode != "sandbox")


def _named(program: Program) -> Iterator[tuple[str, str]]:
    """The types and names of the things that are looked up by name."""
    for step in steps_of(program.flow):
        if step.query is None or step.query.from_ != "entities":
            continue
        facts = {one.field: _text(one) for one in step.query.where if one.operator == "eq"}
        type, name = facts.get("type"), facts.get("name")
        if type and name:
            yield type, name


def _text(condition: Condition) -> str:
    value = condition.value
    return value.value if isinstance(value, Lit) and isinstance(value.value, str) else ""


async def _thing(ctx: Context, type: str, name: str) -> Need:
    kind = ctx.ontology.entity(type).singular
    ask = EntityAsk(types=(type,), filters=(Filter("name", "eq", (name,)),))
    there = bool((await ctx.store.entities(ask, limit=1)).items)
    missing = "" if there else " You see none of that name yet."
    return Need(says=f"It looks for the {kind} “{name}”.{missing}", there=there)
