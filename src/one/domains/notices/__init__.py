"""Notices: what people are told, by which channel, and what they say to each other.

Records `entity_created` for every notification; listens to nothing. What goes out by mail, text
message or push is written to the outbox in the same transaction and delivered afterwards.
"""

from one.domains.notices.inbox import count_unread, list_notices, mark_all_read, mark_read
from one.domains.notices.reach import GUEST, Reach, reachable
from one.domains.notices.telling import Delivered, Notice, notify, tell

__all__ = [
    "GUEST",
    "Delivered",
    "Notice",
    "Reach",
    "count_unread",
    "list_notices",
    "mark_all_read",
    "mark_read",
    "notify",
    "reachable",
    "tell",
]
