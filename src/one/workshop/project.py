"""A project on disk: its words, its features, and their check as one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from one.compiler import FeatureReport, FileReport, check_text, is_technical
from one.compiler.diagnosis import Diagnostic, Findings, Severity
from one.compiler.layout import lay_out
from one.compiler.program import kinds_of_slots
from one.compiler.reader import Span, read
from one.compiler.verbs import grammar
from one.compiler.vocabulary import FeatureFace, Vocabulary
from one.errors import Invalid
from one.ontology import load
from one.providers.base import catalogue
from one.settings import Settings

ENDINGS = (".one", ".english")
WORDS = "words.one"
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_HEAD = re.compile(r"(?im)^[\s#*]*feature\b")
_USES = re.compile(r"(?i)\buse\s+feature\b|[\"']?\bcall\b[\"']?\s*:")


@dataclass(frozen=True, slots=True)
class Project:
    """`folder` may hold `ontology.toml` with types and `words.one` with phrases of its own."""

    folder: Path
    vocabulary: Vocabulary

    def check(self, texts: Mapping[str, str]) -> list[FileReport]:
        """A report for each text by file name; features of all of them know each other."""
        reports = {
            name: check_text(text, self.vocabulary, filename=name) for name, text in texts.items()
        }
        for name, text in texts.items():
            if mentions_features(text):
                others = [report for other, report in reports.items() if other != name]
                reports[name] = check_text(text, self.knowing(others), filename=name)
        found = list(reports.values())
        _accuse_duplicates(found)
        return found

    def knowing(self, others: Iterable[FileReport]) -> Vocabulary:
        """The vocabulary with the features of these files."""
        return self.vocabulary.knowing(_faces(others))


def mentions_features(text: str) -> bool:
    """Whether a text may use other features."""
    return _USES.search(text) is not None


def open_project(settings: Settings, folder: Path) -> Project:
    """The project of a folder. Raises Invalid when its `ontology.toml` is wrong."""
    ontology = folder / settings.ontology
    known = load(ontology if ontology.exists() else None)
    words = folder / WORDS
    taught = read_feature_file(words) if words.exists() else ""
    vocabulary = Vocabulary(known, catalogue(), uncharged=settings.uncharged, words=taught)
    return Project(folder, vocabulary)


def feature_files(place: Path) -> Iterator[Path]:
    """The file itself, or every feature file below a folder, in order of path."""
    if not place.is_dir():
        yield place
        return
    for path in sorted(place.iterdir()):
        hidden = path.name.startswith(".") or path.name in _SKIPPED
        if path.is_dir() and not hidden:
            yield from feature_files(path)
        elif path.suffix in ENDINGS and (path.name != WORDS or _holds_features(path)):
            yield path


def _holds_features(path: Path) -> bool:
    """Whether a file of words is one of features too: then they are not passed over."""
    return _HEAD.search(read_feature_file(path)) is not None


def read_feature_file(path: Path) -> str:
    """The text with its line endings as they are. Raises Invalid."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        said = f"{path} can't be read."
        raise Invalid(said, cure="Check its name and who may read it.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not text in UTF-8.", cure="Save it as UTF-8.") from error


def _faces(reports: Iterable[FileReport]) -> Iterator[FeatureFace]:
    for report in reports:
        for feature in report.features:
            if feature.name:
                yield _face(feature)


def _face(feature: FeatureReport) -> FeatureFace:
    program = feature.program
    return FeatureFace(
        feature.name,
        feature.title,
        kinds_of_slots(program.input),
        kinds_of_slots(program.output),
    )


def _accuse_duplicates(reports: Sequence[FileReport]) -> None:
    """The second of two features of one name is in error; a file looks after its own."""
    first: dict[str, str] = {}
    for report in reports:
        for number, feature in enumerate(report.features):
            other = first.setdefault(feature.name, report.file)
            if feature.name and other != report.file:
                said = f"{other} has a feature of this name already."
                place = _title_span(report.text, number)
                feature.diagnostics.insert(0, Diagnostic("E307", Severity.ERROR, place, said))


def _title_span(text: str, number: int) -> Span:
    if is_technical(text):
        return Span(1, 1, 2)
    return lay_out(read(text), grammar(), findings=Findings())[number].title_span
