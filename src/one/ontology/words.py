"""English ↔ types: the nouns of entity types, old and loose names of events and connections, roles.

All of it is data; the compiler builds its reading on these tables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from one.errors import JSON
from one.ontology.types import ConnectionType, EntityType, EventType, Role

NOTHING: Mapping[str, JSON] = {}


@dataclass(frozen=True, slots=True)
class Alias:
    """What an old or loose name means: the canonical type and the metadata it says beside it.

    `connection` names the connection whose making writes the event, where there is one.
    """

    name: str
    type: str
    metadata: Mapping[str, JSON] = field(default_factory=lambda: NOTHING)
    connection: str = ""


def spelling(word: str) -> str:
    """One spelling of a name: `videoLinks`, `video-links`, `Video Links` → `video_links`."""
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word.strip())
    return re.sub(r"[\s_\-]+", "_", word).strip("_").lower()


PERSON_WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # word → the relations that make somebody one: (connection type, end that the person stands at).
    # No relation: anybody.
    "person": (),
    "people": (),
    "user": (),
    "fan": (),
    "audience member": (),
    "guest": (),
    "visitor": (),
    "viewer": (),
    "listener": (),
    "reader": (),
    "singer": (),
    "friend": (),
    "supporter": (),
    "participant": (),
    "client": (("transacted", "from"),),
    "customer": (("transacted", "from"),),
    "buyer": (("transacted", "from"),),
    "subscriber": (("transacted", "from"), ("following", "from")),
    "member": (("member_of", "from"),),
    "moderator": (("member_of", "from"),),
    "student": (("enrolled_in", "from"),),
    "learner": (("enrolled_in", "from"),),
    "attendee": (("enrolled_in", "from"),),
    "graduate": (("completed", "from"),),
    "follower": (("following", "from"),),
    "holder": (("holds", "from"),),
    "collector": (("holds", "from"),),
    "owner": (("owns", "from"),),
    "author": (("authored", "from"),),
    "writer": (("authored", "from"),),
    "manager": (("manages", "from"),),
    "teacher": (("manages", "from"),),
    "collaborator": (("collaborates_with", "from"),),
    "referrer": (("referred_by", "to"),),
}

CONNECTION_ALIASES: tuple[Alias, ...] = (
    Alias("follows", "following"),
    Alias("followed", "following"),
    Alias("taught_by", "authored"),
    Alias("teaching", "manages"),
    Alias("teaches", "manages"),
    Alias("generated_by", "created_by"),
    Alias("made_by", "created_by"),
    Alias("written_by", "authored"),
    Alias("wrote", "authored"),
    Alias("holds_tokens", "holds", {"assetType": "tokens"}),
    Alias("holds_nft", "holds", {"assetType": "nft"}),
    Alias("staked_in", "holds", {"assetType": "stake"}),
    Alias("paid_for", "transacted", {"transactionType": "purchase"}),
    Alias("purchased", "transacted", {"transactionType": "purchase"}),
    Alias("bought", "transacted", {"transactionType": "purchase"}),
    Alias("subscribed_to", "transacted", {"transactionType": "subscription"}),
    Alias("invoiced_to", "transacted", {"transactionType": "invoice"}),
    Alias("liked", "engaged_with", {"engagementType": "liked"}),
    Alias("likes", "engaged_with", {"engagementType": "liked"}),
    Alias("commented_on", "engaged_with", {"engagementType": "commented"}),
    Alias("shared", "engaged_with", {"engagementType": "shared"}),
    Alias("viewed", "engaged_with", {"engagementType": "viewed"}),
    Alias("saved", "engaged_with", {"engagementType": "saved"}),
    Alias("rated", "engaged_with", {"engagementType": "rated"}),
    Alias("moderates", "member_of", {"role": "moderator"}),
    Alias("administers", "member_of", {"role": "admin"}),
    Alias("joined", "member_of"),
    Alias("belongs_to", "part_of"),
    Alias("contained_in", "part_of"),
    Alias("mentions", "references"),
    Alias("links_to", "references"),
    Alias("remix_of", "derived_from"),
    Alias("based_on", "derived_from"),
    Alias("enrolled", "enrolled_in"),
    Alias("attends", "enrolled_in"),
    Alias("finished", "completed"),
    Alias("invited_by", "referred_by"),
    Alias("partners_with", "collaborates_with"),
    Alias("responsible_for", "assigned_to"),
    Alias("appears_in", "featured_in"),
    Alias("scored_by", "analyzed_by"),
    Alias("clones", "clone_of"),
    Alias("learned_from", "trained_on"),
    Alias("communicated", "engaged_with", {"engagementType": "commented"}),
)


def _each(type_name: str, key: str, *, names: Mapping[str, str]) -> tuple[Alias, ...]:
    return tuple(Alias(name, type_name, {key: value}) for name, value in names.items())


EVENT_ALIASES: tuple[Alias, ...] = (
    *_each(
        "payment_processed",
        "status",
        names={
            "payment_initiated": "initiated",
            "payment_started": "initiated",
            "payment_pending": "pending",
            "payment_completed": "completed",
            "payment_succeeded": "completed",
            "payment_received": "completed",
            "payment_made": "completed",
            "payment_failed": "failed",
            "payment_declined": "failed",
            "payment_refunded": "refunded",
            "payment_partially_refunded": "partially_refunded",
            "payment_disputed": "disputed",
            "payment_cancelled": "cancelled",
            "purchase_completed": "completed",
            "sale_completed": "completed",
            "refund_completed": "refunded",
        },
    ),
    *_each(
        "token_transacted",
        "action",
        names={
            "tokens_purchased": "purchased",
            "token_purchased": "purchased",
            "tokens_bought": "purchased",
            "tokens_earned": "earned",
            "token_earned": "earned",
            "tokens_granted": "earned",
            "tokens_rewarded": "earned",
            "tokens_awarded": "earned",
            "tokens_burned": "burned",
            "token_burned": "burned",
            "tokens_spent": "spent",
            "tokens_redeemed": "spent",
            "tokens_transferred": "transferred",
            "token_transferred": "transferred",
            "tokens_minted": "minted",
            "token_minted": "minted",
        },
    ),
    *_each(
        "token_staked",
        "action",
        names={
            "tokens_staked": "staked",
            "tokens_unstaked": "unstaked",
            "token_unstaked": "unstaked",
        },
    ),
    *_each(
        "subscription_changed",
        "action",
        names={
            "subscription_started": "started",
            "subscription_renewed": "renewed",
            "subscription_cancelled": "cancelled",
            "subscription_canceled": "cancelled",
            "subscription_upgraded": "upgraded",
            "subscription_downgraded": "downgraded",
            "subscription_paused": "paused",
            "subscription_resumed": "resumed",
            "subscription_past_due": "past_due",
        },
    ),
    *_each(
        "content_interacted",
        "interactionType",
        names={
            f"{thing}_{verb}": verb
            for thing in ("content", "post", "video")
            for verb in ("liked", "shared", "commented", "saved", "rated")
        },
    ),
    *_each(
        "agent_executed",
        "status",
        names={
            "agent_completed": "success",
            "agent_succeeded": "success",
            "agent_failed": "failed",
            "agent_run": "success",
        },
    ),
    *_each(
        "workflow_completed",
        "status",
        names={
            "workflow_finished": "success",
            "workflow_succeeded": "success",
            "workflow_failed": "failed",
            "workflow_cancelled": "cancelled",
        },
    ),
    *_each(
        "governance_action",
        "actionType",
        names={
            "vote_cast": "vote",
            "voted": "vote",
            "proposal_created": "proposal",
            "proposal_made": "proposal",
            "proposal_executed": "execution",
        },
    ),
    *_each(
        "invoice_generated",
        "status",
        names={
            "invoice_sent": "open",
            "invoice_issued": "open",
            "invoice_paid": "paid",
            "invoice_voided": "void",
        },
    ),
    Alias("payment_event", "payment_processed"),
    Alias("invitation_created", "referral_created", {"channel": "invitation"}),
    Alias("invitation_sent", "referral_created", {"channel": "invitation"}),
    Alias("invite_sent", "referral_created", {"channel": "invitation"}),
    Alias("friend_invited", "referral_created", {"channel": "invitation"}),
    Alias("referral_made", "referral_created"),
    Alias("step_completed", "progress_updated", {"status": "completed"}),
    Alias(
        "elevate_step_completed",
        "progress_updated",
        {"journeyType": "elevate", "status": "completed"},
    ),
    Alias("journey_started", "progress_updated", {"status": "started"}),
    Alias("journey_completed", "progress_updated", {"progress": 1.0, "status": "completed"}),
    Alias("lesson_started", "progress_updated", {"progress": 0.0, "status": "started"}),
    Alias("lesson_completed", "progress_updated", {"progress": 1.0}),
    Alias("lesson_finished", "progress_updated", {"progress": 1.0}),
    Alias("progress_made", "progress_updated"),
    Alias("content_published", "entity_published"),
    Alias("content_archived", "entity_archived"),
    Alias("content_watched", "content_viewed"),
    Alias("content_read", "content_viewed"),
    Alias("video_watched", "content_viewed"),
    Alias("video_viewed", "content_viewed"),
    Alias("post_viewed", "content_viewed"),
    Alias("page_viewed", "content_viewed"),
    Alias("file_downloaded", "content_downloaded"),
    Alias("content_reported", "content_moderated", {"action": "reported"}),
    Alias("content_flagged", "content_moderated", {"action": "flagged"}),
    Alias("content_removed", "content_moderated", {"action": "removed"}),
    Alias("content_approved", "content_moderated", {"action": "approved"}),
    Alias("message_sent", "entity_created", {"entityType": "message"}),
    Alias("comment_posted", "entity_created", {"entityType": "message"}),
    Alias("signed_up", "entity_created", {"entityType": "audience_member"}),
    Alias("user_signed_up", "entity_created", {"entityType": "audience_member"}),
    Alias("user_registered", "entity_created", {"entityType": "audience_member"}),
    Alias("student_enrolled", "course_enrolled", connection="enrolled_in"),
    Alias("enrolled", "course_enrolled", connection="enrolled_in"),
    Alias("course_joined", "course_enrolled", connection="enrolled_in"),
    Alias("course_completed", "progress_updated", {"progress": 1.0}, connection="completed"),
    Alias("course_finished", "progress_updated", {"progress": 1.0}, connection="completed"),
    Alias("quiz_completed", "assessment_completed"),
    Alias("test_completed", "assessment_completed"),
    Alias("exam_passed", "assessment_completed", {"passed": True}),
    Alias("quiz_passed", "assessment_completed", {"passed": True}),
    Alias("assessment_passed", "assessment_completed", {"passed": True}),
    Alias("assessment_failed", "assessment_completed", {"passed": False}),
    Alias("certificate_issued", "certificate_earned"),
    Alias("certificate_given", "certificate_earned"),
    Alias("badge_earned", "achievement_unlocked"),
    Alias("badge_awarded", "achievement_unlocked"),
    Alias("achievement_earned", "achievement_unlocked"),
    Alias("level_up", "level_changed"),
    Alias("leveled_up", "level_changed"),
    Alias("level_reached", "level_changed"),
    Alias("chat_with_clone", "clone_interaction"),
    Alias("clone_chatted", "clone_interaction"),
    Alias("training_completed", "clone_trained"),
    Alias("content_generated", "ai_generated"),
    Alias("voice_created", "voice_cloned"),
    Alias("contract_deployed", "token_deployed"),
    Alias("collectible_minted", "nft_minted"),
    Alias("went_viral", "viral_shared"),
    Alias("metric_recorded", "metric_calculated"),
    Alias("metric_tracked", "metric_calculated"),
    Alias("insight_found", "insight_generated"),
    Alias("report_created", "report_generated"),
)

LIFE_CYCLE: Mapping[str, str] = {
    "created": "entity_created",
    "made": "entity_created",
    "updated": "entity_updated",
    "changed": "entity_updated",
    "edited": "entity_updated",
    "deleted": "entity_deleted",
    "removed": "entity_deleted",
    "restored": "entity_restored",
    "published": "entity_published",
    "archived": "entity_archived",
}
"""`<entity type> <word>` → the event; entity_created also says which type."""


@dataclass(frozen=True)
class Words:
    """The tables for one ontology. Look-ups take any spelling; unknown is None."""

    entities: Mapping[str, str]
    """Singular, plural or synonym (and its plural), as `spelling` has it → entity type."""
    connections: Mapping[str, Alias]
    events: Mapping[str, Alias]
    roles: Mapping[str, tuple[tuple[str, Role], ...]]
    """Role word in lower case → (connection type, role) for each type it is said of."""

    def entity_word(self, word: str) -> str | None:
        """`class` → `course`; `AI clones` → `ai_clone`."""
        return self.entities.get(spelling(word))

    def connection_alias(self, name: str) -> Alias | None:
        """`follows` → following. Canonical ones too."""
        return self.connections.get(spelling(name))

    def event_alias(self, name: str) -> Alias | None:
        """`clone created` → entity_created{entityType: ai_clone}. Canonical ones too."""
        name = spelling(name)
        if name in self.events:
            return self.events[name]
        subject, _, word = name.rpartition("_")
        entity = self.entities.get(subject)
        if entity is not None and word in {"purchased", "bought", "sold"}:
            return Alias(name, "payment_processed", {"status": "completed"})
        if entity is None or word not in LIFE_CYCLE:
            return None
        event = LIFE_CYCLE[word]
        return Alias(name, event, {"entityType": entity} if event == "entity_created" else NOTHING)

    def role_word(self, word: str) -> tuple[tuple[str, Role], ...]:
        """`holder` → ((holds, Role),)."""
        return self.roles.get(" ".join(re.split(r"[\s_]+", word.strip().lower())), ())

    def is_person(self, word: str) -> bool:
        """Whether the noun, singular or plural, is said of people."""
        word = " ".join(re.split(r"[\s_]+", word.strip().lower()))
        return word in PERSON_WORDS or self.entity_word(word) in ("creator", "audience_member")


def article(noun: str) -> str:
    """`a course`, `an AI clone`, `an NFT`."""
    letters = noun.split(" ", maxsplit=1)[0].isupper() and noun[:1] in "FHLMNRSX"
    vowel = noun[:1].lower() in "aeio" or noun[:2].lower() in {"un", "up", "ur"}
    return f"{'an' if vowel or letters else 'a'} {noun}"


def plural_of(noun: str) -> str:
    """The regular English plural."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    return noun + "s"


