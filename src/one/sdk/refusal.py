"""How a feature says no."""

from one.errors import Invalid


class Refusal(Invalid):
    """A CHECK that failed, or a failure that the feature has words for. `code` is its own."""

    title = "Refused"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, details={"code": code})
        self.code = code


class NotTheirs(Refusal):
    """What is not, or no longer, the author's or the runner's to do."""

    def __init__(self, message: str) -> None:
        super().__init__("not_yours", message)
