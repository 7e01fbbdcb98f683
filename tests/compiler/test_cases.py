"""Golden cases: good features with their program and paraphrase. ONE_GOLDEN=1 writes them anew."""

import json
import os
from pathlib import Path

import pytest

from one.compiler import check_text, is_technical, write_english
from one.compiler.format import format_text
from one.compiler.verbs import grammar
from one.errors import JSON
from tests.compiler.world import vocabulary

CASES = Path(__file__).parent.parent / "cases"
GOOD = sorted((CASES / "good").glob("*.one"))


def golden(path: Path) -> JSON:
    report = check_text(path.read_text(), vocabulary(), filename=path.name)
    return [
        {
            "outcome": each.outcome,
            "program": each.program.canonical(),
            "understood": list(each.understood),
        }
        for each in report.features
    ]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_feature_means_what_it_meant(path: Path) -> None:
    found = golden(path)
    expected = path.with_suffix(".json")
    if os.environ.get("ONE_GOLDEN"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(expected.read_text())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_feature_has_no_errors_and_no_holes(path: Path) -> None:
    report = check_text(path.read_text(), vocabulary())
    assert [each.outcome for each in report.features if each.outcome in {"error", "draft"}] == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_program_comes_back_through_english_and_json(path: Path) -> None:
    for each in check_text(path.read_text(), vocabulary()).features:
        program = each.program.canonical()
        again = check_text(write_english(each.program, vocabulary()), vocabulary()).features[0]
        assert again.program.canonical() == program
        again = check_text(json.dumps(program), vocabulary()).features[0]
        assert again.program.canonical() == program


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_formatting_keeps_the_meaning_and_settles_at_once(path: Path) -> None:
    text = path.read_text()
    if is_technical(text):
        return
    neat = format_text(text, grammar())
    assert format_text(neat, grammar()) == neat
    before, after = (check_text(each, vocabulary()).features for each in (text, neat))
    assert [one.program.canonical() for one in after] == [one.program.canonical() for one in before]
