"""The 31 core entity types: people, agents, content, products, community, tokens, knowledge.

One class each, nothing else; what families share is in `families`, the other 19 in `business`.
"""

from typing import Annotated, Literal

from pydantic import Field

from one.ontology.families import (
    KEPT,
    Agent,
    Content,
    Entity,
    File,
    Person,
    Playable,
    Product,
    Texts,
    Urls,
    Words,
)
from one.ontology.values import (
    Color,
    Count,
    Country,
    Currency,
    Date,
    Duration,
    Id,
    Locale,
    LongText,
    Number,
    Price,
    Ratio,
    Record,
    Sha256,
    Share,
    Slug,
    Text,
    Url,
    When,
    Word,
    Zone,
    of,
)
from one.ontology.values import (
    Email as EmailAddress,
)

# --- core -------------------------------------------------------------------------------------


class Creator(
    Person,
    private=("voiceId",),
    guarded=("verified",),
    visibility="public",
    synonyms=(
        "maker, artist, teacher, instructor, coach, mentor, host, influencer, seller, "
        "vendor, founder"
    ),
):
    """A person who makes, teaches or sells. Public."""

    tagline: Text | None = None
    niche: Text | None = None
    brand_color: Color | None = None
    mission: LongText | None = None
    audience: Text | None = None
    voice_id: Word | None = None
    verified: bool | None = None
    accepts_bookings: bool | None = None
    follower_goal: Count | None = None


class AiClone(
    Agent,
    family="core",
    singular="AI clone",
    private=("voiceId",),
    synonyms="clone, digital twin, twin, ai twin, ai double, ai version",
):
    """A digital twin of a creator. Public when active; its prompt and voice are private."""

    voice_id: Word | None = None
    voice_provider: Word | None = None
    appearance: Url | None = None
    training_status: Literal["untrained", "training", "ready", "failed"] | None = None
    knowledge_cutoff: Date | None = None
    catchphrases: Texts | None = None
    refuses: Texts | None = None


class AudienceMember(
    Person,
    visibility="parties",
    synonyms=(
        "fan, user, student, learner, buyer, customer, client, subscriber, follower, "
        "member, guest, viewer, listener, reader, visitor, attendee, participant, "
        "collector, holder, supporter, person, friend"
    ),
):
    """A fan: a person who watches, learns, buys or joins. Seen by those they deal with."""

    goals: Texts | None = None
    source: Word | None = None
    unsubscribed: bool | None = None


# --- business agents --------------------------------------------------------------------------


class StrategyAgent(Agent, synonyms="strategist, planner, planning agent"):
    """Plans: vision, goals, key results."""

    horizon: Duration | None = None
    objectives: Texts | None = None


class ResearchAgent(Agent, synonyms="researcher, market researcher"):
    """Finds out: markets, trends, competitors."""

    sources: Urls | None = None
    topics: Words | None = None


class MarketingAgent(Agent, synonyms="marketer, marketing assistant, seo agent"):
    """Spreads the word: content plans, search, distribution."""

    channels: Words | None = None
    tone: Text | None = None


class SalesAgent(Agent, synonyms="sales assistant, salesperson, closer"):
    """Sells: funnels, follow-up, closing."""

    offers: Texts | None = None
    discount_limit: Share | None = None


class ServiceAgent(
    Agent,
    synonyms=(
        "support agent, support assistant, helpdesk agent, customer service agent, onboarding agent"
    ),
):
    """Helps: support, onboarding, success."""

    channels: Words | None = None
    escalates_to: EmailAddress | None = None
    hours: Text | None = None


class DesignAgent(Agent, synonyms="designer, design assistant, brand agent"):
    """Draws: brand, interfaces, assets."""

    brand_colors: Annotated[list[Color], Field(max_length=20)] | None = None
    style: Text | None = None