IRREGULAR = {"person": "people", "salesperson": "salespeople", "series": "series"}


def nouns_of(entity: EntityType) -> tuple[str, ...]:
    """Every noun that means the type: its name, singular, plural, synonyms and theirs."""
    nouns = [entity.name, entity.singular, entity.plural]
    for synonym in entity.synonyms:
        nouns += [synonym, IRREGULAR.get(synonym) or plural_of(synonym)]
    return tuple(dict.fromkeys(spelling(noun) for noun in nouns))


def words_of(
    entities: Iterable[EntityType],
    *,
    connections: Iterable[ConnectionType],
    events: Iterable[EventType],
) -> Words:
    """The tables for these types. A noun of the type itself wins over another's synonym."""
    nouns: dict[str, str] = {}
    own: dict[str, str] = {}
    for entity in entities:
        own |= {
            spelling(word): entity.name for word in (entity.name, entity.singular, entity.plural)
        }
        for noun in nouns_of(entity):
            nouns.setdefault(noun, entity.name)
    roles: dict[str, list[tuple[str, Role]]] = {}
    relations: dict[str, Alias] = {alias.name: alias for alias in CONNECTION_ALIASES}
    for connection in connections:
        relations[connection.name] = Alias(connection.name, connection.name)
        for role in connection.roles:
            roles.setdefault(role.word, []).append((connection.name, role))
    happenings: dict[str, Alias] = {alias.name: alias for alias in EVENT_ALIASES}
    happenings |= {event.name: Alias(event.name, event.name) for event in events}
    return Words(
        entities=nouns | own,
        connections=relations,
        events=happenings,
        roles={word: tuple(meanings) for word, meanings in roles.items()},
    )
