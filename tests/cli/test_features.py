"""`one build`, `deploy`, `features`, `diff`, `rollback`, `retire`, `run`: a feature's life."""

import subprocess
import sys
from pathlib import Path

import orjson

from tests.cli.test_db import Environ, environ, one
from tests.domains.live import GREET

__all__ = ["environ"]
LOUD = GREET.replace('"Hello [name]"', '"HELLO [name]"')
HELP = """FEATURE: Ask for help

INPUT:
  - name: what to call them

OUTPUT:
  - answer: what came

CHECK name is not "Nobody"
  OTHERWISE say "Who are you?"

WAIT 1 second

SET answer to "Hello [name]"
GIVE answer
"""


def test_a_feature_is_built_deployed_run_changed_and_taken_down(
    environ: Environ, tmp_path: Path
) -> None:
    file = tmp_path / "greet.one"
    file.write_text(GREET)
    built = one(environ, "build", str(file), "--out", str(tmp_path / "out"))
    assert built.returncode == 0, built.stderr
    names = {path.name for path in (tmp_path / "out" / "greet_a_fan").iterdir()}
    assert {"greet_a_fan.py", "greet_a_fan.md", "greet_a_fan.json"} <= names
    first = one(environ, "deploy", str(file))
    assert first.returncode == 0, first.stderr
    assert "revision 1  /api/features/greet_a_fan" in first.stdout
    assert "Everybody may run it" in first.stdout
    ran = one(environ, "run", "greet_a_fan", "--input", '{"name": "Bo"}')
    assert (ran.returncode, orjson.loads(ran.stdout)) == (0, {"greeting": "Hello Bo"})
    user = tmp_path / "user.one"
    user.write_text(
        'FEATURE: Use it\nUSE FEATURE greet a fan WITH name "Bo" SAVE AS words\nGIVE words\n'
    )
    using = one(environ, "deploy", str(user))
    assert "Runs the feature “greet a fan”" in using.stdout, using.stderr
    file.write_text(LOUD)
    second = one(environ, "deploy", str(file))
    assert "Instead of: Set greeting to “Hello [name]”." in second.stdout
    assert "HELLO" in one(environ, "diff", "greet_a_fan", "1").stdout
    assert "revision 1" in one(environ, "rollback", "greet_a_fan").stdout
    assert "Greet a fan  revision 1" in one(environ, "features").stdout
    assert "retired" in one(environ, "retire", "greet_a_fan").stdout
    gone = one(environ, "run", "greet_a_fan", "--input", '{"name": "Bo"}')
    assert (gone.returncode, orjson.loads(gone.stdout)["status"]) == (3, 404)


def test_what_does_not_compile_is_said_and_nothing_is_deployed(
    environ: Environ, tmp_path: Path
) -> None:
    (tmp_path / "a.one").write_text(GREET)
    (tmp_path / "b.one").write_text("FEATURE: Wrong\n\nFROBNICATE it\n")
    refused = one(environ, "deploy", str(tmp_path))
    assert refused.returncode == 1
    assert "FROBNICATE" in refused.stderr
    assert one(environ, "features").stdout == ""


def test_a_run_ends_refuses_or_waits_each_with_its_own_exit(
    environ: Environ, tmp_path: Path
) -> None:
    (tmp_path / "help.one").write_text(HELP)
    assert one(environ, "deploy", str(tmp_path / "help.one")).returncode == 0
    bo = ("run", "ask_for_help", "--input", '{"name": "Bo"}')
    followed = one(environ, *bo, "--follow")
    assert (followed.returncode, orjson.loads(followed.stdout)) == (0, {"answer": "Hello Bo"})
    assert "line 12" in followed.stderr
    refused = one(environ, "run", "ask_for_help", "--input", '{"name": "Nobody"}')
    assert refused.returncode == 3
    assert orjson.loads(refused.stdout)["detail"] == "Who are you?"
    waits = one(environ, *bo, "--wait", "0")
    assert waits.returncode == 4
    told = one(environ, "runs", waits.stdout.strip(), "--json")
    assert orjson.loads(told.stdout)["run"]["feature"] == "ask_for_help"


def test_somebody_deploys_and_somebody_runs(environ: Environ, tmp_path: Path) -> None:
    (tmp_path / "greet.one").write_text(GREET)
    properties = ("--properties", '{"handle": "ana"}')
    made = one(environ, "graph", "create-entity", "--type", "creator", "--name", "A", *properties)
    assert made.returncode == 0, made.stderr
    deployed = one(environ, "deploy", str(tmp_path / "greet.one"), "--as", "ana", "-q")
    assert "/api/features/ana/greet_a_fan" in deployed.stdout, deployed.stderr
    ran = one(environ, "run", "ana/greet_a_fan", "--as", "ana", "--input", '{"name": "Bo"}')
    assert ran.returncode == 0, ran.stdout
    assert one(environ, "deploy", str(tmp_path / "greet.one"), "--as", "nobody").returncode == 1


