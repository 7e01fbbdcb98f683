"""The sections of an export, in the order in which an import reads them, and what is left out.

A table that is added to the store gets its section here, or the reason why it has none.
"""

from typing import Any

from one.store.bulk.accounts import Accounts, SecondFactors
from one.store.bulk.connections import Connections
from one.store.bulk.entities import Entities
from one.store.bulk.events import Events
from one.store.bulk.preferences import Preferences
from one.store.bulk.section import Section
from one.store.bulk.tags import EntityTags, Tags

SECTIONS: tuple[Section[Any], ...] = (
    Entities(),
    Tags(),
    EntityTags(),
    Connections(),
    Events(),
    Preferences(),
)
NAMES = tuple(section.name for section in SECTIONS)
INCOMING: tuple[Section[Any], ...] = (*SECTIONS, Accounts(), SecondFactors())
"""What an import takes in: the accounts of another system, too."""

TAKEN = tuple(section.name for section in INCOMING)

LEFT_OUT = {
    "account_entity": "a part of accounts",
    "accounts": "how people sign in stays where they do; they sign in elsewhere by letter",
    "audit": "signed by the key of this deployment, for whom it is",
    "audit_heads": "a part of audit",
    "audit_queue": "a part of audit",
    "answers": "kept for a day, for requests that are repeated here",
    "authors": "a part of features",
    "books": "what stand-ins for services outside did, which no real one would know of",
    "changes": "positions and history are of one deployment; an import begins its own",
    "change_queue": "a part of changes",
    "claims": "a part of accounts",
    "crossings": "a part of triggers",
    "deploys": "a part of features",
    "drafts": "what authors are still writing, for themselves",
    "emitted": "a cache, made again from the revisions",
    "devices": "addresses at a push service, which knows them from this deployment",
    "facts": "secrets and settings of one deployment",
    "features": "a deploy checks their texts against the words of the deployment they go to",
    "imports": "how far imports have come here",
    "journal": "money lies at this deployment's provider, and is booked where it does",
    "limits": "who has tried what too often here",
    "links": "what was mailed here, for a quarter of an hour",
    "marks": "how far readers of changes have come here",
    "migrations": "the schema is made by ONE",
    "notes": "what authors keep of people for themselves",
    "notices": "keys of what was told here, so that it isn't told twice",
    "outbox": "what this deployment has sent, or is to send; it must not go out twice",
    "payees": "accounts at a payment provider that knows this deployment",
    "payment_calls": "a part of sales",
    "payment_hints": "a part of sales",
    "positions": "a part of changes",
    "postings": "a part of journal",
    "pots": "a part of journal",
    "queues": "a part of runs",
    "revisions": "a part of features",
    "runs": "work that goes on here must not be done once more elsewhere",
    "sandbox_answers": "a part of sandbox_objects",
    "sandbox_deliveries": "a part of sandbox_objects",
    "sandbox_money": "a part of sandbox_objects",
    "sandbox_objects": "what a stand-in did, which no real provider would know of",
    "sandbox_parents": "a part of sandbox_objects",
    "sales": "money moved here, with accounts of this deployment; payments and what was bought go",
    "schedules": "would begin runs in two places; they come with the features that set them",
    "sessions": "a part of accounts",
    "signals": "a part of runs",
    "spaces": "an import goes into a space that is there",
    "staff": "rights are given on each deployment",
    "step_results": "a part of runs",
    "steps": "a part of runs",
    "supplies": "follows from connections",
    "suppressions": "digests of addresses under a secret of this deployment",
    "tokens": "only hashes are kept; whoever acts on another deployment gets a token there",
    "tombstones": "what was deleted for good is not spoken of elsewhere",
    "triggers": "would begin runs in two places; they come with the features that set them",
    "unique_values": "follows from entities",
    "uses": "counts of what features did here",
    "yeses": "a yes is to a line of a feature of this deployment",
    "yes_ties": "a part of yeses",
    "yes_waits": "a part of yeses",
}
