"""`one simulate`: what a text would do, a draft too."""

import logging
from collections.abc import Iterator
from uuid import UUID

import click
import orjson
import structlog
from pydantic import JsonValue, TypeAdapter, ValidationError

from one.cli.acting import acting, in_space
from one.cli.reading import read_texts
from one.cli.timeline import WIDE, written
from one.runtime import Context
from one.sdk.values import met, text
from one.workshop.preview import Act, Simulated, simulate_features

_MOST = 160
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def _object(ctx: click.Context, param: click.Parameter, value: str) -> dict[str, JsonValue]:
    try:
        return _OBJECT.validate_json(value)
    except ValidationError:
        words = 'give a JSON object, like {"amount": 3}'
        raise click.BadParameter(words, ctx, param) from None


@click.command("simulate")
@click.argument("path", metavar="FILE")
@click.option("--feature", default="", help="Which one, where the text has several.")
@click.option("--input", "given", default="{}", metavar="JSON", callback=_object, help="Its input.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@in_space
def command(
    *, path: str, feature: str, given: dict[str, JsonValue], as_json: bool, space: UUID
) -> None:
    """Try what a text would do, in a space of its own that is gone afterwards. Services are
    stand-ins and waits pass at once; what the input leaves out is made up, and of people and
    things it gives the names.

    Exits with 3 when the feature refuses.
    """
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)  # what breaks is told at the end, in words
    [text] = read_texts([path]).values()

    async def tried(ctx: Context) -> Simulated:
        return await simulate_features(ctx, text=text, feature=feature, input=given)

    found = acting(tried, space=space)
    click.echo(found.model_dump_json() if as_json else "\n".join(_lines(found, text)))
    if found.outcome != "done":
        raise click.exceptions.Exit(3)


def _lines(found: Simulated, text: str) -> Iterator[str]:
    draft = ", a draft with open questions" if found.draft else ""
    yield f"{found.feature}{draft}, with {_json(found.input)}"
    if found.found:
        yield f"  made up, as yours: {', '.join(found.found)}"
    for act in found.acts:
        yield _line(act, text)
    if found.outcome == "done":
        yield f"It gives {_json(found.output)}"
    else:
        yield f"It ends {found.outcome}: {found.message}"


def _line(act: Act, text: str) -> str:
    """An act by its line of the text, what it was given and what it gave."""
    place = f"line {act.line}" if act.line else act.path
    says = written(text, act.line, wide=WIDE) if act.line else act.does
    if act.path.endswith(".undo"):
        says = f"taken back by {act.does}"
    given = f"  {_words(act.given)}" if act.given else ""
    ended = " fails" if act.failed else "" if act.gave is None else f" → {_words(act.gave)}"
    return f"  {place:<8} {says:<{WIDE}}{given}{ended}".rstrip()


def _words(value: JsonValue) -> str:
    """A value as a person reads it."""
    words = text(met(_there(value))) or "nothing"
    return words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"


def _there(value: JsonValue) -> JsonValue:
    """A value without what nothing was said of."""
    match value:
        case list():
            return [found for one in value if (found := _there(one)) not in (None, [], {})]
        case dict():
            return {key: found for key, one in value.items() if (found := _there(one)) is not None}
        case _:
            return value


def _json(value: object) -> str:
    said = orjson.dumps(value).decode()
    return said if len(said) <= _MOST else f"{said[: _MOST - 1]}…"
