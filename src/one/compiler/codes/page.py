"""What the page of a code holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`bad` gets the code, `good` says the same thing and does not; `why` is for a creator.

    A code that nothing can get with the services of this package has no examples.
    """

    code: str
    title: str
    why: str
    bad: str
    good: str
