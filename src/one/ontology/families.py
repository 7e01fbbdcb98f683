"""What the members of a family of entity types have in common: keys, statuses, who sees them.

The groups are the words of the (from, to) matrix: person, agent, content, product; every type
that is no person is also a thing.
"""

from typing import Annotated, Literal

from pydantic import Field

from one.ontology.types import Properties
from one.ontology.values import (
    Color,
    Count,
    Country,
    Email,
    Handle,
    Locale,
    LongText,
    Phone,
    Price,
    Ratio,
    Record,
    Sha256,
    Slug,
    Text,
    Url,
    When,
    Word,
    Zone,
)

Words = Annotated[list[Word], Field(max_length=100)]
Texts = Annotated[list[Text], Field(max_length=200)]
Urls = Annotated[list[Url], Field(max_length=50)]

PUBLISHING = {
    "draft": frozenset({"published", "active", "archived"}),
    "published": frozenset({"draft", "inactive", "archived"}),
    "active": frozenset({"draft", "published", "inactive", "archived"}),
    "inactive": frozenset({"draft", "published", "active", "archived"}),
    "archived": frozenset({"draft", "published", "active"}),
}
"""For what is written first and shown later."""

LIVING = {
    "active": frozenset({"inactive", "archived"}),
    "inactive": frozenset({"active", "archived"}),
    "archived": frozenset({"active", "inactive"}),
}
"""For people: never drafts, never published."""

WORKING = {
    "draft": frozenset({"active", "published", "archived"}),
    "active": frozenset({"inactive", "published", "archived"}),
    "published": frozenset({"active", "inactive", "archived"}),
    "inactive": frozenset({"active", "published", "archived"}),
    "archived": frozenset({"active", "inactive", "draft"}),
}
"""For what works from the day it is made, and may also be prepared or listed."""

KEPT = {
    "draft": frozenset({"active", "archived"}),
    "active": frozenset({"inactive", "archived"}),
    "inactive": frozenset({"active", "archived"}),
    "archived": frozenset({"active", "inactive"}),
}
"""For records of business between parties: prepared, in force, closed."""


class Entity(Properties, transitions=WORKING, initial="active", visibility="private"):
    """Anything."""

    description: LongText | None = None


class Person(
    Entity,
    family="core",
    groups=("person",),
    transitions=LIVING,
    private=("email", "phone", "birthday", "stripeAccountId", "stripeCustomerId"),
    guarded=("stripeAccountId", "stripeCustomerId", "points", "level"),
    unique=("handle",),
    indexed=("handle", "email"),
    search={"handle": "A", "headline": "B", "bio": "C"},
):
    """A human being."""

    handle: Handle | None = None
    headline: Text | None = None
    bio: LongText | None = None
    avatar: Url | None = None
    cover: Url | None = None
    website: Url | None = None
    links: Urls | None = None
    email: Email | None = None
    phone: Phone | None = None
    birthday: Text | None = None
    location: Text | None = None
    country: Country | None = None
    locale: Locale | None = None
    timezone: Zone | None = None
    pronouns: Word | None = None
    interests: Words | None = None
    skills: Words | None = None
    personality: LongText | None = None
    level: Word | Count | None = None
    points: Count | None = None
    stripe_account_id: Word | None = None
    stripe_customer_id: Word | None = None


class Agent(
    Entity,
    family="agents",
    groups=("agent",),
    visibility="public",
    private=("systemPrompt",),
    unique=("slug",),
    indexed=("slug", "pricingModel", "basePrice.amount"),
    search={"summary": "B", "capabilities": "B", "description": "C"},
):
    """An artificial worker that can be run."""

    slug: Slug | None = None
    summary: Text | None = None
    avatar: Url | None = None
    capabilities: Texts | None = None
    system_prompt: LongText | None = None
    personality: LongText | None = None
    greeting: Text | None = None
    provider: Word | None = None
    model: Word | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Count | None = None
    tools: Words | None = None
    examples: Texts | None = None
    language: Locale | None = None
    pricing_model: Literal["per_request", "token_based", "subscription"] | None = None
    base_price: Price | None = None
    free_requests: Count | None = None
    total_executions: Count | None = None
    success_rate: Ratio | None = None
    average_execution_time: Annotated[float, Field(ge=0, le=1e12)] | None = None


class Content(
    Entity,
    family="content",
    groups=("content",),
    visibility="public",
    initial="draft",
    transitions=PUBLISHING,
    unique=("slug",),
    indexed=("slug", "language", "publishAt"),
    search={"summary": "B", "description": "B", "content": "C"},
):
    """Something made to be read, watched, heard or learned from."""

    slug: Slug | None = None
    subtitle: Text | None = None
    summary: Text | None = None
    content: LongText | None = None
    content_format: Literal["markdown", "html", "text"] | None = None
    cover: Url | None = None
    images: Urls | None = None
    language: Locale | None = None
    license: Text | None = None
    access: Literal["free", "members", "paid"] | None = None
    price: Price | None = None
    publish_at: When | None = None
    published_at: When | None = None
    featured: bool | None = None
    canonical_url: Url | None = None
    seo_title: Text | None = None
    seo_description: Text | None = None
    comments_allowed: bool | None = None


class Playable(Properties, search={"transcript": "C"}):
    """With sound or moving pictures."""

    media_url: Url | None = None
    duration_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    transcript: LongText | None = None
    captions_url: Url | None = None
    explicit: bool | None = None


class File(Properties):
    """With bytes behind it."""

    file_id: Word | None = None
    file_url: Url | None = None
    file_name: Text | None = None
    mime_type: Word | None = None
    size_bytes: Count | None = None
    sha256: Sha256 | None = None


class Product(
    Entity,
    family="products",
    groups=("product",),
    visibility="public",
    initial="draft",
    transitions=PUBLISHING,
    unique=("slug",),
    indexed=("slug", "price.amount"),
    search={"summary": "B", "description": "B", "content": "C"},
):
    """Something that can be bought."""

    slug: Slug | None = None
    summary: Text | None = None
    content: LongText | None = None
    cover: Url | None = None
    images: Urls | None = None
    price: Price | None = None
    compare_at_price: Price | None = None
    minimum_price: Price | None = None
    stock: Count | None = None
    per_buyer: Count | None = None
    refund_days: Count | None = None
    tax_category: Word | None = None
    license: Text | None = None
    features: Texts | None = None
    language: Locale | None = None
    available_from: When | None = None
    available_until: When | None = None


class Page(
    Entity,
    family="platform",
    visibility="public",
    initial="draft",
    transitions=PUBLISHING,
    search={"headline": "B", "description": "B", "content": "C"},
):
    """Something that is shown under an address."""

    slug: Slug | None = None
    headline: Text | None = None
    content: LongText | None = None
    cover: Url | None = None
    language: Locale | None = None
    theme: Word | None = None
    color: Color | None = None
    seo_title: Text | None = None
    seo_description: Text | None = None


class Address(Record):
    """A postal address."""

    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Word | None = None
    country: Country | None = None


class Business(Entity, family="business", transitions=KEPT, visibility="private"):
    """A record of trade, seen by its parties or its owner."""

    currency: Word | None = None


class Marketing(
    Entity,
    family="marketing",
    visibility="private",
    search={"subject": "B", "summary": "B", "content": "C"},
):
    """Something that reaches out to people."""

    subject: Text | None = None
    summary: Text | None = None
    content: LongText | None = None
    channel: Word | None = None
