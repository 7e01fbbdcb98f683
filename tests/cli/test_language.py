"""The commands of the language, as they are run."""

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ONE = [sys.executable, "-c", "from one.cli import main; main()"]
CHOIR = """FEATURE: Open a choir
INPUT:
  - singer: who joins
CREATE community called "Morning choir"
  SAVE AS choir
CONNECT singer to choir as member
GIVE choir
"""
SLIP = CHOIR.replace("CREATE", "CRAETE")


def one(
    folder: Path, *words: str, given: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [*ONE, *words],
        cwd=folder,
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran


def test_a_clean_file_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_text(CHOIR)
    said = one(tmp_path, "check", "choir.one").stdout
    assert said.startswith("Open a choir (choir.one): compiled\n")
    assert "What I understood" in said
    assert said.endswith("1 feature in 1 file: nothing to say.\n")
    assert "understood" not in one(tmp_path, "check", "-q", "choir.one").stdout


def test_the_sheet_says_what_a_feature_may_do_and_for_whom(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_text(CHOIR)
    said = one(tmp_path, "check", "--sheet", "choir.one").stdout
    assert "    Anyone signed in may run it; the singer is whoever runs it.\n" in said
    body = one(tmp_path, "check", "--sheet", "--format", "json", "choir.one").stdout
    sheet = orjson.loads(body)["files"][0]["features"][0]["sheet"]
    assert (sheet["runs"]["who"], sheet["runs"]["runner"]) == ("signedIn", "singer")


def test_a_mistake_is_shown_under_its_words(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_text(SLIP)
    said = one(tmp_path, "check", "choir.one", code=1).stdout.split("\n")
    at = said.index('      4 │ CRAETE community called "Morning choir"')
    assert said[at + 1] == "        │ ━━━━━━"
    assert said[at - 2] == "error E201  choir.one:4:1"


def test_json_is_the_reports(tmp_path: Path) -> None:
    found = orjson.loads(one(tmp_path, "check", "-", "--format", "json", given=SLIP, code=1).stdout)
    (file,) = found["files"]
    (feature,) = file["features"]
    assert (file["file"], feature["name"], feature["outcome"]) == ("-", "open_a_choir", "error")
    (said,) = feature["diagnostics"]
    assert said.keys() == {"code", "severity", "start", "end", "message", "why", "fixes"}
    assert (said["start"], said["end"]) == ({"line": 4, "column": 1}, {"line": 4, "column": 7})
    (fix,) = said["fixes"]
    assert fix["applicability"] == "safe"
    assert fix["edits"] == [{"start": said["start"], "end": said["end"], "text": "CREATE"}]


def test_sarif_has_rules_places_and_fixes(tmp_path: Path) -> None:
    log = orjson.loads(one(tmp_path, "check", "-", "--format", "sarif", given=SLIP, code=1).stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [result["ruleId"]]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 7}
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {"deletedRegion": region, "insertedContent": {"text": "CREATE"}}
    ]


def test_a_folder_is_checked_whole_and_its_features_know_each_other(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "choir.one").write_text(CHOIR)
    (tmp_path / "use.one").write_text(
        'FEATURE: Begin\nINPUT:\n  - fan: who joins\nUSE FEATURE "Open a choir" WITH singer fan\n'
    )
    (tmp_path / "notes.txt").write_text("no feature")
    assert "2 features in 2 files" in one(tmp_path, "check", ".").stdout
    (tmp_path / "again.one").write_text(CHOIR)
    said = one(tmp_path, "check", ".", code=1).stdout
    assert "again.one has a feature of this name already." in said


def test_types_of_the_project_are_known(tmp_path: Path) -> None:
    (tmp_path / "soup.one").write_text('FEATURE: Cook\nCREATE recipe called "Soup"\n')
    one(tmp_path, "check", "soup.one", code=1)
    recipe = '[entities.recipe]\nextends = "thing"\nplural = "recipes"\n'
    (tmp_path / "ontology.toml").write_text(recipe)
    one(tmp_path, "check", "soup.one")
    (tmp_path / "ontology.toml").write_text("[entities.recipe]\nextends = 5\n")
    one(tmp_path, "check", "soup.one", code=2)


@pytest.mark.parametrize(
    "words", [["check"], ["check", "none.one"], ["check", "."], ["explain", "E999"]]
)
def test_wrong_use_ends_with_two(tmp_path: Path, words: list[str]) -> None:
    assert one(tmp_path, *words, code=2).stdout == ""


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_bytes(b"FEATURE: \xff\xfe")
    assert "not text in UTF-8" in one(tmp_path, "check", "choir.one", code=2).stderr


def test_a_feature_goes_to_the_technical_spelling_and_back(tmp_path: Path) -> None:
    technical = one(tmp_path, "translate", "-", "--to", "technical", given=CHOIR).stdout
    assert json.loads(technical)["feature"] == "open_a_choir"
    english = one(tmp_path, "translate", "-", "--to", "english", given=technical).stdout
    again = one(tmp_path, "translate", "-", "--to", "technical", given=english).stdout
    assert json.loads(again)["flow"] == json.loads(technical)["flow"]
    two = CHOIR + "\nFEATURE: Two\nWAIT 5 minutes\n"
    several = one(tmp_path, "translate", "-", "--to", "technical", given=two).stdout
    assert [each["feature"] for each in json.loads(several)] == ["open_a_choir", "two"]
    broken = one(tmp_path, "translate", "-", "--to", "technical", given=SLIP, code=1)
    assert broken.stdout == ""
    assert "E201" in broken.stderr


def test_fixes_are_written_or_only_shown(tmp_path: Path) -> None:
    choir = tmp_path / "choir.one"
    choir.write_text(SLIP)
    shown = one(tmp_path, "fix", "--diff", "choir.one").stdout
    assert "-CRAETE community" in shown
    assert choir.read_text() == SLIP
    assert "Write CREATE" in one(tmp_path, "fix", "--safe", "choir.one").stderr
    assert choir.read_text() == CHOIR
    assert one(tmp_path, "fix", "-", given=SLIP).stdout == CHOIR


def test_a_code_is_explained(tmp_path: Path) -> None:
    for spelling in ("E304", "e304", "304"):
        assert one(tmp_path, "explain", spelling).stdout.startswith("E304  They or it")
    assert "E101" in one(tmp_path, "explain").stdout


def test_words_are_found(tmp_path: Path) -> None:
    assert "SAVE AS" in one(tmp_path, "words", "save", "as").stdout
    assert "Types of things" in one(tmp_path, "words").stdout
    one(tmp_path, "words", "zzqqxx", code=2)


def test_no_command_of_the_language_loads_the_database_or_the_web(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_text(CHOIR)
    program = (
        "import sys\n"
        "from one.cli.commands import one\n"
        f"one({['check', str(tmp_path / 'choir.one')]!r}, standalone_mode=False)\n"
    )
    program = f"try:\n    {program.replace(chr(10), chr(10) + '    ').rstrip()}\n" + (
        "except SystemExit:\n    pass\n"
        "print(sorted({'psycopg', 'starlette', 'one.store', 'one.app'} & sys.modules.keys()))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.endswith("[]\n")


def test_texts_are_laid_out_or_only_looked_at(tmp_path: Path) -> None:
    choir = tmp_path / "choir.one"
    loose = CHOIR.replace("CREATE", "create").replace("  SAVE", "      SAVE").replace("\n", "\r\n")
    choir.write_bytes(loose.encode())
    assert "choir.one would be laid out anew" in one(tmp_path, "fmt", "--check", ".", code=1).stdout
    one(tmp_path, "fmt", ".")
    tidy = choir.read_bytes().decode()
    assert "\r\nCREATE community called" in tidy
    assert "\r\n  SAVE AS choir\r\n" in tidy
    assert one(tmp_path, "fmt", "--check", ".").stdout == ""
    assert one(tmp_path, "fmt", "-", given=tidy.replace("\r", "")).stdout == tidy.replace("\r", "")
