"""What the vocabulary holds: counts and keys of the seed, the matrix, statuses, tags."""

from pathlib import Path

import pytest

from one.errors import Invalid
from one.ontology import STATUSES, describe, load, parse_tag
from tests.ontology.drawn import document, kinds, ontology

MONEY = {"amount": 100, "currency": "usd"}
ID = "0190a0a0-0000-7000-8000-000000000000"

ENTITIES = """creator ai_clone audience_member strategy_agent research_agent marketing_agent
sales_agent service_agent design_agent engineering_agent finance_agent legal_agent
intelligence_agent blog_post video podcast social_post email course lesson digital_product
membership consultation nft community conversation message token token_contract knowledge_item
embedding website landing_page template livestream recording media_asset payment subscription
invoice metric insight prediction report notification email_campaign announcement referral campaign
lead"""

CONNECTIONS: dict[str, dict[str, object]] = {
    "owns": {"revenueShare": 10_000},
    "created_by": {},
    "authored": {},
    "clone_of": {},
    "trained_on": {"trainingDataType": "posts"},
    "powers": {"capability": "chat"},
    "published_to": {"visibility": "public"},
    "part_of": {"order": 1, "section": "Start"},
    "references": {"referenceType": "link"},
    "derived_from": {"derivationType": "clip"},
    "member_of": {"role": "member", "joinedAt": "2026-01-01T00:00:00Z"},
    "following": {"notificationsEnabled": True},
    "engaged_with": {"engagementType": "liked"},
    "manages": {"permissions": ["edit"]},
    "collaborates_with": {"collaborationType": "author", "revenueShare": 2_000},
    "assigned_to": {"priority": "high", "deadline": "2026-01-01"},
    "transacted": {"transactionType": "purchase"},
    "holds": {"assetType": "tokens", "amount": 5},
    "enrolled_in": {"progress": 0.5, "startedAt": "2026-01-01T00:00:00Z"},
    "completed": {"completedAt": "2026-01-01T00:00:00Z", "certificateId": "c1"},
    "referred_by": {"referralCode": "ANNA", "conversionStatus": "invited"},
    "converted_from": {"conversionType": "purchase", "source": "ad"},
    "featured_in": {"startTime": 10, "endTime": 20.5},
    "analyzed_by": {"analysisType": "sentiment", "confidence": 0.9},
}

EVENTS: dict[str, dict[str, object]] = {
    "entity_created": {
        "entityType": "course",
        "collaboratorCount": 2,
        "tagCount": 1,
        "pricingModel": "per_request",
        "basePrice": MONEY,
        "capabilities": ["write"],
    },
    "entity_updated": {"fields": ["name"]},
    "entity_deleted": {"reason": "old"},
    "entity_restored": {"restoredBy": ID},
    "entity_published": {"visibility": "public"},
    "entity_archived": {"archiveReason": "old"},
    "clone_interaction": {"messageCount": 3, "duration": 12},
    "clone_trained": {"dataPoints": 100, "model": "m"},
    "ai_generated": {"contentType": "blog_post", "prompt": "short"},
    "voice_cloned": {"provider": "elevenlabs", "voiceId": "v"},
    "agent_executed": {
        "status": "partial",
        "message": "m",
        "response": "r",
        "executionTime": 1200,
        "tokensUsed": 5,
    },
    "workflow_started": {"workflowType": "onboarding", "steps": 4},
    "workflow_completed": {"duration": 3.5, "status": "success"},
    "content_viewed": {"duration": 10, "completionRate": 0.4},
    "content_interacted": {"interactionType": "commented"},
    "content_downloaded": {"format": "pdf"},
    "content_embedded": {"model": "m", "dimensions": 384},
    "content_moderated": {"action": "removed", "reason": "spam"},
    "course_enrolled": {},
    "progress_updated": {"entityId": ID, "progress": 1, "journeyType": "elevate", "stepId": "hook"},
    "assessment_completed": {"score": 9.5, "passed": True},
    "certificate_earned": {"certificateId": "c1", "skills": ["python"]},
    "token_deployed": {"contractAddress": "0xabc", "chain": "base"},
    "token_transacted": {"action": "burned", "amount": 3},
    "token_staked": {"action": "unstaked", "amount": 3, "duration": "30d"},
    "governance_action": {"actionType": "vote"},
    "nft_minted": {"tokenId": "1", "metadata": {"name": "One"}},
    "payment_processed": {
        "status": "refunded",
        "paymentType": "token_purchase",
        "amount": 100,
        "usdAmount": 10,
        "sessionId": "cs",
        "platformFee": 1,
    },
    "subscription_changed": {"action": "upgraded"},
    "invoice_generated": {"amount": MONEY, "dueDate": "2026-01-31", "status": "open"},
    "referral_created": {"referralCode": "ANNA", "channel": "email"},
    "referral_converted": {"conversionValue": 99},
    "achievement_unlocked": {"achievementId": "first", "points": 10},
    "level_changed": {"oldLevel": 1, "newLevel": "gold", "reason": "points"},
    "viral_shared": {"platform": "x", "reach": 5_000},
    "metric_calculated": {"metricType": "views", "value": 12.5},
    "insight_generated": {"insightType": "trend", "confidence": 0.5},
    "report_generated": {"reportType": "weekly", "period": "2026-W01"},
}

