"""Small values that generated code passes on: nothing yet, the outcome of a failure."""

from one.errors import OneError
from one.sdk.values import Value


def nothing() -> Value:
    """What a name stands for until it is bound."""
    return None


def failed_with(failure: OneError) -> Value:
    """The outcome of what failed, for a feature that goes on and asks about it later."""
    return {"failed": True, "message": failure.message}
