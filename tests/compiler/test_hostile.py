"""Whatever is thrown at it, the compiler answers; the same text gives the same answer."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one.compiler import check_text
from one.compiler.verbs import grammar
from tests.compiler.world import vocabulary

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
_PIECES = """fan course 's a to as with , : ( ) " “ ' [ ] { } $5 10% 24 hours they it my me and or
not exists is at least video links FEATURE: INPUT: OUTPUT: - * 1. # // ... $x $(1) €3 9am"""
_WORDS = st.sampled_from(
    [*grammar().spellings(), *_PIECES.split(), "\t", "\n", "\n\n", "\n  ", "\n    - "]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=60).map(lambda words: "FEATURE: x\n" + " ".join(words)))
def test_words_in_any_order_are_answered(text: str) -> None:
    assert check_text(text, vocabulary()).features


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert check_text(text, vocabulary()).features


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_a_hostile_text_never_changes_the_shape(text: str) -> None:
    safe = "".join(c for c in text if c not in '"“”„«»\\\r\n[]{}\u2028\u2029' and c.isprintable())
    report = check_text(
        f'FEATURE: x\nINPUT:\n  - fan: who\nNOTIFY fan ABOUT "a{safe}"\n', vocabulary()
    )
    assert [step.kind for step in report.features[0].program.flow] == ["notify"]


def test_a_record_of_a_text_without_words_is_answered() -> None:
    assert check_text("FEATURE: x\nRECORD “", vocabulary()).features[0].outcome == "error"


