"""What came of a moment of a run, as a person reads it: in a terminal and on a page."""

from collections.abc import Mapping

from pydantic import JsonValue

from one.domains.runs import Moment
from one.sdk.values import known, met, text

_SIGNED = ("provider", "mode", "reference")
"""What every service signs its answers with; `one runs ID --json` has it."""


def came_of(moment: Moment) -> str:
    """The result in words; empty where there is nothing to tell."""
    match moment.operation, moment.result:
        case "given", dict(given):
            names = {key.removeprefix("given."): one for key, one in given.items()}
            given = {key: one for key, one in names.items() if one and key != "me"}
            return "; ".join(
                f"{key}: {worded(one)}" for key, one in given.items() if "#" not in key
            )
        case "data", dict(given):
            return "; ".join(said for one in given.values() if (said := worded(one)))
        case _, dict(given) if "provider" in given:
            given = {key: one for key, one in given.items() if key not in _SIGNED}
            return worded(given["value"] if [*given] == ["value"] else given)
        case _, came:
            return worded(came)


def worded(json: JsonValue) -> str:
    """A value that was kept, or that a service gave."""
    value = known(json)
    return text(met(json) if isinstance(value, Mapping | list) and value == json else value)


def failure_of(error: JsonValue) -> str:
    """What went wrong, and what to do."""
    match error:
        case {"message": str(message)}:
            cure = error.get("cure")
            return f"{message} {cure}" if cure else message
        case {"certain": False}:
            return "Nobody knows whether it was done."
        case _:
            return worded(error)
