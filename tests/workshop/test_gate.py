"""The gate: what generated code may hold, and that everything else is kept out."""

import pytest

from one.compiler import check_text
from one.compiler.vocabulary import Vocabulary
from one.ontology import load
from one.providers.base import catalogue
from one.workshop.gate import Unsafe, admit, build, digest_of
from tests.domains.live import GREET

GOOD = """
from one.sdk import Input, Output, Run, feature


class Given(Input):
    name: str


class Result(Output):
    greeting: str


@feature("Greet")
async def greet(run: Run, given: Given) -> Result:
    return Result(greeting=f"Hello {given.name}")
"""
PLANTED = 'return Result(greeting=f"Hello {given.name}")'


def with_line(line: str) -> str:
    return GOOD.replace(PLANTED, f"{line}\n    {PLANTED}")


def test_what_the_emitter_writes_is_let_in() -> None:
    assert admit(GOOD, "greet").title == "Greet"
    words = Vocabulary(load(None), catalogue())
    (report,) = check_text(GREET, words).features
    built = build(report.program, words, text=GREET, lines=report.lines)
    assert (built.feature.slug, built.feature.durable) == ("greet_a_fan", False)
    again = build(report.program, words, text=GREET, lines=report.lines)
    assert built.module == again.module
    assert digest_of(report.program) == digest_of(report.program.model_copy(deep=True))


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import system",
        "from one.store import Store",
        "from one.sdk.data import Data",
        "from one import sdk",
        "from . import sdk",
        "eval('1')",
        "exec('1')",
        "open('/etc/passwd')",
        "compile('1', '', 'eval')",
        "__import__('os')",
        "print('x')",
        "getattr(run, 'engine')",
        "globals()",
        "run.__class__",
        "given.__dict__",
        "().__class__.__bases__",
        "'{0.__class__}'.format(given)",
        "f'{given.__class__}'",
        "(lambda: 0).__globals__",
        "__builtins__['eval']('1')",
        "while True: pass",
        "global x",
        "del given",
        "x = (y for y in [1]).gi_frame",
        "assert False",
        "run._durable",
        "b'bytes'",
        "class int(Output): pass",
        "def __build_class__(): pass",
        "nobody",
        "yield 1",
        "match given: \n        case _: pass",
        "(x := 1)",
        "run.engine",
        "given.name.__len__()",
    ],
)
def test_what_may_not_stand_in_a_feature_is_kept_out(line: str) -> None:
    with pytest.raises(Unsafe):
        admit(with_line(line), "greet")


def test_what_is_too_large_too_deep_or_no_feature_is_kept_out() -> None:
    for module in (
        GOOD + "#" * 2_000_000,
        with_line(f"x = {'[' * 120}{']' * 120}"),
        with_line("x = [" + "1, " * 200_000 + "]"),
        "def (",
        "\0",
        GOOD.replace("async def greet", "async def other"),
    ):
        with pytest.raises(Unsafe):
            admit(module, "greet")
