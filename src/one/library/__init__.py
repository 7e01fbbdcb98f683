"""ONE's own features, written in ONE: texts like anybody's, which a creator may take as they are.

Nobody imports what is built of them; they are deployed, and loaded by digest.
"""

from collections.abc import Mapping
from pathlib import Path


def texts() -> Mapping[str, str]:
    """The text of each feature, by the name of its file."""
    here = sorted(Path(__file__).parent.glob("*.one"))
    return {path.stem: path.read_text("utf-8") for path in here}
