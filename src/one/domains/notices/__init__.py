"""Notices: what people are told, by which channel, what they say to each other, and their yes.

Records `entity_created` for notifications, conversations and messages; listens to nothing. What
goes out by mail, text message or push is written to the outbox in the same transaction and
delivered afterwards.
"""

from one.domains.notices.consent import (
    Question,
    Requests,
    answer_request,
    answer_to,
    ask,
    list_requests,
)
from one.domains.notices.conversations import (
    list_conversations,
    list_messages,
    read_messages,
    say,
)
from one.domains.notices.delivery import Delivery
from one.domains.notices.inbox import count_unread, list_notices, mark_all_read, mark_read
from one.domains.notices.letters import decide_letter, list_letters
from one.domains.notices.reach import Reach, reach_of
from one.domains.notices.telling import Delivered, Notice, notify, tell
from one.domains.notices.unsubscribing import get_subscription, unsubscribe
from one.domains.notices.wishes import (
    list_preferences,
    register_device,
    remove_device,
    set_preference,
)
from one.store.notices import GUEST

__all__ = [
    "GUEST",
    "Delivered",
    "Delivery",
    "Notice",
    "Question",
    "Reach",
    "Requests",
    "answer_request",
    "answer_to",
    "ask",
    "count_unread",
    "decide_letter",
    "get_subscription",
    "list_conversations",
    "list_letters",
    "list_messages",
    "list_notices",
    "list_preferences",
    "list_requests",
    "mark_all_read",
    "mark_read",
    "notify",
    "reach_of",
    "read_messages",
    "register_device",
    "remove_device",
    "say",
    "set_preference",
    "tell",
    "unsubscribe",
]
