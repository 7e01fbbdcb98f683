"""What is sent: forms whose names say with brackets where a value belongs, and what they may hold.

`line_items[0][price_data][currency]=usd&expand[]=payment_intent`
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from one.sandbox.refusal import Refusal, invalid

ParamsT = TypeVar("ParamsT", bound="Params")
ItemT = TypeVar("ItemT")
Nested = dict[str, Any]  # texts, and further ones
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def _listed(value: object) -> object:
    """What has only numbers for names is a list."""
    if isinstance(value, dict):
        return list(cast("Mapping[str, object]", value).values())
    return [] if value == "" else value


Many = Annotated[tuple[ItemT, ...], BeforeValidator(_listed)]
Key = Annotated[str, StringConstraints(max_length=40)]
Value = Annotated[str, StringConstraints(max_length=500)]


def _emptied(value: object) -> object:
    return {} if value == "" else value


Metadata = Annotated[
    dict[Key, Value], BeforeValidator(_emptied), Field(max_length=50, default_factory=dict)
]
Cents = Annotated[int, Field(ge=1, le=99_999_999)]
Currency = Annotated[str, BeforeValidator(lambda value: str(value).lower())]


class Part(BaseModel):
    """A group of parameters; what isn't named in it is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Params(Part):
    """The parameters of a call."""

    expand: Many[str] = ()


class Page(Params):
    """Which part of a list is asked for."""

    limit: int = Field(default=10, ge=1, le=100)
    starting_after: str | None = None
    ending_before: str | None = None


def nested(pairs: Iterable[tuple[str, str]]) -> Nested:
    """Names with brackets as what they stand for. Raises Refusal."""
    made: Nested = {}
    for name, value in pairs:
        read = _NAME.fullmatch(name)
        if read is None:
            raise invalid(f"Invalid name of a parameter: {name}", name)
        path = [read[1], *re.findall(r"\[([^\[\]]*)\]", read[2])]
        place = made
        for part in path[:-1]:
            deeper = place.setdefault(part or str(len(place)), {})
            if not isinstance(deeper, dict):
                raise invalid(f"Invalid object: {name}", name)
            place = cast("Nested", deeper)
        place[path[-1] or str(len(place))] = value
    return made


def read(kind: type[ParamsT], given: Nested) -> ParamsT:
    """The parameters of a call. Raises Refusal with the first that is wrong."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise _wrong(first["type"], tuple(map(str, first["loc"])), first["input"]) from None


def _wrong(kind: str, place: tuple[str, ...], value: object) -> Refusal:
    param = place[0] + "".join(f"[{part}]" for part in place[1:])
    match kind:
        case "missing":
            return invalid(f"Missing required param: {param}.", param, code="parameter_missing")
        case "extra_forbidden":
            return invalid(f"Received unknown parameter: {param}", param, code="parameter_unknown")
        case "int_parsing" | "int_type" | "int_from_float":
            return invalid(f"Invalid integer: {value}", param, code="parameter_invalid_integer")
        case "greater_than_equal" if param.endswith(("amount", "quantity")):
            said = "This value must be greater than or equal to 1."
            return invalid(said, param, code="parameter_invalid_integer")
        case "bool_parsing" | "bool_type":
            return invalid(f"Invalid boolean: {value}", param)
        case _:
            return invalid(f"Invalid {param}: {value}", param)
