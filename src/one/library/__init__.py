"""ONE's own features, written in ONE: texts like anybody's, which a creator may take as they are.

Nobody imports what is built of them; they are deployed, and loaded by digest.
"""

from collections.abc import Mapping
from pathlib import Path

ABOUT: Mapping[str, str] = {
    "buy_a_course": "A fan pays for a course and is in it at once.",
    "buy_tokens": "Tokens against money, through the payment provider.",
    "chat_with_my_clone": "Fans who hold a token talk with your AI clone.",
    "create_my_ai_clone": "An AI clone of a creator, which speaks as they say it should.",
    "daily_content": "Every morning a post about your newest course waits as a draft.",
    "enroll_a_student": "A student joins a course, is welcomed, and hears from you a day later.",
    "let_fans_buy_tokens": "Fans choose how many of your tokens they buy.",
    "publish_a_post": "A post goes out, and your followers hear of it.",
    "refer_a_friend": "Whoever brings a friend is rewarded.",
    "tip_a_creator": "A fan says thank you with money.",
}
"""What each is for, in a line."""


def texts() -> Mapping[str, str]:
    """The text of each feature, by the name of its file."""
    here = sorted(Path(__file__).parent.glob("*.one"))
    return {path.stem: path.read_text("utf-8") for path in here}
