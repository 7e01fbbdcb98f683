"""Generated code reads like code written by hand, and is the same whenever it is written."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, given, seed, settings

import one.sdk
from one.compiler.emit import EMITTER_VERSION, emit
from one.compiler.emit.cases import cases_of
from one.compiler.emit.module import SDK
from one.compiler.emit.openapi import entry, operation
from one.compiler.emit.printing import laid_out
from one.compiler.program import Program
from tests.compiler.golden import golden
from tests.compiler.world import one as report_of
from tests.compiler.world import vocabulary
from tests.workshop.drawn import programs

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all golden features and their tests."""
    folder = tmp_path_factory.mktemp("generated")
    for slug, each in golden().items():
        (folder / f"{slug}.py").write_text(each.emitted.module)
        cases = cases_of(each.program, vocabulary(), emitted=each.emitted)
        (folder / f"test_{slug}.py").write_text(cases.module)
    options = {
        "include": ["."],
        "extraPaths": [str(ROOT / "src")],
        "venvPath": str(ROOT),
        "venv": ".venv",
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(options))
    long = '[lint]\nextend-ignore = ["PLR0915"] # a test has a line for each effect of its way\n'
    (folder / "ruff.toml").write_text(f'extend = "{ROOT / "pyproject.toml"}"\n{long}')
    return folder


def says(*command: str, folder: Path) -> str:
    """What a tool says of a folder; nothing where it has no complaint."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_formatter_would_change_nothing(written: Path) -> None:
    assert says(str(BIN / "ruff"), "format", "--diff", ".", folder=written) == ""


def test_a_linter_finds_nothing(written: Path) -> None:
    assert says(str(BIN / "ruff"), "check", ".", folder=written) == ""


def test_strict_types_hold(written: Path) -> None:
    assert says(str(BIN / "basedpyright"), "-p", str(written), folder=written) == ""


DIGEST = """
import hashlib
from one.compiler.emit.cases import cases_of
from tests.compiler.golden import golden
from tests.compiler.world import vocabulary
parts = [one.emitted.module + cases_of(one.program, vocabulary(), emitted=one.emitted).module
         for one in golden().values()]
print(hashlib.sha256("".join(parts).encode()).hexdigest())
"""


def test_each_step_stands_below_the_line_that_asks_for_it() -> None:
    for name, found in golden().items():
        assert not re.search(r"(?m)^ +# \d+: FEATURE:", found.emitted.module), name


def test_the_same_program_gives_the_same_bytes_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "20")
    }
    assert len(digests) == 1
    assert digests != {hashlib.sha256(b"").hexdigest()}


def test_generated_code_knows_the_sdk_as_it_is() -> None:
    assert set(one.sdk.__all__) - {"Feature", "Data"} == SDK
    assert EMITTER_VERSION >= 1


@pytest.mark.parametrize(
    ("line", "laid"),
    [
        ("x = 1", ["x = 1"]),
        (
            f"await data.create({', '.join(['first_argument_of_many'] * 5)})",
            [
                "await data.create(",
                *["    first_argument_of_many,"] * 5,
                ")",
            ],
        ),
        (
            f"if {' and '.join(['a_condition_that_is_long'] * 5)}:",
            [
                "if (",
                "    a_condition_that_is_long",
                *["    and a_condition_that_is_long"] * 4,
                "):",
            ],
        ),
        (
            f'told = f"{"a song of {name} and " * 6}"',
            [
                "told = (",
                f'    f"{"a song of {name} and " * 4}a song "',
                '    f"of {name} and a song of {name} and "',
                ")",
            ],
        ),
        (
            f'if note == "{"so it is and " * 8}":',
            [
                "if note == (",
                f'    "{"so it is and " * 7}so "',
                '    "it is and "',
                "):",
            ],
        ),
        (f'raise Refusal("{"x" * 90}")', ["raise Refusal(", f'    "{"x" * 90}"', ")"]),
    ],
)
def test_long_lines_open_at_their_brackets(line: str, laid: list[str]) -> None:
    assert laid_out(line, 0) == laid


HOSTILE = (
    '''FEATURE: Say """ \\ it
INPUT:
  - fan: who """ asks \\
SEND "quo\\"te '''
    + "'''"
    + """ {fan} \\n" to fan
GIVE "done"
"""
)


def test_no_text_breaks_out_of_its_literal() -> None:
    report = report_of(HOSTILE)
    made = emit(report.program, vocabulary(), text=HOSTILE, lines=report.lines)
    compile(made.module, "made", "exec")


SHARE = """
FEATURE: Share a prize
INPUT:
  - winner: who came first
  - course: the course
  - prize: how many tokens (between 10 and 1000)
OUTPUT:
  - thanks: what we say
CHECK winner is enrolled in course
  OTHERWISE say "Enroll first"
REWARD winner WITH prize tokens
GIVE thanks "Well done"
"""


def test_a_feature_is_an_operation_of_openapi() -> None:
    report = report_of(SHARE)
    made = emit(report.program, vocabulary(), text=SHARE, lines=report.lines)
    shapes = entry(report.program)
    assert shapes.request["required"] == ["winner", "course", "prize"]
    assert shapes.request["additionalProperties"] is False
    said = json.dumps(operation(report.program, made))
    assert '"minimum": 10, "maximum": 1000' in said
    assert "`enroll_first`: Enroll first" in said


DEGENERATE = "B023,C901,F811,PLR0912,PLR0915,PLW2901,SIM102,SIM210,SIM221,PLR0911"
"""What only drawn programs have: conditions that say nothing, loops that set their own item."""


def test_what_is_written_for_drawn_programs_is_laid_out_linted_and_typed(written: Path) -> None:
    folder = written / "drawn"
    folder.mkdir()
    count = 0

    @seed(1)
    @settings(max_examples=60, database=None, deadline=None, phases=[Phase.generate])
    @given(programs())
    def write(program: Program) -> None:
        nonlocal count
        count += 1
        named = program.model_copy(update={"feature": f"drawn_{count}"})
        made = emit(named, vocabulary(), lines={})
        (folder / f"{made.slug}.py").write_text(made.module)
        cases = cases_of(named, vocabulary(), emitted=made)
        (folder / f"test_{made.slug}.py").write_text(cases.module)

    write()
    settings_file = json.loads((written / "pyrightconfig.json").read_text())
    quiet = settings_file | {"reportUnnecessaryComparison": False}
    (folder / "pyrightconfig.json").write_text(json.dumps(quiet))
    assert count == 60
    assert says(str(BIN / "ruff"), "format", "--diff", ".", folder=folder) == ""
    linting = (str(BIN / "ruff"), "check", "--extend-ignore", DEGENERATE, ".")
    assert says(*linting, folder=folder) == ""
    assert says(str(BIN / "basedpyright"), "-p", str(folder), folder=folder) == ""
