"""What a feature does in the words that strangers may read. The values that its author wrote are
left out: a text may hold a code, a prompt or an address that nobody is to read before it is given.

What it takes and gives, its refusals, how long it waits and what it costs is told.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar, cast

from one.compiler.expression import Binary, Call, Expr, Get, Lit, MoneyLit, Template, rebuild
from one.compiler.paraphrase import understood
from one.compiler.program import (
    CallFeature,
    Checkpoint,
    Filter,
    Grant,
    Later,
    Nested,
    OnError,
    Part,
    Predicates,
    Program,
    Service,
    Step,
    Tie,
    Validate,
)
from one.compiler.spoken import of

PartT = TypeVar("PartT", bound=Part)

HIDDEN = Lit("…")
_ME, _MARK = Call("me", ()), "\x01"
_AUTHOR = f"“{_MARK}”"
_QUOTED = re.compile(r"(“[^”]*”)")
_OWN = re.compile(r"\b(my|me)\b")
_STANDING = frozenset({"type", "status", "visibility"})
_KINDS = frozenset(
    {"status", "action", "entityType", "interactionType", "engagementType", "transactionType"}
)
_COSTS = frozenset({"amount", "quantity", "percent"})
_TOLD_TO_A_MODEL = frozenset({"instruction", "as"})


def told_outside(program: Program, *, runner: str, author: str) -> list[str]:
    """The program step by step, for whoever may run it: `runner` is the input that they are, and
    `author` what whoever wrote it is called.
    """
    asked = {name: slot for name, slot in program.input.items() if name != runner}
    bare = program.model_copy(update={"input": asked, "flow": _bare(program.flow)})
    return [by_another(author, line) for line in understood(bare, ())]


def outward(part: PartT) -> PartT:
    """A part of a program without the values that stand in it."""
    return cast("PartT", _bare(part))


def by_another(author: str, line: str) -> str:
    """Words of what is `outward`, where not the author reads them: “my” is theirs."""
    said = {"me": author, "my": of(author, "").strip()}
    told = "".join(
        piece if piece.startswith("“") else _OWN.sub(lambda found: said[found[1]], piece)
        for piece in _QUOTED.split(line)
    )
    return told.replace(_AUTHOR, author)


def _bare(value: object) -> object:
    match value:
        case Part():
            special = _SPECIAL.get(type(value))
            said = {name: _bare(getattr(value, name)) for name in value.model_fields_set}
            bare = value.model_copy(update=said)
            return bare.model_copy(update=special(value, bare)) if special else bare
        case list():
            return [_bare(one) for one in cast("list[object]", value)]
        case dict():
            pairs = cast("dict[str, object]", value)
            return {name: one if name in _KINDS else _bare(one) for name, one in pairs.items()}
        case _:
            return _hidden(value) if isinstance(value, Expr) else value


def _hidden(tree: Expr) -> Expr:
    """Without what its author wrote; of which sort a thing is and how it stands is told."""
    match tree:
        case Lit(None | bool() | 0) | Binary(_, Call("balance" | "now" | "today"), Lit()):
            return tree
        case Call("beginning"):
            return tree
        case Call("me", ()):
            return Template((_MARK,))
        case Lit() | MoneyLit() | Template():
            return HIDDEN
        case Binary(_, Get(_, key), _) if key in _STANDING:
            return tree
        case Call("connected", (left, tie, right, *role)):
            end = right if isinstance(right, Lit) else _hidden(right)
            return Call("connected", (_hidden(left), tie, end, *role))
        case _:
            return rebuild(tree, _hidden)


# --- parts of which more, or less, is told ------------------------------------------------------

Values = Mapping[str, object]


def _filter(own: Filter, bare: Filter) -> Values:
    plain = (own.field or "").rpartition(".")[2] in _STANDING
    return {"value": own.value if plain or own.value == _ME else bare.value}


def _tie(own: Tie, bare: Tie) -> Values:
    """Whose it is, is said of a list: `my followers`."""
    return {
        "from_": own.from_ if own.from_ == _ME else bare.from_,
        "to": own.to if own.to == _ME else bare.to,
    }


def _predicates(own: Predicates, bare: Predicates) -> Values:
    return {"status": own.status, **({"pattern": "…"} if bare.pattern else {})}


def _validate(own: Validate, _: Validate) -> Values:
    return {"message": own.message}


def _on_error(own: OnError, bare: OnError) -> Values:
    refusal = (own.return_ or {}).get("error")
    return {"return_": bare.return_ if refusal is None else {"error": refusal}}


def _grant(own: Grant, _: Grant) -> Values:
    return {"amount": own.amount}


def _step(own: Step, _: Step) -> Values:
    return {} if own.wait is None else {"wait": own.wait}


def _service(own: Service, bare: Service) -> Values:
    """What a model is told to do is the author's; what somebody pays is told."""
    kept = own.params if own.provider == "stripe" else {}
    told = {name: tree for name, tree in bare.params.items() if name not in _TOLD_TO_A_MODEL}
    return {"params": {**told, **{name: kept[name] for name in _COSTS & kept.keys()}}}


def _renamed(said: Values, *_: Part) -> Values:
    return said


_SPECIAL: Mapping[type[Part], Callable[..., Values]] = {
    Filter: _filter,
    Tie: _tie,
    Predicates: _predicates,
    Validate: _validate,
    OnError: _on_error,
    Grant: _grant,
    Step: _step,
    Service: _service,
    CallFeature: partial(_renamed, {"feature": "…"}),
    Checkpoint: partial(_renamed, {"name": "In one step"}),
    Nested: partial(_renamed, {"name": None}),
    Later: partial(_renamed, {"when": None}),
}
