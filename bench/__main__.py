"""`python -m bench [--full] [NAME…]`: the ratio table of every script, or of those named."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from rich.console import Console
from rich.table import Table

import bench

Rows = Callable[[bool], Iterable[bench.Row]]


def scripts(names: Sequence[str]) -> dict[str, Rows]:
    """Every script by its name, or those named; an unknown name ends the run."""
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    known = [name for name in found if not name.startswith("_")]
    if unknown := set(names) - set(known):
        sys.exit(f"No bench is called {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names or known}
    return {
        name: cast(Rows, module.rows) for name, module in modules.items() if hasattr(module, "rows")
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the large world, not a tenth of it")
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()
    table = Table("bench", *bench.Row._fields)
    failed = 0
    for name, rows in scripts(asked.names).items():
        for row in rows(asked.full):
            failed += not row.holds
            table.add_row(name, *row[:-1], "yes" if row.holds else "NO")
            print(name, *row, sep=" | ", file=sys.stderr, flush=True)
    Console().print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