class EngineeringAgent(Agent, synonyms="engineer, developer agent, coding agent, developer"):
    """Builds: code, integrations, automation."""

    languages: Words | None = None
    repositories: Urls | None = None


class FinanceAgent(Agent, synonyms="accountant, bookkeeper, financial agent"):
    """Counts: revenue, costs, forecasts."""

    currency: Currency | None = None
    fiscal_year_start: Text | None = None


class LegalAgent(Agent, synonyms="lawyer, compliance agent, legal assistant"):
    """Protects: contracts, rights, compliance."""

    jurisdictions: Annotated[list[Country], Field(max_length=100)] | None = None


class IntelligenceAgent(Agent, synonyms="analyst, analytics agent, data agent, insight agent"):
    """Understands: analytics, insights, predictions."""

    metrics: Words | None = None
    schedule: Text | None = None


# --- content ----------------------------------------------------------------------------------


class BlogPost(Content, synonyms="post, article, blog, blog article, story, essay, write-up"):
    """Something written, on a site or blog."""

    excerpt: Text | None = None
    reading_minutes: Count | None = None
    newsletter: bool | None = None


class Video(Content, Playable, synonyms="clip, film, movie, vlog, reel, music video"):
    """Moving pictures."""

    thumbnail: Url | None = None
    resolution: Word | None = None
    aspect_ratio: Word | None = None
    youtube_id: Word | None = None
    chapters: Texts | None = None
    made_for_kids: bool | None = None


class Podcast(Content, Playable, synonyms="episode, podcast episode, audio show"):
    """A spoken show or one of its episodes."""

    feed_url: Url | None = None
    season: Count | None = None
    episode: Count | None = None
    episode_type: Literal["full", "trailer", "bonus"] | None = None
    category: Word | None = None
    show_notes: LongText | None = None
    guests: Texts | None = None
    owner_email: EmailAddress | None = None


class SocialPost(
    Content,
    synonyms=(
        "tweet, social media post, status update, instagram post, linkedin post, thread post"
    ),
):
    """A short post for a social platform."""

    text: LongText | None = None
    platform: Word | None = None
    hashtags: Words | None = None
    media: Urls | None = None
    external_url: Url | None = None
    external_id: Word | None = None
    scheduled_at: When | None = None


class Email(
    Content,
    visibility="private",
    synonyms="mail, e-mail, newsletter, newsletter issue, mailing",
    search={"subject": "B"},
):
    """A mail, written once and sent to one or many. Private to who writes it."""

    subject: Text | None = None
    preheader: Text | None = None
    from_name: Text | None = None
    to: Annotated[list[Text], Field(max_length=1_000)] | None = None
    reply_to: Text | None = None
    sent_at: When | None = None
    recipients: Count | None = None


class Course(
    Content,
    groups=("product",),
    indexed=("price.amount",),
    synonyms=(
        "class, program, programme, training, workshop, masterclass, curriculum, bootcamp, tutorial"
    ),
):
    """A way through lessons that people enrol in."""

    level: Literal["beginner", "intermediate", "advanced", "all"] | None = None
    duration_minutes: Count | None = None
    modules: Count | Texts | None = None
    lesson_count: Count | None = None
    objectives: Texts | None = None
    requirements: Texts | None = None
    sections: Texts | None = None
    capacity: Count | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    enrolment: Literal["open", "invited", "closed"] | None = None
    certificate: bool | None = None
    passing_score: Ratio | None = None
    compare_at_price: Price | None = None
    refund_days: Count | None = None


class Lesson(Content, Playable, visibility="members", synonyms="chapter, module, lecture, unit"):
    """One sitting of a course. Seen by those enrolled, by everyone when it is a preview."""

    duration_minutes: Count | None = None
    order: Count | None = None
    section: Text | None = None
    preview: bool | None = None
    assignment: LongText | None = None
    quiz: Annotated[list["Question"], Field(max_length=200)] | None = None
    passing_score: Ratio | None = None
    resources: Urls | None = None


