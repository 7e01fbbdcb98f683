"""The 38 event types: what they may be about, which metadata, who sees and who writes them."""

from typing import Annotated, Literal

from pydantic import Field

from one.ontology.connections import Engagement
from one.ontology.families import Texts, Words
from one.ontology.types import Properties
from one.ontology.values import (
    Amount,
    Count,
    Currency,
    Date,
    Free,
    Id,
    Integer,
    Money,
    Number,
    Price,
    Ratio,
    Seconds,
    Text,
    Url,
    When,
    Word,
)

Outcome = Literal["success", "failed", "cancelled"]


class Event(Properties, seen_by="owners", written_by="owner"):
    """Something that happened."""

    note: Text | None = None


# --- lifecycle --------------------------------------------------------------------------------


class EntityCreated(Event, family="lifecycle", indexed=("entityType",)):
    """A thing was made."""

    entity_type: Word | None = None
    collaborator_count: Count | None = None
    tag_count: Count | None = None
    pricing_model: Word | None = None
    base_price: Amount | None = None
    capabilities: Texts | None = None


class EntityUpdated(Event, family="lifecycle"):
    """A thing was changed; `fields` names what."""

    fields: Annotated[list[Word], Field(max_length=500)] | None = None
    version: Count | None = None


class EntityDeleted(Event, family="lifecycle"):
    """A thing was put in the bin."""

    reason: Text | None = None


class EntityRestored(Event, family="lifecycle"):
    """A thing was taken out of the bin or the archive."""

    restored_by: Id | None = None
    reason: Text | None = None


class EntityPublished(Event, family="lifecycle", seen_by="public"):
    """A thing was shown for the first time, or again."""

    visibility: Literal["public", "members", "parties", "private", "unlisted"] | None = None
    platform: Word | None = None
    url: Url | None = None


class EntityArchived(Event, family="lifecycle", also={"reason": "archiveReason"}):
    """A thing was put away."""

    archive_reason: Text | None = None


# --- AI and clones ----------------------------------------------------------------------------


class CloneInteraction(Event, family="AI", subjects="ai_clone", seen_by="ends", written_by="open"):
    """Somebody talked with a clone."""

    message_count: Count | None = None
    duration: Seconds | None = None
    conversation_id: Id | None = None
    tokens_used: Count | None = None
    cost: Price | None = None


class CloneTrained(Event, family="AI", subjects="ai_clone"):
    """A clone has learned."""

    data_points: Count | None = None
    model: Word | None = None
    duration: Seconds | None = None


class AiGenerated(Event, family="AI", indexed=("contentType",)):
    """A model made something. Prompts are kept with the run; `prompt` is a short label of it."""

    content_type: Word | None = None
    prompt: Text | None = None
    model: Word | None = None
    tokens_used: Count | None = None
    cost: Price | None = None
    run_id: Word | None = None


class VoiceCloned(Event, family="AI", subjects="ai_clone creator", private=("voiceId",)):
    """A voice was copied, with its owner's consent."""

    provider: Word | None = None
    voice_id: Word | None = None
    sample_count: Count | None = None


# --- agents -----------------------------------------------------------------------------------


class AgentExecuted(
    Event,
    family="agents",
    subjects="agent",
    seen_by="ends",
    indexed=("status",),
    private=("message", "response"),
):
    """An agent ran. Ids, amounts and times; what was said is in the conversation."""

    status: Literal["success", "failed", "partial", "cancelled"] | None = None
    message: Text | None = None
    response: Text | None = None
    execution_time: Number | None = None
    tokens_used: Count | None = None
    model: Word | None = None
    cost: Price | None = None
    run_id: Word | None = None
    parent_run_id: Word | None = None
    conversation_id: Id | None = None
    error: Text | None = None


class WorkflowStarted(
    Event, family="agents", indexed=("workflowType",), also={"name": "workflowType"}
):
    """A run of several steps began."""

    workflow_type: Word | None = None
    steps: Count | Words | None = None
    run_id: Word | None = None


class WorkflowCompleted(Event, family="agents", indexed=("status",), also={"name": "workflowType"}):
    """A run of several steps came to its end."""

    duration: Seconds | None = None
    status: Outcome | None = None
    workflow_type: Word | None = None
    steps: Count | Words | None = None
    run_id: Word | None = None
    error: Text | None = None


# --- content ----------------------------------------------------------------------------------


