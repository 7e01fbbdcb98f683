"""What the commands of the language read: the project around them, files, folders, stdin."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from one.errors import Invalid
from one.settings import read_settings
from one.workshop.project import Project, feature_files, open_project, read_feature_file

STDIN = "-"


def here() -> Project:
    """The project of the folder that the command is run in. Raises Invalid."""
    return open_project(read_settings(), Path.cwd())


def read_texts(paths: Iterable[str]) -> dict[str, str]:
    """Texts by the names they are reported under. Raises Invalid, UsageError."""
    texts: dict[str, str] = {}
    for path in paths:
        if path == STDIN:
            texts[STDIN] = _stdin()
            continue
        place = Path(path)
        if not place.exists():
            raise click.UsageError(f"There is no file or folder {path}.")
        files = list(feature_files(place))
        if not files:
            raise click.UsageError(f"There are no features (*.one, *.english) in {path}.")
        texts |= {str(file): read_feature_file(file) for file in files}
    return texts


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("What came in is not text in UTF-8.", cure="Send UTF-8.") from error