PROPERTIES: dict[str, dict[str, object]] = {
    "creator": {"stripeAccountId": "acct_1"},
    "ai_clone": {"voiceId": "v", "systemPrompt": "Be kind.", "temperature": 0},
    "sales_agent": {
        "description": "d",
        "capabilities": ["c"],
        "systemPrompt": "p",
        "model": "m",
        "temperature": 0.7,
        "pricingModel": "token_based",
        "basePrice": MONEY,
        "totalExecutions": 0,
        "successRate": 0,
        "averageExecutionTime": 0,
    },
    **{name: {"description": "d", "content": "c"} for name in ENTITIES.split()[13:24]},
}


def test_the_types_are_those_of_the_seed() -> None:
    assert list(ontology.entities) == ENTITIES.split()
    assert list(ontology.connections) == list(CONNECTIONS)
    assert list(ontology.events) == list(EVENTS)
    assert (len(ontology.entities), len(CONNECTIONS), len(EVENTS)) == (50, 24, 38)
    assert " ".join(ontology.tag_categories) == (
        "skill industry topic format goal audience technology status"
    )


def test_every_key_of_the_seed_is_accepted() -> None:
    for name, metadata in CONNECTIONS.items():
        ontology.connection(name).validate(metadata)
    for name, metadata in EVENTS.items():
        ontology.event(name).validate(metadata)
    for name, properties in PROPERTIES.items():
        assert ontology.entity(name).validate(properties).keys() == properties.keys()


def test_what_is_secret_is_private() -> None:
    assert {"stripeAccountId", "email"} <= ontology.entity("creator").private
    assert {"voiceId", "systemPrompt"} <= ontology.entity("ai_clone").private
    assert "systemPrompt" in ontology.entity("legal_agent").private


def test_every_key_that_a_type_speaks_of_is_one_of_its_own() -> None:
    for kind in kinds:
        spoken = {path.partition(".")[0] for path in kind.indexed} | kind.private | kind.required
        spoken |= {*kind.defaults, *kind.also.values()}
        assert spoken <= kind.keys, kind.name
    for entity in ontology.entities.values():
        assert {*entity.unique, *entity.searchable} <= entity.keys
        assert set(entity.unique) <= set(entity.indexed), entity.name
        assert len(entity.indexed) <= 4
    for connection in ontology.connections.values():
        assert {*filter(None, [connection.slot_key]), *connection.guarded} <= connection.keys
        for role in connection.roles:
            connection.validate(role.metadata or {}, partial=True)


def test_few_enough_event_keys_are_indexed() -> None:
    indexed = [event.indexed for event in ontology.events.values()]
    assert max(map(len, indexed)) <= 2
    assert sum(map(len, indexed)) <= 20


@pytest.mark.parametrize("noun", ["entity", "connection", "event"])
def test_an_unknown_type_is_refused_with_the_three_nearest(noun: str) -> None:
    near = {"entity": "course", "connection": "following", "event": "course_enrolled"}[noun]
    with pytest.raises(Invalid) as refused:
        getattr(ontology, noun)(near[:-1])
    (fault,) = refused.value.faults
    assert (fault.pointer, len(fault.allowed), fault.allowed[0]) == ("/type", 3, near)


def test_statuses_begin_and_move_as_the_tables_say() -> None:
    for entity in ontology.entities.values():
        assert entity.initial in entity.transitions
        assert set(entity.transitions) <= set(STATUSES)
        for before, afters in entity.transitions.items():
            assert afters <= set(entity.transitions)
            for after in (*afters, before):
                entity.check_status(before, after)
        entity.check_status(None, entity.initial)


def test_a_status_that_may_not_follow_is_refused_with_those_that_may() -> None:
    post = ontology.entity("blog_post")
    with pytest.raises(Invalid) as refused:
        post.check_status("draft", "inactive")
    assert refused.value.faults[0].allowed == ("active", "published", "archived")
    for before, after in ((None, "deleted"), ("draft", ""), ("nothing", "draft")):
        with pytest.raises(Invalid):
            post.check_status(before, after)
    with pytest.raises(Invalid):
        ontology.entity("creator").check_status("active", "published")