class ContentViewed(Event, family="content", written_by="open", indexed=("completionRate",)):
    """Somebody read, watched or heard something."""

    duration: Seconds | None = None
    completion_rate: Ratio | None = None
    referrer: Text | None = None
    device: Word | None = None
    position: Number | None = None


class ContentInteracted(
    Event,
    family="content",
    seen_by="public",
    written_by="open",
    also={"engagementType": "interactionType"},
    indexed=("interactionType",),
):
    """Somebody liked, shared, commented, saved or rated something."""

    interaction_type: Engagement | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    review: Text | None = None
    text: Text | None = None
    platform: Word | None = None
    comment_id: Id | None = None


class ContentDownloaded(Event, family="content", written_by="open"):
    """Somebody fetched a file."""

    format: Word | None = None
    size_bytes: Count | None = None
    version: Word | None = None


class ContentEmbedded(Event, family="content"):
    """The vectors of something were made."""

    model: Word | None = None
    dimensions: Count | None = None
    chunks: Count | None = None


class ContentModerated(Event, family="content", indexed=("action",)):
    """Somebody or something judged a piece."""

    action: Word | None = None
    reason: Text | None = None
    confidence: Ratio | None = None


# --- learning ---------------------------------------------------------------------------------


class CourseEnrolled(
    Event,
    family="learning",
    subjects="course lesson livestream membership",
    seen_by="ends",
    written_by="owner_of_thing",
):
    """A person took up a course."""

    source: Word | None = None
    cohort: Word | None = None


class ProgressUpdated(
    Event, family="learning", seen_by="ends", written_by="open", indexed=("journeyType", "stepId")
):
    """A person came further, in a course or on a journey."""

    entity_id: Id | None = None
    progress: Ratio | None = None
    journey_type: Word | None = None
    journey_id: Word | None = None
    step_id: Word | None = None
    step: Count | None = None
    status: Word | None = None
    stars: Annotated[int, Field(ge=0, le=3)] | None = None
    duration: Seconds | None = None
    output: Free | None = None


class AssessmentCompleted(Event, family="learning", seen_by="ends", written_by="owner_of_thing"):
    """A test was taken."""

    score: Number | None = None
    passed: bool | None = None
    max_score: Number | None = None
    attempt: Count | None = None


class CertificateEarned(Event, family="learning", seen_by="ends", written_by="owner_of_thing"):
    """A certificate was given."""

    certificate_id: Word | None = None
    skills: Words | None = None
    url: Url | None = None
    expires_at: When | None = None


# --- tokens -----------------------------------------------------------------------------------


class TokenDeployed(Event, family="token", subjects="token token_contract nft", seen_by="public"):
    """A contract was put on a chain."""

    contract_address: Word | None = None
    chain: Word | None = None
    standard: Word | None = None
    transaction_hash: Text | None = None


class TokenTransacted(
    Event,
    family="token",
    subjects="token token_contract nft",
    seen_by="ends",
    written_by="system",
    use="grant",
    required=("action",),
    indexed=("action",),
    also={"quantity": "amount"},
):
    """Units of a token moved: `change` is what it did to the holder's balance, which it left at
    `balance`. One without them says more of a move that another tells of.
    """

    action: Literal["purchased", "earned", "burned", "spent", "transferred", "minted"] | None = None
    amount: Count | None = None
    change: Integer | None = None
    balance: Count | None = None
    counterparty_id: Id | None = None
    sale_id: Id | None = None
    reason: Text | None = None
    price: Price | None = None
    quote_id: Word | None = None
    run_id: Word | None = None


class TokenStaked(
    Event,
    family="token",
    subjects="token token_contract nft",
    seen_by="ends",
    written_by="system",
    use="stake",
    required=("action",),
    indexed=("action",),
):
    """Units of a token were locked or freed, or their lock rewarded: `reward` is what it earns, in
    units.
    """

    action: Literal["staked", "unstaked", "rewarded"] | None = None
    amount: Count | None = None
    change: Integer | None = None
    balance: Count | None = None
    duration: Seconds | None = None
    locked_until: When | None = None
    reward: Count | None = None
    stake_id: Id | None = None
    run_id: Word | None = None


class GovernanceAction(
    Event,
    family="token",
    subjects="token token_contract community",
    seen_by="public",
    written_by="open",
    indexed=("actionType",),
):
    """Holders put something to the vote, voted, or carried it out."""

    action_type: Literal["vote", "proposal", "execution"] | None = None
    proposal_id: Word | None = None
    choice: Word | None = None
    weight: Number | None = None
    title: Text | None = None


