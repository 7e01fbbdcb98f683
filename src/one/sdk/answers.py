"""Small values that generated code passes on: nothing yet, an answer, the outcome of a failure."""

from typing import TypeVar

from one.errors import OneError
from one.sdk.feature import Output
from one.sdk.values import Value

OutputT = TypeVar("OutputT", bound=Output)


def nothing() -> Value:
    """What a name stands for until it is bound."""
    return None


def answered(output: Output, kind: type[OutputT]) -> OutputT:
    """The answer of a part of a feature, as the feature's own."""
    assert isinstance(output, kind), "parts of a feature give what it gives"
    return output


def failed_with(failure: OneError) -> Value:
    """The outcome of what failed, for a feature that goes on and asks about it later."""
    return {"failed": True, "message": failure.message}
