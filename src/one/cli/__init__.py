"""The terminal: `one`."""

import gc
import importlib
import os
import sys

STOPPED = 130  # as a shell says it of what SIGINT ended


def main() -> None:
    """Runs `one`. Exits with 2 when it was used wrongly, with 1 when it failed, with 130 when it
    was stopped by Ctrl-C before it had begun to serve.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # none is used; a look is 40 ms
    gc.disable()  # until the command is loaded: what loading makes stays
    try:  # to load the commands takes long enough to be interrupted in
        importlib.import_module("one.cli.commands").one()
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        sys.exit(STOPPED)