def test_the_same_text_gives_the_same_bytes() -> None:
    text = "".join(verb.example for verb in grammar().verbs.values())
    first, second = (check_text(text, vocabulary()).as_json() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize("file", sorted(CASES.glob("*/*.one")), ids=lambda file: file.stem)
def test_lines_that_stay_read_say_the_same_again(file: Path) -> None:
    """Nobody who reads on changes them, and what is told of a line is told each time."""
    text = file.read_text()
    quiet = text.lower()  # small letters read the same lines in another way
    first, other = (check_text(one, vocabulary()).as_json() for one in (text, quiet))
    assert check_text(text, vocabulary()).as_json() == first
    assert check_text(quiet, vocabulary()).as_json() == other


@pytest.mark.parametrize(
    "text",
    [
        "FEATURE: x\nCHECK " + "not " * 5_000 + "fan exists",
        "FEATURE: x\nCHECK " + "(" * 900 + "fan exists",
        "FEATURE: x\nCHECK " + "fan exists and " * 250 + "fan exists",
        "FEATURE: x\nSET total to " + "1 plus " * 500 + "2",
        "FEATURE: x\n" + "IF fan exists\n" * 500,
        '{feature: "x", flow: [{set: {a: "$(' + "1 + " * 500 + '1)"}}]}',
        '{feature: "x", flow: [{set: {a: ' + "[" * 200 + "]" * 200 + "}}]}",
        "FEATURE: x\n" + "CHECK now is after now\n" * 501,
        '{feature: "x", flow: [' + "{set: {a: 1}}," * 501 + "]}",
        "FEATURE: x\nINPUT: fan\nFOR EACH x IN " + "fan " * 1_000,
        "FEATURE: x\nINPUT: fan\nWAIT until " + "fan is " * 1_000,
    ],
    ids=[
        "not",
        "brackets",
        "and",
        "plus",
        "if",
        "expression",
        "lists",
        "commands",
        "steps",
        "loop",
        "wait",
    ],
)
def test_what_is_too_tangled_is_told(text: str) -> None:
    report = check_text(text, vocabulary()).features[0]
    assert any(one.code in {"E108", "E113", "E112", "E907", "E910"} for one in report.diagnostics)


@pytest.mark.parametrize(
    "text",
    [
        "DEFINE fans of [star] AS all followers of [star]\nINPUT:\nINPUT:\n  - star: who\n",
        "DEFINE fans AS people\nFEATURE: x\nFOR EACH €3 of mine\n  STOP\n",
        "FEATURE: x\nCHECK ( )\n",
        "FEATURE: x\nINPUT: payment\nCHECK payment is at most old\n",
        'IF my" ',
        "FEATURE: x\nCREATE\n    - *\tREMOVE\n",
        "FEATURE: x\nSEARCH my blog posts ABOUT\n",
        "FEATURE: x\nGIVE step, span, self\n",
        "FEATURE: x\nUPDATE my website's\n",
        "FEATURE: x\nWAIT until dawn comes SAVE AS dawn\nGET dawn's viewers SAVE AS seen\n",
        "[[{feature: 'x', flow: [1]}]]",
        "FEATURE: x\nGET all my videos SAVE AS videos\nFOR EACH video IN -\nDELETE video\n",
        "FEATURE: x\nCREATE\n    - ) GIVE BACK SORTED BY\n    - b\n",
        'FEATURE: x\nCHECK 12"\n',
        "FEATURE: x\nINPUT: fan\nGIVE [ ]\n",
        "FEATURE: x\nINPUT: fan\nCALL OpenAI to greet WITH fan,-AVE AS greeting\nGIVE greeting\n",
        "FEATURE: x\nSEND hello TO my subscribe-rs\nGIVE wibble\n",
        "DEFINE fans of [star] AS all followers of []\nFEATURE: x\nINPUT: star\nGET fans of star",
        "[{feature: 'x', flow: [{validate: {'fan...': {exists: true}}}]}]",
        "FEATURE: x\nGET my videos made between 2029-01-01 and 2029-12-31  2029-12-31 SAVE AS y\n",
        "FEATURE: x\nINPUT: guest\nWAIT until-\n",
        "FEATURE: x\nWHE1. passes a quiz\nGIVE 1\n",
        "FEATURE: x\nINPUT: fan\nCHECK fan has enough\n",
        'FEATURE: x\nDEFINE COMBINE\nCOMBINE "\n  $x CONTINUE IF ONE FAILS\nCHECK\n  - it ELSE IF',
        'CHECK fan owns tokens and\n  they foll\' OTHERWISE say "Not yet"',
        '{"feature": "x", "flow": [{"if": {"condition": "{a}"}}, ["$(1 +"]]}',
    ],
)
def test_what_a_fuzzer_once_broke_is_answered(text: str) -> None:
    report = check_text(text, vocabulary()).features[0]
    assert report.diagnostics
    assert report.as_json()


@pytest.mark.parametrize("searching", [True, False])
def test_a_check_leaves_the_search_for_garbage_as_it_was(searching: bool) -> None:
    (gc.enable if searching else gc.disable)()
    try:
        check_text("FEATURE: x\n", vocabulary())
        assert gc.isenabled() is searching
    finally:
        gc.enable()


def test_a_text_of_many_lines_is_answered() -> None:
    assert check_text("\n" * 100_000, vocabulary()).features[0].diagnostics[0].code == "E101"


LOADED = """
import sys
import one.compiler, one.compiler.sheet
print(sorted(name for name in sys.modules if name.split(".")[0] in {
    "psycopg", "psycopg_pool", "starlette", "uvicorn", "httpx", "openai", "stripe", "pygls",
    "lsprotocol", "click", "asyncio", "sqlite3"} or name.startswith(("one.store", "one.runtime"))))
"""


def test_the_compiler_loads_no_driver_web_framework_or_vendor() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


DIGEST = """
import hashlib, json, sys
from pathlib import Path
from one.compiler import check_text
from one.compiler.sheet import sheet_of
from tests.compiler.world import vocabulary
said = hashlib.sha256()
for path in sorted(Path("tests/cases").rglob("*.one")):
    for one in check_text(path.read_text(), vocabulary()).features:
        said.update(json.dumps(one.as_json()).encode() + one.program.encoded())
        said.update(json.dumps(sheet_of(one.program, vocabulary()).as_json()).encode())
print(said.hexdigest())
"""


def test_the_same_bytes_come_out_whatever_the_seed_of_hashes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in (0, 1, 4711)
    }
    assert len(digests) == 1


_MARKS = (":", "or", "and", "of", ",", "(", "'s", "- :", ", ,", "[", '"', "with")
_FORMS = (
    "{verb}\n    - {mark}\n",
    "{verb} {mark} WITH {mark}\n",
    "{verb} fan\n  WITH {mark}\n  SAVE AS {mark}\n",
    "{verb}\n  {mark}\n",
)


@pytest.mark.parametrize("verb", sorted(grammar().verbs))
def test_a_command_of_bare_marks_is_answered(verb: str) -> None:
    for form in _FORMS:
        for mark in _MARKS:
            text = "FEATURE: x\n" + form.format(verb=verb, mark=mark)
            assert check_text(text, vocabulary()).features
