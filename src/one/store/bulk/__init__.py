"""Whole spaces out and in: NDJSON files with a line per row, streaming, resumable, all or nothing.

An import writes rows past the verbs, so it sees to all that the verbs see to: the vocabulary, the
ends, uniqueness, limits and shares, declared keys, search words, tag counts, and news.
"""

from one.store.bulk.catalogue import LEFT_OUT, NAMES
from one.store.bulk.export import Exported, Written, export_space
from one.store.bulk.intake import Host, Imported, Tally, import_path

__all__ = [
    "LEFT_OUT",
    "NAMES",
    "Exported",
    "Host",
    "Imported",
    "Tally",
    "Written",
    "export_space",
    "import_path",
]
