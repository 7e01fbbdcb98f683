"""The program: the one form both spellings meet in, and the Technical DSL's JSON itself.

A step is an object with one primitive key, plus `output`, `onError` and `id`. Values are trees of
`expression`. Places in the text are kept beside the program (`marks`), never inside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal, cast

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from one.compiler.expression import (
    Expr,
    Lit,
    parse,
)
from one.compiler.fields import Condition, Duration, Operator, Value, Values
from one.compiler.kinds import UNKNOWN, Kind, read_kind
from one.errors import JSON

IR_VERSION = 1
MAX_STEPS = 500
"""Of one feature."""
MAX_ROWS = 1000
"""Of one query."""


class Part(BaseModel):
    """Strict objects with camelCase keys."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )


class Slot(Part):
    """An input or an output. `type` is a type of the language, `Id<course>`, `text[]`, `T?`; an
    input with a `default` may be left out.
    """

    type: str
    gloss: str = ""
    min: Value | None = None
    max: Value | None = None
    one_of: list[Value] | None = None
    default: Value | None = None

    @property
    def optional(self) -> bool:
        return self.type.endswith("?")


def kinds_of_slots(slots: Mapping[str, Slot]) -> dict[str, Kind]:
    """What each takes or gives, for who uses the feature; what may be left out is optional."""
    kinds = {name: read_kind(slot.type) or UNKNOWN for name, slot in slots.items()}
    return {name: k if slots[name].default is None else k.maybe for name, k in kinds.items()}


_On = Annotated[
    str,
    Field(
        pattern=r"(?i)^((mon|tues|wednes|thurs|fri|satur|sun)day"
        r"|[1-9]|[12]\d|3[01]|(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$"
    ),
]
_Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Every(Part):
    """A schedule; `on` is a weekday, of a month its day (`15`; one too late is its last), of a year
    its date (`12-24`); `at` a time in the project's zone. Several weekdays or times: each of them.
    """

    count: int = 1
    unit: Literal["minute", "hour", "day", "week", "month", "year"] = "day"
    on: _On | list[_On] | None = None
    at: _Clock | list[_Clock] | None = None

    @property
    def days(self) -> list[str]:
        return [self.on] if isinstance(self.on, str) else self.on or []

    @property
    def times(self) -> list[str]:
        return [self.at] if isinstance(self.at, str) else self.at or []


class Trigger(Part):
    """What sets a feature off. `actor` and `entity` are the names it binds; with `mine` the thing
    must be the author's own.

    `with` are further names, of what the happening made, with their types.
    """

    event: str | None = None
    connection: str | None = None
    created: str | None = None
    published: str | None = None
    metric: str | None = None
    signal: str | None = None
    every: Every | None = None
    actor: str | None = None
    entity: str | None = None
    entity_type: str | None = None
    mine: bool = False
    reaches: Value | None = None
    where: Values = {}
    with_: dict[str, str] = Field(default={}, validation_alias="with", serialization_alias="with")


class Filter(Part):
    """One condition on a row, a tie it must have, or several of which one is enough.

    An operator and a value beside a tie: to how many others it must run, which may be none.
    """

    field: str | None = None
    operator: Operator | None = None
    value: Value | None = None
    connected: "Tie | None" = None
    any: "list[Filter] | None" = None
    negated: bool = Field(default=False, validation_alias="not", serialization_alias="not")


class Tie(Part):
    """A live connection of the row: to the thing `to`, or from the thing `from`.

    `since`, `until`: only one that was made then or later, and before then. `bought`: of owning,
    what somebody bought or holds counts as well.
    """

    type: str
    from_: Value | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Value | None = None
    metadata: Values = {}
    since: Value | None = None
    until: Value | None = None
    bought: bool = False


class Order(Part):
    field: str
    descending: bool = False


class Retry(Part):
    times: int = Field(ge=1, le=20)
    delay: Duration | None = None
    backoff: Literal["fixed", "exponential"] | None = None