def test_a_feature_of_somebodys_is_named_with_their_handle(
    environ: Environ, tmp_path: Path
) -> None:
    ana = made(environ, "creator", "Ana Lee")
    file = tmp_path / "greet.one"
    for text in (GREET, LOUD):
        file.write_text(text)
        assert one(environ, "deploy", str(file), "--as", ana).returncode == 0
    assert "HELLO" in one(environ, "diff", "ana_lee/greet_a_fan", "1").stdout
    assert "revision 1" in one(environ, "rollback", "ana_lee/greet_a_fan").stdout
    assert "retired" in one(environ, "retire", "ana_lee/greet_a_fan").stdout


def test_what_is_asked_is_listed_and_answered(environ: Environ) -> None:
    made = one(environ, "graph", "create-entity", "--type", "creator", "--name", "Ana")
    assert made.returncode == 0, made.stderr
    ana = orjson.loads(made.stdout)["id"]
    nothing = one(environ, "asks", "--as", ana)
    assert (nothing.returncode, nothing.stderr.strip()) == (0, "Nothing is asked of them.")
    unknown = one(environ, "answer", ana, "yes", "--as", ana)
    assert unknown.returncode != 0
    assert "You were not asked this" in unknown.stderr


def test_a_feature_is_proven_by_types_lint_its_tests_and_wrong_programs(
    environ: Environ, tmp_path: Path
) -> None:
    file = tmp_path / "greet.one"
    file.write_text(GREET)
    told = one(environ, "build", "--full", str(file), "--out", str(tmp_path / "out"))
    assert told.returncode == 0, told.stdout
    assert "basedpyright: nothing to say of 1 module" in told.stdout
    assert "ruff: nothing to say of 1 module" in told.stdout
    assert "greet_a_fan: 1 test, 0 failed; " in told.stdout
    proof = "import sys, one.cli.building; sys.exit(bool({'coverage', 'one.app'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", proof], check=False).returncode == 0


APPROVAL = """FEATURE: Ask for approval
INPUT:
  - reviewer: who reviews it
WAIT until reviewer approves it TIMEOUT after 3 days SAVE AS approval
CHECK approval exists
  OTHERWISE say "Not this time"
GIVE answer is "approved"
"""


def made(environ: Environ, type: str, name: str) -> str:
    """The id of somebody new."""
    came = one(environ, "graph", "create-entity", "--type", type, "--name", name)
    assert came.returncode == 0, came.stderr
    return str(orjson.loads(came.stdout)["id"])


def test_following_says_whom_a_run_waits_for_and_their_word_lets_it_go_on(
    environ: Environ, tmp_path: Path
) -> None:
    (tmp_path / "approval.one").write_text(APPROVAL)
    ana, olga, finn = (made(environ, "creator", name) for name in ("Ana", "Olga", "Finn"))
    live = one(environ, "deploy", str(tmp_path / "approval.one"), "--as", ana)
    assert live.returncode == 0, live.stderr
    slug = live.stdout.split("/api/features/")[1].split()[0]
    given = orjson.dumps({"reviewer": olga}).decode()
    ran = one(environ, "run", slug, "--as", finn, "--input", given, "--follow", "--wait", "1")
    assert ran.returncode == 4, ran.stderr
    run = ran.stdout.strip()
    assert "It waits for Olga: “Ask for approval” by Ana, run by Finn," in ran.stderr
    asked = one(environ, "asks", "--as", olga).stdout
    request = asked.split()[0]
    assert f"one answer {request} yes --as {olga}" in ran.stderr
    assert "waits for the signal “reviewerApprovesIt”" in one(environ, "runs").stdout
    assert "  yes   " in one(environ, "answer", request, "yes", "--as", olga).stdout
    early = one(environ, "signal", run, "somethingElse")
    assert "Kept: it doesn't wait for “somethingElse” now" in early.stdout
    assert "open" not in one(environ, "asks", "--as", olga, "--all").stdout


def test_a_folder_that_cannot_be_written_is_said_with_the_cure(
    environ: Environ, tmp_path: Path
) -> None:
    file = tmp_path / "greet.one"
    file.write_text(GREET)
    taken = str(file / "inside")
    embedded = {**environ, "ONE_DATABASE_URL": "", "ONE_DATA": taken}
    for said in (
        one(environ, "build", str(file), "--out", taken),
        one(environ, "docs", "--folder", taken),
        one(environ, "export", taken),
        one(embedded, "features"),
    ):
        assert said.returncode == 2, said.stderr
        assert "can't be written" in said.stderr
        assert "Choose another place" in said.stderr
        assert "Traceback" not in said.stderr
    assert "yet: it begins empty." in said.stderr
