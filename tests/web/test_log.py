"""What a server says of its bugs: where they are, and nothing that somebody typed."""

import subprocess
import sys

BUG = """
import structlog
from one.settings import Settings
from one.web.server import log_as_json

def enter(password):
    raise ValueError("it broke")

log_as_json(Settings())
try:
    enter("seven quiet rivers")
except ValueError as error:
    structlog.get_logger().error("bug", exc_info=error)
"""


def test_the_log_of_a_bug_says_where_it_is_but_not_what_was_at_hand() -> None:
    run = subprocess.run([sys.executable, "-c", BUG], capture_output=True, text=True, check=True)
    assert "it broke" in run.stderr
    assert '"name": "enter"' in run.stderr
    assert "seven quiet rivers" not in run.stderr
