"""What is logged while a command runs is a sentence on stderr: stdout holds answers alone."""

import subprocess
import sys

BREAKS = """
import click, structlog
from one.cli.commands import one
one.get_command(click.Context(one), {command!r})
try:
    {{}}["fan"]
except KeyError as error:
    structlog.get_logger().error("bug in a run", feature="welcome", exc_info=error)
structlog.get_logger().info("a run is held up")
"""


def test_a_bug_is_a_sentence_on_stderr() -> None:
    for command in ("run", "mcp", "signal"):
        code = BREAKS.format(command=command)
        came = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert came.stdout == ""
        assert came.stderr == "Error: bug in a run: KeyError: 'fan' (feature welcome)\n"
