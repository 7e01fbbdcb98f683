"""A text in its canonical layout, as one file on disk has it."""

from one.compiler import is_technical
from one.compiler.format import format_text
from one.compiler.verbs import grammar


def tidied(text: str) -> str:
    """The text laid out, with its own line endings; the Technical DSL stays as it is."""
    if is_technical(text) or not text.strip():
        return text
    laid_out = format_text(text, grammar())
    return laid_out.replace("\n", "\r\n") if "\r\n" in text else laid_out
