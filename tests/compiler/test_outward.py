"""What strangers read of a feature: what it does and may do with them, and none of its author's
own values.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from one.compiler import check_text
from one.compiler.expression import Expr, Lit, Template, children
from one.compiler.outward import told_outside
from one.compiler.program import Program, steps_of, trees_in
from one.compiler.sheet import sheet_of
from one.compiler.sheet.facing import facing
from tests.compiler.world import one, vocabulary

GOOD = sorted((Path(__file__).parent.parent / "cases" / "good").glob("*.one"))


def read(program: Program) -> str:
    """All that a stranger reads of it."""
    sheet = sheet_of(program, vocabulary())
    steps = told_outside(program, runner=sheet.runs.runner, author="Ana")
    parts = facing(program, sheet, author="Ana")
    return "\n".join([*steps, *(line for lines in parts.values() for line in lines)])


def texts_in(tree: Expr) -> Iterator[str]:
    """What its author wrote there that is more than the name of a type or a state."""
    match tree:
        case Lit(str(text)) if not text.replace("_", "").isalnum() or not text.islower():
            yield text
        case Template(parts):
            yield from (part.strip() for part in parts if isinstance(part, str))
        case _:
            pass
    for part in children(tree):
        yield from texts_in(part)


def refusals_of(program: Program) -> str:
    steps = list(steps_of(program.flow))
    said = [str(one.validate_.message) for one in steps if one.validate_ is not None]
    return "\n".join([*said, *program.errors])


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_no_stranger_reads_what_an_author_wrote(path: Path) -> None:
    for feature in check_text(path.read_text(), vocabulary()).features:
        program = feature.program
        said, refusals = read(program), refusals_of(program)
        own = {
            text
            for step in steps_of(program.flow)
            if step.wait is None
            for tree in trees_in(step)
            for text in texts_in(tree)
            if len(text) > 11 and text not in refusals
        }
        asked = "answer the message"  # what a service is called for, by the words of ONE
        named = " ".join([program.title, *program.input, *program.output, asked])
        assert not [text for text in own if text in said and text not in named]
        assert "\x01" not in said


SHOP = """FEATURE: Shop
INPUT:
  - fan: who buys
  - code: their code
OUTPUT:
  - reply: what they hear
CHECK fan owns at least 5 tokens
  OTHERWISE say "Five tokens, please"
IF code is "SESAME" THEN
  SUBTRACT 5 FROM fan's token balance
CONNECT fan to me as following
GET my newest course SAVE AS my offer
CALL webhook to send to "https://ana:key@hooks.example/hush" WITH code
NOTIFY me ABOUT "Somebody came"
GIVE reply is "Hush"
"""


def test_an_author_with_a_name_of_small_words_keeps_it() -> None:
    steps = told_outside(one(SHOP).program, runner="fan", author="Tell me my fate")
    assert "From now on, the fan follows Tell me my fate." in steps


def test_what_is_told_is_told_from_the_runners_side() -> None:
    program = one(SHOP).program
    sheet = sheet_of(program, vocabulary())
    steps = told_outside(program, runner=sheet.runs.runner, author="Ana")
    assert "It needs code (text)." in steps
    assert (
        "Make sure that the fan's token balance is at least 5, else stop and say “Five tokens,"
        " please”." in steps
    )
    assert "If the code is “…”:" in steps
    assert "From now on, the fan follows Ana." in steps
    assert "Find Ana's newest course; call it Ana's offer." in steps
    parts = facing(program, sheet, author="Ana")
    assert parts["pays"] == ["5 of your tokens."]
    assert "From then on, you follow Ana." in parts["changes"]
    assert "By running it you say yes to follow Ana." in parts["yes"]
    assert parts["reaches"] == ["Ana in the app."]
    assert parts["leaves"] == ["The code to hooks.example, to post."]
    assert "Reply: what they hear." in parts["gets"]
