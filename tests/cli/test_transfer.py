"""`one export` and `one import`, as a person runs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from one.cli.commands import one


@pytest.fixture
def run(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("ONE_DATABASE_URL", postgres_url)
    return CliRunner()


def said(result: Result) -> list[str]:
    return result.output.splitlines()


def test_a_world_goes_out_and_in(run: CliRunner, tmp_path: Path) -> None:
    out = run.invoke(one, ["export", str(tmp_path / "out")])
    assert (out.exit_code, said(out)[0].split(":")[0]) == (0, "entities")
    back = run.invoke(one, ["import", str(tmp_path / "out")])
    assert back.exit_code == 0
    assert "rows/s" in said(back)[-1]


def test_rejected_lines_end_with_1_and_misuse_with_2(run: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "entities.ndjson"
    file.write_text("[]\n", "utf-8")
    result = run.invoke(one, ["import", str(file)])
    assert result.exit_code == 1
    assert said(result)[0] == "entities.ndjson: 0 imported, 1 rejected"
    assert str(tmp_path / "entities.rejected.ndjson") in said(result)[-1]
    assert run.invoke(one, ["import", str(tmp_path / "nothing")]).exit_code == 2
