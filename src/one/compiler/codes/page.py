"""What the page of a code holds."""

import re

from one.compiler.light import frozen

MAX_HINT = 150


@frozen
class Page:
    """`bad` gets the code, `good` says the same thing and does not; `why` is for a creator.

    A code that nothing can get with the services of this package has no examples.
    """

    code: str
    title: str
    why: str
    bad: str
    good: str

    @property
    def hint(self) -> str:
        """The first sentences of the reason, as far as they fit beside a message."""
        said = ""
        for sentence in re.split(r"(?<=[.!?]) ", self.why):
            if said and len(said) + len(sentence) > MAX_HINT:
                break
            said = f"{said} {sentence}".strip()
        return said