class Question(Record):
    """A question of a quiz; `answer` is the place of the right choice, from 0."""

    question: Text
    choices: Texts | None = None
    answer: Count | None = None
    points: Count | None = None


# --- products ---------------------------------------------------------------------------------


class DigitalProduct(
    Product,
    File,
    private=("fileId", "fileUrl"),
    synonyms=(
        "product, ebook, e-book, sample pack, preset pack, digital download, book, toolkit, bundle"
    ),
):
    """A file, tool or pack that is bought and downloaded."""

    version: Word | None = None
    download_limit: Count | None = None
    license_keys: bool | None = None
    formats: Words | None = None
    preview_url: Url | None = None


class Membership(
    Product,
    synonyms=("tier, plan, membership tier, membership plan, subscription plan, club, vip club"),
):
    """A tier that people join and, mostly, pay for again and again."""

    tier: Word | None = None
    interval: Literal["day", "week", "month", "year", "once"] | None = None
    interval_count: Annotated[int, Field(ge=1, le=365)] | None = None
    monthly_price: Price | None = None
    yearly_price: Price | None = None
    trial_days: Count | None = None
    benefits: Texts | None = None
    welcome_message: LongText | None = None
    capacity: Count | None = None


class Consultation(
    Product,
    private=("meetingUrl",),
    synonyms=(
        "session, coaching session, coaching call, appointment, consulting session, "
        "one-on-one, booking, meeting"
    ),
):
    """Time with a person, one to one."""

    duration_minutes: Count | None = None
    duration: Duration | None = None
    timezone: Zone | None = None
    mode: Literal["video", "audio", "chat", "in_person"] | None = None
    location: Text | None = None
    meeting_url: Url | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    buffer_minutes: Count | None = None
    notice_hours: Count | None = None
    agenda: LongText | None = None


class Nft(
    Product,
    singular="NFT",
    synonyms="collectible, digital collectible, art piece",
    indexed=("contractAddress",),
):
    """A unique or numbered collectible."""

    image: Url | None = None
    animation_url: Url | None = None
    external_url: Url | None = None
    attributes: Annotated[list["Trait"], Field(max_length=100)] | None = None
    token_id: Word | None = None
    contract_address: Word | None = None
    chain: Word | None = None
    standard: Word | None = None
    supply: Count | None = None
    edition: Count | None = None
    royalty: Share | None = None
    metadata_url: Url | None = None
    minted_at: When | None = None


class Trait(Record):
    """One attribute of a collectible."""

    trait_type: Text
    value: Text | Number
    display_type: Word | None = None


# --- community --------------------------------------------------------------------------------


class Community(
    Entity,
    family="community",
    groups=("product",),
    plural="communities",
    visibility="public",
    unique=("slug",),
    indexed=("slug", "price.amount"),
    synonyms="group, forum, circle, fan club, tribe",
    search={"summary": "B", "description": "B", "rules": "C"},
):
    """A place that people join. Public; what is said in it is for its members."""

    slug: Slug | None = None
    summary: Text | None = None
    cover: Url | None = None
    icon: Url | None = None
    rules: LongText | None = None
    joining: Literal["open", "request", "invited", "paid"] | None = None
    price: Price | None = None
    interval: Literal["day", "week", "month", "year", "once"] | None = None
    capacity: Count | None = None
    welcome_message: LongText | None = None
    language: Locale | None = None
    topics: Words | None = None
    member_count: Count | None = None


class Conversation(
    Entity,
    family="community",
    visibility="parties",
    transitions=KEPT,
    guarded=("pair", "messageCount", "lastMessageAt"),
    unique=("pair",),
    synonyms="chat, thread, discussion, dialogue, dm, direct message thread",
    search={"topic": "B", "summary": "C"},
    indexed=("lastMessageAt", "pair"),
):
    """A thread of messages. Seen by those in it; between two there is one, their `pair`."""

    pair: Word | None = None
    topic: Text | None = None
    summary: LongText | None = None
    channel: Word | None = None
    kind: Literal["direct", "group", "agent", "support", "comments"] | None = None
    message_count: Count | None = None
    last_message_at: When | None = None
    resolved: bool | None = None