class Entity(Part):
    type: str
    name: Value | None = None
    properties: Values = {}
    status: str | None = None
    visibility: Literal["public", "members", "parties", "private"] | None = None


class Connect(Part):
    from_: Value = Field(validation_alias="from", serialization_alias="from")
    to: Value
    type: str
    metadata: Values = {}


class Event(Part):
    type: str
    entity: Value | None = None
    actor: Value | None = None
    metadata: Values = {}


class Query(Part):
    """`from` names a table; the answer is rows, one row when `limit` is 1, a number by `select`.

    One row may be missing; `required` refuses the run instead.
    """

    from_: Literal["entities", "connections", "events", "tags"] = Field(
        validation_alias="from", serialization_alias="from"
    )
    where: list[Filter] = []
    search: Value | None = None
    order_by: list[Order] = []
    limit: int | None = Field(default=None, ge=1, le=MAX_ROWS)
    select: str | list[str] | None = None
    required: bool = False


class Service(Part):
    provider: str
    method: str
    params: Values = {}
    retry: Retry | None = None
    timeout: Duration | None = None


class Predicates(Part):
    exists: bool | None = None
    type: str | None = None
    status: Value | None = None
    empty: bool | None = None
    min: Value | None = None
    max: Value | None = None
    gt: Value | None = None
    gte: Value | None = None
    lt: Value | None = None
    lte: Value | None = None
    eq: Value | None = None
    ne: Value | None = None
    in_: Value | None = Field(default=None, validation_alias="in", serialization_alias="in")
    min_length: Value | None = None
    max_length: Value | None = None
    pattern: str | None = None
    owns: Value | None = None
    holds: Value | None = None


def _reads(name: str) -> str:
    parse(f"${name}")
    return name


class Validate(Part):
    """What must hold, by name (a path such as `fan.status` too), or one condition.

    In JSON the names stand beside `condition` and `message`.
    """

    checks: dict[Annotated[str, AfterValidator(_reads)], Predicates] = {}
    condition: Condition | None = None
    message: Value | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        body = cast("dict[str, object]", given)
        if "checks" in body:
            return body
        plain = {"condition", "message"}
        own = {key: one for key, one in body.items() if key in plain and not _is_check(one)}
        return {**own, "checks": {key: one for key, one in body.items() if key not in own}}

    @model_serializer(mode="wrap")
    def _spread(self, inner: SerializerFunctionWrapHandler) -> dict[str, JSON]:
        body: dict[str, JSON] = inner(self)
        checks = cast("dict[str, JSON]", body.pop("checks", {}))
        return {**checks, **body}


