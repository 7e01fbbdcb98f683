"""Code to be read: its words in colours, made on the server."""

import io
import keyword
import re
import tokenize

from markupsafe import Markup, escape

_PYTHON = re.compile(r"\.py$")
_SPAN = Markup('<span class="{}">{}</span>')
_CALLED = re.compile(r"[A-Za-z_]\w*")


def painted(name: str, text: str) -> Markup:
    """The text of a file; of Python with its keywords, strings, numbers and comments marked."""
    if not _PYTHON.search(name):
        return escape(text)
    try:
        return Markup().join(_parts(text))
    except (tokenize.TokenError, SyntaxError):
        return escape(text)


def _parts(text: str) -> list[Markup]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    found: list[Markup] = []
    done = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        colour = _colour(token)
        if not colour:
            continue
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        found += [escape(text[done:start]), _SPAN.format(colour, text[start:end])]
        done = end
    return [*found, escape(text[done:])]


_STRINGS = {
    getattr(tokenize, name)
    for name in ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    if hasattr(tokenize, name)
}


def _colour(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.COMMENT:
        return "code-comment"
    if token.type in _STRINGS:
        return "code-text"
    if token.type == tokenize.NUMBER:
        return "code-number"
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "code-command"
    after = token.line[token.end[1] :].lstrip()
    if token.type == tokenize.NAME and after.startswith("(") and _CALLED.fullmatch(token.string):
        return "code-name"
    return ""