class NftMinted(
    Event,
    family="token",
    subjects="nft token token_contract",
    seen_by="public",
    written_by="system",
    use="mint",
):
    """A collectible came into being; `metadata` is the token's own."""

    token_id: Word | None = None
    metadata: Free | None = None
    contract_address: Word | None = None
    chain: Word | None = None
    transaction_hash: Text | None = None


# --- payments ---------------------------------------------------------------------------------


class PaymentProcessed(
    Event,
    family="payments",
    subjects="payment product course token nft subscription invoice person agent",
    seen_by="ends",
    written_by="system",
    use="checkout",
    required=("status",),
    also={"sessionId": "checkoutSessionId"},
    private=("checkoutSessionId",),
    indexed=("status", "currency"),
):
    """A payment came a step further. `amount` is money, or a bare count of units."""

    status: (
        Literal[
            "initiated",
            "pending",
            "completed",
            "failed",
            "refunded",
            "partially_refunded",
            "disputed",
            "cancelled",
        ]
        | None
    ) = None
    payment_type: Word | None = None
    amount: Amount | None = None
    amount_minor: Count | None = None
    currency: Currency | None = None
    quantity: Count | None = None
    usd_amount: Amount | None = None
    platform_fee: Amount | None = None
    platform_fee_minor: Count | None = None
    checkout_session_id: Word | None = None
    payment_id: Id | None = None
    reason: Text | None = None


class SubscriptionChanged(
    Event,
    family="payments",
    subjects="subscription membership product course agent person",
    seen_by="ends",
    required=("action",),
):
    """A standing agreement to pay changed."""

    action: (
        Literal[
            "started",
            "renewed",
            "cancelled",
            "upgraded",
            "downgraded",
            "paused",
            "resumed",
            "past_due",
        ]
        | None
    ) = None
    price: Price | None = None
    plan: Word | None = None
    previous_plan: Word | None = None
    reason: Text | None = None
    period_end: When | None = None


class InvoiceGenerated(
    Event,
    family="payments",
    subjects="invoice subscription payment product course person",
    seen_by="ends",
    indexed=("status",),
):
    """An invoice was made or sent."""

    amount: Amount | None = None
    currency: Currency | None = None
    due_date: When | Date | None = None
    status: Literal["draft", "open", "paid", "void", "uncollectible"] | None = None
    number: Word | None = None


# --- growth -----------------------------------------------------------------------------------


class ReferralCreated(
    Event, family="growth", seen_by="ends", written_by="open", indexed=("channel",)
):
    """Somebody recommended something to somebody."""

    referral_code: Word | None = None
    channel: Word | None = None
    referral_id: Id | None = None


class ReferralConverted(Event, family="growth", seen_by="ends"):
    """The one who was invited bought."""

    conversion_value: Money | Number | None = None
    referral_code: Word | None = None
    channel: Word | None = None
    referral_id: Id | None = None


class AchievementUnlocked(
    Event,
    family="growth",
    seen_by="public",
    written_by="owner_of_thing",
    also={"name": "title", "badge": "title"},
):
    """A person earned a badge."""

    achievement_id: Word | None = None
    points: Count | None = None
    title: Text | None = None


class LevelChanged(
    Event,
    family="growth",
    seen_by="public",
    written_by="owner_of_thing",
    also={"level": "newLevel"},
):
    """A person rose or fell."""

    old_level: Word | Count | None = None
    new_level: Word | Count | None = None
    reason: Text | None = None


class ViralShared(Event, family="growth", written_by="open", indexed=("platform",)):
    """Something was passed on outside."""

    platform: Word | None = None
    reach: Count | None = None
    url: Url | None = None


# --- analytics --------------------------------------------------------------------------------


class MetricCalculated(Event, family="analytics", indexed=("metricType",)):
    """A figure was worked out."""

    metric_type: Word | None = None
    value: Money | Number | None = None
    unit: Word | None = None
    period: Word | None = None
    previous: Money | Number | None = None
    trend: Number | Word | None = None


class InsightGenerated(Event, family="analytics"):
    """Something was understood."""

    insight_type: Word | None = None
    confidence: Ratio | None = None
    summary: Text | None = None


class ReportGenerated(Event, family="analytics"):
    """A report was written."""

    report_type: Word | None = None
    period: Word | None = None
    url: Url | None = None