@pytest.mark.parametrize(
    ("name", "from_type", "to_type"),
    [
        ("owns", "creator", "course"),
        ("owns", "community", "token"),
        ("created_by", "blog_post", "marketing_agent"),
        ("authored", "ai_clone", "message"),
        ("clone_of", "ai_clone", "creator"),
        ("trained_on", "ai_clone", "conversation"),
        ("powers", "sales_agent", "landing_page"),
        ("published_to", "membership", "website"),
        ("part_of", "lesson", "course"),
        ("references", "message", "creator"),
        ("derived_from", "video", "livestream"),
        ("member_of", "audience_member", "community"),
        ("following", "creator", "creator"),
        ("engaged_with", "audience_member", "sales_agent"),
        ("manages", "legal_agent", "token"),
        ("collaborates_with", "creator", "video"),
        ("assigned_to", "lead", "sales_agent"),
        ("transacted", "audience_member", "course"),
        ("holds", "community", "nft"),
        ("enrolled_in", "creator", "livestream"),
        ("completed", "audience_member", "podcast"),
        ("referred_by", "audience_member", "creator"),
        ("converted_from", "audience_member", "lead"),
        ("featured_in", "ai_clone", "livestream"),
        ("analyzed_by", "audience_member", "intelligence_agent"),
    ],
)
def test_ends_that_the_matrix_allows_are_taken(name: str, from_type: str, to_type: str) -> None:
    ontology.connection(name).check_ends(from_type, to_type)


@pytest.mark.parametrize(
    ("name", "from_type", "to_type", "end"),
    [
        ("owns", "course", "creator", "from"),
        ("owns", "creator", "audience_member", "to"),
        ("clone_of", "ai_clone", "audience_member", "to"),
        ("holds", "audience_member", "course", "to"),
        ("member_of", "course", "community", "from"),
        ("enrolled_in", "audience_member", "blog_post", "to"),
        ("following", "audience_member", "video", "to"),
        ("part_of", "creator", "course", "from"),
        ("transacted", "audience_member", "blog_post", "to"),
        ("published_to", "creator", "website", "from"),
    ],
)
def test_ends_that_it_does_not_are_refused_naming_what_is(
    name: str, from_type: str, to_type: str, end: str
) -> None:
    connection = ontology.connection(name)
    with pytest.raises(Invalid) as refused:
        connection.check_ends(from_type, to_type)
    (fault,) = refused.value.faults
    assert fault.pointer == f"/{end}"
    allowed = fault.allowed[0]
    assert any(allowed in (left if end == "from" else right) for left, right in connection.pairs)


def test_nothing_connects_to_itself() -> None:
    assert not any(connection.allow_self for connection in ontology.connections.values())


def test_slots_let_live_what_may_live_side_by_side() -> None:
    assert ontology.connection("following").slot({}, 7) == ""
    assert ontology.connection("engaged_with").slot({"engagementType": "saved"}, 7) == "saved"
    assert ontology.connection("transacted").slot({"transactionType": "purchase"}, 7) == "7"
    assert ontology.connection("referred_by").limit_from == 1


def test_an_event_is_about_what_it_can_be_about() -> None:
    ontology.event("clone_interaction").check_subject("ai_clone")
    ontology.event("content_viewed").check_subject("website")
    with pytest.raises(Invalid) as refused:
        ontology.event("clone_interaction").check_subject("course")
    assert refused.value.faults[0].allowed == ("ai_clone",)


def test_money_and_tokens_are_written_by_the_system_alone() -> None:
    writers = (*ontology.connections.values(), *ontology.events.values())
    system = {kind.name for kind in writers if kind.written_by == "system"}
    assert system == {
        "owns",
        "holds",
        "transacted",
        "payment_processed",
        "token_transacted",
        "token_staked",
        "nft_minted",
    }
    assert all(kind.use for kind in writers if kind.written_by == "system")


@pytest.mark.parametrize(
    ("text", "category", "name", "key"),
    [
        ("industry:fitness", "industry", "fitness", "fitness"),
        (" Skill :  Deep   Work ", "skill", "Deep Work", "deep work"),
        ("STRASSE", "topic", "STRASSE", "strasse"),
        ("straße", "topic", "straße", "strasse"),
        ("ﬁtness", "topic", "fitness", "fitness"),
        ("goal:a:b", "goal", "a:b", "a:b"),
    ],
)
def test_tags_are_parsed(text: str, category: str, name: str, key: str) -> None:
    tag = parse_tag(text)
    assert (tag.category, tag.name, tag.key) == (category, name, key)


@pytest.mark.parametrize("text", ["", "topic:", "colour:red", "a\0b", "x" * 81, "x" * 10_000, ":a"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_tag(text)
    assert refused.value.faults[0].pointer == "/name"


def test_the_digest_is_that_of_the_meaning() -> None:
    assert load().digest == ontology.digest
    assert len(ontology.digest) == 64


def test_the_document_defines_every_type() -> None:
    defined = document["$defs"]
    assert isinstance(defined, dict)
    assert {f"{kind.noun}.{kind.name}" for kind in kinds} <= defined.keys()


def test_the_page_is_the_one_that_is_kept() -> None:
    page = Path(__file__).parents[2] / "docs" / "ontology.md"
    assert page.read_text(encoding="utf-8") == describe(ontology), "run make docs"


def test_every_end_and_subject_is_a_type_or_a_group() -> None:
    known = {*ontology.entities}.union(*(kind.groups for kind in ontology.entities.values()))
    for connection in ontology.connections.values():
        for pair in connection.facts.get("ends", ()):
            assert {word for words in pair for word in words.split()} <= known, connection.name
    for event in ontology.events.values():
        assert set(event.facts.get("subjects", "").split()) <= known, event.name
