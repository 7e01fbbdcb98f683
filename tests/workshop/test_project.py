"""A project on disk: which files are its features, and what they know of each other."""

from pathlib import Path

import pytest

from one.errors import Invalid
from one.settings import Settings
from one.workshop.project import feature_files, open_project, read_feature_file

GREET = 'FEATURE: Greet\nINPUT:\n  - fan: who joins\nNOTIFY fan ABOUT "Hello"\n'
USE = 'FEATURE: Begin\nINPUT:\n  - guest: who\nUSE FEATURE "Greet" WITH fan guest\n'


def outcomes(folder: Path, texts: dict[str, str]) -> list[str]:
    reports = open_project(Settings(), folder).check(texts)
    return [feature.outcome for report in reports for feature in report.features]


def test_features_are_found_in_order_without_hidden_folders_and_words(tmp_path: Path) -> None:
    for name in ("b.one", "a/c.english", ".git/x.one", "node_modules/y.one", "words.one", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = [path.relative_to(tmp_path).as_posix() for path in feature_files(tmp_path)]
    assert found == ["a/c.english", "b.one"]
    assert list(feature_files(tmp_path / "d.txt")) == [tmp_path / "d.txt"]
    (tmp_path / "words.one").write_text(GREET)
    assert tmp_path / "words.one" in list(feature_files(tmp_path))


def test_a_feature_may_use_one_of_another_file(tmp_path: Path) -> None:
    assert outcomes(tmp_path, {"b.one": USE}) == ["error"]
    assert outcomes(tmp_path, {"b.one": USE, "a.one": GREET}) == ["compiled", "compiled"]


def test_the_second_file_with_a_name_is_in_error(tmp_path: Path) -> None:
    assert outcomes(tmp_path, {"a.one": GREET, "b.one": GREET}) == ["compiled", "error"]


def test_the_ontology_of_the_folder_is_known(tmp_path: Path) -> None:
    soup = {"a.one": 'FEATURE: Cook\nCREATE recipe called "Soup"\n'}
    assert outcomes(tmp_path, soup) == ["error"]
    recipe = '[entities.recipe]\nextends = "thing"\nplural = "recipes"\n'
    (tmp_path / "ontology.toml").write_text(recipe)
    assert outcomes(tmp_path, soup) == ["compiled"]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.one").write_bytes(b"\xff")
    for name in ("a.one", "none.one"):
        with pytest.raises(Invalid):
            read_feature_file(tmp_path / name)


def test_phrases_of_the_project_are_known(tmp_path: Path) -> None:
    greet = {"a.one": 'FEATURE: Greet\nFOR EACH fan IN loyal ones\n  NOTIFY fan ABOUT "Hi"\n'}
    assert outcomes(tmp_path, greet) == ["draft"]
    (tmp_path / "words.one").write_text("DEFINE loyal ones AS my followers\n")
    assert outcomes(tmp_path, greet) == ["compiled"]