class Message(
    Entity,
    family="community",
    visibility="parties",
    transitions=KEPT,
    guarded=("conversation", "sequence"),
    synonyms="comment, reply, direct message, chat message",
    search={"text": "C"},
    indexed=("sequence", "conversation"),
):
    """One saying in a conversation. Seen by those in it."""

    conversation: Annotated[Id, of("conversation")] | None = None
    text: LongText | None = None
    content: LongText | None = None
    role: Literal["user", "assistant", "system", "tool"] | None = None
    format: Literal["text", "markdown", "html"] | None = None
    attachments: Urls | None = None
    sequence: Count | None = None
    reply_to: Annotated[Id, of("message")] | None = None
    sent_at: When | None = None
    read_at: When | None = None
    edited_at: When | None = None
    tool_name: Word | None = None
    tool_call_id: Word | None = None
    tokens_used: Count | None = None


# --- token ------------------------------------------------------------------------------------


class Token(
    Entity,
    family="token",
    groups=("product",),
    visibility="public",
    unique=("symbol",),
    indexed=("symbol", "price.amount"),
    synonyms="coin, creator token, reward token, loyalty token",
    search={"symbol": "A", "summary": "B", "description": "C"},
):
    """A kind of unit that people hold, earn and spend; balances are kept by the ledger."""

    symbol: Word | None = None
    summary: Text | None = None
    icon: Url | None = None
    total_supply: Count | None = None
    circulating_supply: Count | None = None
    decimals: Annotated[int, Field(ge=0, le=18)] | None = None
    price: Price | None = None
    transferable: bool | None = None
    utility: Texts | None = None
    chain: Word | None = None
    contract_address: Word | None = None
    standard: Word | None = None
    daily_limit: Count | None = None
    staking_rate: Count | None = None


class TokenContract(
    Entity,
    family="token",
    visibility="public",
    synonyms="smart contract, contract",
    indexed=("contractAddress", "chain"),
):
    """A program on a chain that keeps a token or collectibles."""

    contract_address: Word | None = None
    chain: Word | None = None
    chain_id: Count | None = None
    standard: Word | None = None
    symbol: Word | None = None
    total_supply: Count | None = None
    decimals: Annotated[int, Field(ge=0, le=18)] | None = None
    deployed_at: When | None = None
    transaction_hash: Text | None = None
    verified: bool | None = None
    off_chain: bool | None = None
    source_url: Url | None = None
    audit_url: Url | None = None


# --- knowledge --------------------------------------------------------------------------------


class KnowledgeItem(
    Entity,
    family="knowledge",
    groups=("content",),
    visibility="private",
    synonyms="faq, knowledge base article, source material",
    search={"summary": "B", "content": "C"},
    indexed=("source",),
):
    """A piece of what a creator knows, for agents and clones to draw on. Private."""

    summary: Text | None = None
    content: LongText | None = None
    source: Text | None = None
    source_url: Url | None = None
    format: Word | None = None
    language: Locale | None = None
    question: Text | None = None
    answer: LongText | None = None
    importance: Ratio | None = None
    captured_at: When | None = None
    sha256: Sha256 | None = None


class Embedding(
    Entity,
    family="knowledge",
    visibility="private",
    transitions=KEPT,
    synonyms="vector",
    indexed=("model",),
):
    """An imported vector; ONE's own vectors live in the store's inner tables. Private."""

    model: Word | None = None
    dimensions: Annotated[int, Field(ge=1, le=16_000)] | None = None
    vector: Annotated[list[float], Field(max_length=16_000)] | None = None
    text: LongText | None = None
    chunk: Count | None = None
    entity_id: Id | None = None
