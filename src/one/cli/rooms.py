"""Every operation as a sub-command: `one <room> <verb-noun>`, acting as the staff."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
import orjson
from pydantic import BaseModel
from typing_extensions import override

from one import app
from one.cli.acting import STAFF, here
from one.errors import JSON, Invalid
from one.runtime import Answer, AnyOperation, Asked, Call
from one.runtime.input import parse, wire_name
from one.store import DEFAULT_SPACE

Run = Callable[[AnyOperation, Call], Answer]
Values = Mapping[str, Any]  # as click hands them over
AnyType = click.ParamType[Any]
_SPACE = "in_space"
TYPES: Mapping[str, AnyType] = {
    "integer": click.INT,
    "number": click.FLOAT,
    "boolean": click.BOOL,
}


def group(room: str) -> click.Group:
    """The sub-commands of a room of this deployment."""
    operations = [found for found in app.operations() if found.room == room]
    return commands(room, operations, run=_run)


def commands(room: str, operations: Iterable[AnyOperation], *, run: Run) -> click.Group:
    """A sub-command per operation, each run by `run`."""
    made = click.Group(room, help=f"Operations of the {room} room.")
    for operation in operations:
        made.add_command(_Operation(operation, run=run))
    return made


class Listing(click.Group):
    """The operations of a room; what begins with none of them is `listed`'s."""

    def __init__(self, room: str, listed: click.Command) -> None:
        super().__init__(room, commands=group(room).commands, help=listed.help)
        self.add_command(listed, "list")

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asked = args[:1]
        named = bool(asked) and (asked[0] in self.commands or asked[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


class _Operation(click.Command):
    """One operation; its options are made only when it is the one that is asked for."""

    def __init__(self, operation: AnyOperation, *, run: Run) -> None:
        self._operation, self._run = operation, run
        super().__init__(
            operation.verb_noun,
            callback=self._call,
            help=operation.doc,
            short_help=operation.summary,
        )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if not self.params:
            self.params = list(_params(self._operation))
        return super().get_params(ctx)

    def _call(self, **values: Any) -> None:
        answer = self._run(self._operation, _call_of(self._operation, values))
        show(answer.body)


def show(body: bytes) -> None:
    """JSON on stdout: laid out for a person, one line for a program."""
    if body and sys.stdout.isatty():
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    if body:
        click.echo(body)


def show_lines(found: BaseModel, lines: Sequence[str], *, as_json: bool, nothing: str) -> None:
    """A list on stdout, as JSON or a line each; on stderr that there is nothing."""
    if as_json:
        click.echo(found.model_dump_json())
        return
    for each in lines:
        click.echo(each)
    if not lines:
        click.echo(nothing, err=True)


def _params(operation: AnyOperation) -> Iterable[click.Parameter]:
    for name in operation.in_path.parameters:
        yield click.Argument([name], metavar=wire_name(name).upper())
    fields = operation.input.fields()
    for name in operation.input.parameters:
        spec, required = fields[wire_name(name)]
        words = str(spec.get("description", ""))
        yield click.Option(
            ["--" + name.strip("_").replace("_", "-"), name],
            type=_type(spec),
            multiple=spec.get("type") == "array" and _type(_items(spec)) is not _AS_JSON,
            help=f"{words} [required]" if required else words,
        )
    if operation.input.parameters:
        words = "All of the input as one JSON object; `-` reads it from stdin."
        yield click.Option(["--input"], help=words)
    yield click.Option(
        ["--space", _SPACE], type=click.UUID, default=DEFAULT_SPACE, help="Another space."
    )
    if operation.kind == "write" and operation.in_path.parameters:
        words = "Only if the thing still has this version."
        yield click.Option(["--if-match"], type=click.INT, help=words)


class _Json(click.ParamType[JSON]):
    name = "json"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> JSON:
        try:
            return parse(str(value).encode())
        except Invalid as error:
            self.fail(error.message, param, ctx)


_AS_JSON = _Json()


def _type(spec: Mapping[str, JSON]) -> AnyType:
    values = spec.get("enum")
    if isinstance(values, list):
        return click.Choice([str(value) for value in values])
    kind = spec.get("type")
    if kind == "array":
        return _type(_items(spec))
    if kind == "string":
        return click.STRING
    return TYPES.get(str(kind), _AS_JSON)


def _items(spec: Mapping[str, JSON]) -> Mapping[str, JSON]:
    items = spec.get("items")
    return items if isinstance(items, dict) else {}


def _call_of(operation: AnyOperation, values: Values) -> Call:
    stated = _whole(values.get("input"))
    for name in operation.input.parameters:
        value: JSON | tuple[JSON, ...] = values[name]
        if value not in (None, ()):
            stated[wire_name(name)] = [*value] if isinstance(value, tuple) else value
    return Call(
        STAFF,
        values[_SPACE],
        path=tuple((wire_name(name), str(values[name])) for name in operation.in_path.parameters),
        body=orjson.dumps(stated),
        asked=Asked(if_match=values.get("if_match")),
    )


def _whole(text: str | None) -> dict[str, JSON]:
    """The object given as `--input`. Raises Invalid."""
    body = sys.stdin.buffer.read() if text == "-" else (text or "{}").encode()
    stated = parse(body)
    if not isinstance(stated, dict):
        raise Invalid("The input is not a JSON object.", cure="Send one: --input '{…}'.")
    return stated


def _run(operation: AnyOperation, call: Call) -> Answer:
    async def run() -> Answer:
        async with app.build(here()) as built:
            built.known_space(call.space)
            return await operation.invoke(built.deployment, call)

    return asyncio.run(run())
