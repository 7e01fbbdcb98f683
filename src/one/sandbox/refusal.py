"""What the sandbox refuses, in the words and codes that Stripe does it with."""

from typing import Literal

from pydantic import JsonValue

Family = Literal["api_error", "card_error", "idempotency_error", "invalid_request_error"]


class Refusal(Exception):
    """An error of Stripe's. `kept`: its idempotency key answers with it from now on."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kept: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status
        self.kept = kept

    @property
    def document(self) -> dict[str, JsonValue]:
        return error("invalid_request_error", self.message, code=self.code, param=self.param)


def error(family: Family, message: str, **more: JsonValue) -> dict[str, JsonValue]:
    """The body of an answer that tells of an error."""
    said = {name: value for name, value in more.items() if value is not None}
    return {"error": {"type": family, "message": message, **said}}


def invalid(message: str, param: str, *, code: str | None = None) -> Refusal:
    """What is wrong with the request itself: the same key may come again with a better one."""
    return Refusal(message, code=code, param=param, kept=False)


def missing(kind: str, id: str, *, param: str = "id") -> Refusal:
    """There is no such object in this account."""
    status = 404 if param == "id" else 400
    message = f"No such {kind.replace('.', ' ')}: '{id}'"
    return Refusal(message, code="resource_missing", param=param, status=status, kept=False)


class Declined(Exception):
    """A bank said no. What came of it so far is kept, unlike with a Refusal."""

    status = 402

    def __init__(self, wrong: dict[str, JsonValue]) -> None:
        super().__init__(str(wrong["message"]))
        self.document: dict[str, JsonValue] = {"error": wrong}