def _is_check(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    keys = cast("dict[str, object]", value).keys()
    return bool(keys) and keys <= _CHECKS


_CHECKS = frozenset(
    field.serialization_alias or field.alias or name
    for name, field in Predicates.model_fields.items()
)


class If(Part):
    condition: Condition
    then: "list[Step]"
    else_: "list[Step]" = Field(default=[], validation_alias="else", serialization_alias="else")


class ForEach(Part):
    in_: Value = Field(validation_alias="in", serialization_alias="in")
    as_: str = Field(default="item", validation_alias="as", serialization_alias="as")
    do: "list[Step]"
    parallel: bool = False
    continue_on_error: bool = False


class Until(Part):
    """A moment: a clock time, a weekday and a time, or a computed one."""

    until: Value


class WaitForEvent(Part):
    type: str  # of an event, or of a relation that `actor` comes to stand in to `entity`
    entity: Value | None = None
    actor: Value | None = None
    where: Values = {}
    timeout: Duration | None = None


class Update(Part):
    """`set` replaces, `add` is one atomic increment; a connection is named by its ends and type."""

    target: Value
    set: Values = {}
    add: Values = {}
    status: str | None = None


class Grant(Part):
    """Units of a token to someone; without an asset the token in scope, else the owner's."""

    to: Value
    asset: Value | None = None
    amount: Value
    when: Condition | None = None


class Tagging(Part):
    target: Value
    names: list[Value]


class Disconnect(Part):
    from_: Value = Field(validation_alias="from", serialization_alias="from")
    to: Value
    type: str


class Target(Part):
    target: Value


class Nested(Part):
    name: str | None = None
    steps: "list[Step]"


class Notify(Part):
    to: Value
    about: Value
    channels: list[str] = ["app"]
    with_: Values = Field(default={}, validation_alias="with", serialization_alias="with")


class Try(Part):
    do: "list[Step]"
    catch: "list[Step]" = []
    finally_: "list[Step]" = Field(
        default=[], validation_alias="finally", serialization_alias="finally"
    )


class Retrying(Part):
    do: "list[Step]"
    times: int = Field(ge=1, le=20)
    delay: Duration | None = None
    backoff: Literal["fixed", "exponential"] | None = None
    fallback: "list[Step]" = []


class Checkpoint(Part):
    name: str
    number: int | None = None
    do: "list[Step]"


class CallFeature(Part):
    feature: str
    input: Values = {}


class Later(Part):
    do: "list[Step]"
    when: str | None = None


class Show(Part):
    values: Values
    to: Value | None = None


class OnError(Part):
    """What a failing step does instead of ending the run."""

    return_: Values | None = Field(
        default=None, validation_alias="return", serialization_alias="return"
    )
    continue_: bool = Field(
        default=False, validation_alias="continue", serialization_alias="continue"
    )
    retry: Retry | None = None
    rollback: "list[Step]" = []


class Step(Part):
    """Exactly one of the primitives, what it saves and what it does when it fails."""

    entity: Entity | None = None
    connect: Connect | None = None
    event: Event | None = None
    query: Query | None = None
    service: Service | None = None
    validate_: Validate | None = Field(
        default=None, validation_alias="validate", serialization_alias="validate"
    )
    atomic: "list[Step] | None" = None
    if_: If | None = Field(default=None, validation_alias="if", serialization_alias="if")
    for_each: ForEach | None = None
    parallel: "dict[str, list[Step]] | None" = None
    wait: "Duration | Until | None" = None
    wait_for_event: WaitForEvent | None = None
    update: Update | None = None
    grant: Grant | None = None
    tag: Tagging | None = None
    disconnect: Disconnect | None = None
    delete: Target | None = None
    restore: Target | None = None
    archive: Target | None = None
    publish: Target | None = None
    flow: Nested | None = None
    notify: Notify | None = None
    try_: Try | None = Field(default=None, validation_alias="try", serialization_alias="try")
    retry: Retrying | None = None
    step: Checkpoint | None = None
    set: Values | None = None
    call: CallFeature | None = None
    later: Later | None = None
    return_: Values | None = Field(
        default=None, validation_alias="return", serialization_alias="return"
    )
    show: Show | None = None
    output: str | None = None
    on_error: OnError | None = None
    id: str | None = None

    @property
    def kind(self) -> str:
        """The primitive's key, as JSON spells it."""
        given = self.__pydantic_fields_set__ - _BESIDE
        for name in given if len(given) == 1 else PRIMITIVES:
            if getattr(self, name) is not None:
                return PRIMITIVES[name]
        return ""

    def blocks(self) -> "Sequence[tuple[str, list[Step]]]":
        """The lists of steps inside, each with its path below this step."""
        if _HOLDING.isdisjoint(self.__pydantic_fields_set__):
            return ()
        inside = _INSIDE.get(self.kind)
        found = inside(self) if inside is not None else ()
        if self.on_error and self.on_error.rollback:
            return (*found, ("rollback", self.on_error.rollback))
        return found


Blocks = Sequence[tuple[str, list[Step]]]


def _branches(step: Step) -> Blocks:
    return (("then", step.if_.then), ("else", step.if_.else_)) if step.if_ else ()


def _tried(step: Step) -> Blocks:
    body = step.try_
    return (("do", body.do), ("catch", body.catch), ("finally", body.finally_)) if body else ()


def _retried(step: Step) -> Blocks:
    return (("do", step.retry.do), ("fallback", step.retry.fallback)) if step.retry else ()


def _done(step: Step) -> Blocks:
    body = step.for_each or step.later or step.step
    return (("do", body.do),) if body else ()


_INSIDE: Mapping[str, Callable[[Step], Blocks]] = {
    "if": _branches,
    "try": _tried,
    "retry": _retried,
    "forEach": _done,
    "later": _done,
    "step": _done,
    "flow": lambda step: (("steps", step.flow.steps),) if step.flow else (),
    "parallel": lambda step: tuple((step.parallel or {}).items()),
    "atomic": lambda step: (("atomic", step.atomic or []),),
}

_BESIDE = frozenset({"output", "on_error", "id"})
PRIMITIVES: Mapping[str, str] = {
    name: field.serialization_alias or field.alias or name
    for name, field in Step.model_fields.items()
    if name not in _BESIDE
}
_HOLDING = frozenset(name for name, key in PRIMITIVES.items() if key in _INSIDE) | {"on_error"}


class Program(Part):
    """A feature. `feature` is its slug, `title` what the writer called it."""

    ir_version: int = IR_VERSION
    feature: str
    title: str = ""
    trigger: Trigger | None = None
    input: dict[str, Slot] = {}
    output: dict[str, Slot] = {}
    errors: list[str] = []
    flow: list[Step] = []

    def canonical(self) -> dict[str, JSON]:
        """JSON in one form only: defaults left out, keys in the models' order."""
        body: dict[str, JSON] = self.model_dump(by_alias=True, exclude_defaults=True, mode="json")
        return {
            "irVersion": self.ir_version,
            "feature": self.feature,
            **{key: value for key, value in body.items() if key not in {"irVersion", "feature"}},
        }

    def join_errors(self) -> None:
        """Texts that a failing step returns are declared errors as well."""
        for step in steps_of(self.flow):
            given = step.on_error.return_ if step.on_error else None
            match (given or {}).get("error"):
                case Lit(str(text)) if text not in self.errors:
                    self.errors.append(text)
                case _:
                    pass

    def encoded(self) -> bytes:
        """The canonical bytes that a revision's digest is made of."""
        return orjson.dumps(self.canonical(), option=orjson.OPT_SORT_KEYS)


def walk(steps: list[Step], path: str = "flow") -> Iterator[tuple[str, Step]]:
    """Every step with its stable path (`flow.2.then.0`), outer before inner."""
    for number, step in enumerate(steps):
        here = f"{path}.{number}"
        yield here, step
        for name, block in step.blocks():
            yield from walk(block, f"{here}.{name}")


def steps_of(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step, outer before inner."""
    for step in steps:
        yield step
        for _, block in step.blocks():
            yield from steps_of(block)


def trees_in(part: object) -> Iterator[Expr]:
    """Every value of a step itself, wherever it stands; blocks of steps are left out."""
    if isinstance(part, Expr):
        yield part
    elif isinstance(part, Step):
        own = getattr(part, _ATTRIBUTES.get(part.kind, "output"))
        yield from trees_in(None if isinstance(own, list) else own)
    elif isinstance(part, Part):
        for value in part.__dict__.values():
            yield from trees_in(value)
    elif isinstance(part, dict):
        for value in cast("dict[str, object]", part).values():
            yield from trees_in(value)
    elif isinstance(part, list):
        for value in cast("list[object]", part):
            if not isinstance(value, Step):
                yield from trees_in(value)


_ATTRIBUTES = {key: attribute for attribute, key in PRIMITIVES.items()}
