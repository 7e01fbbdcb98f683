"""The 19 entity types of running a business: platform, trade, marketing.

One class each, nothing else; what families share is in `families`.
"""

from typing import Annotated, Literal

from pydantic import Field

from one.ontology.families import (
    KEPT,
    PUBLISHING,
    WORKING,
    Address,
    Business,
    File,
    Marketing,
    Page,
    Playable,
    Texts,
    Words,
)
from one.ontology.values import (
    Amount,
    Count,
    Date,
    Handle,
    Id,
    LongText,
    Money,
    Number,
    Phone,
    Price,
    Ratio,
    Record,
    Seconds,
    Share,
    Slug,
    Text,
    Url,
    When,
    Word,
    Zone,
    of,
)

# --- platform ---------------------------------------------------------------------------------


class Website(
    Page,
    groups=("content",),
    unique=("domain",),
    indexed=("domain",),
    synonyms="site, web site, homepage, home page, portfolio",
):
    """A site; one in each space stands for the platform itself."""

    domain: Word | None = None
    url: Url | None = None
    logo: Url | None = None
    favicon: Url | None = None
    navigation: Annotated[list["Link"], Field(max_length=50)] | None = None
    analytics_id: Word | None = None


class Link(Record):
    """A word that leads somewhere."""

    label: Text
    url: Url


class LandingPage(
    Page,
    groups=("content",),
    unique=("slug",),
    indexed=("slug",),
    synonyms="sales page, squeeze page, sign-up page, signup page, web page, page",
):
    """One page with one aim."""

    subheadline: Text | None = None
    call_to_action: Text | None = None
    target_url: Url | None = None
    variant: Word | None = None
    goal: Text | None = None
    conversion_rate: Ratio | None = None


class Template(
    Page,
    unique=("slug",),
    indexed=("slug", "kind"),
    synonyms="blueprint, boilerplate, preset template",
):
    """A form to fill: of a page, a mail, a post, a feature."""

    kind: Word | None = None
    variables: Words | None = None
    preview_url: Url | None = None
    price: Price | None = None
    license: Text | None = None
    version: Word | None = None


class Livestream(
    Page,
    private=("streamKey",),
    groups=("content",),
    unique=("slug",),
    indexed=("slug", "startsAt"),
    synonyms=(
        "live stream, stream, broadcast, live show, webinar, live event, live session, live class"
    ),
    also={"start": "startsAt", "startTime": "startsAt", "scheduledStart": "startsAt"},
):
    """Something shown as it happens, that people attend."""

    starts_at: When | None = None
    scheduled_at: When | None = None
    ends_at: When | None = None
    timezone: Zone | None = None
    platform: Word | None = None
    stream_url: Url | None = None
    playback_url: Url | None = None
    stream_key: Word | None = None
    live: bool | None = None
    chat_enabled: bool | None = None
    capacity: Count | None = None
    price: Price | None = None
    peak_viewers: Count | None = None
    record: bool | None = None
    mix: LongText | None = None


class Recording(
    Page,
    Playable,
    File,
    groups=("content",),
    unique=("slug",),
    indexed=("slug",),
    synonyms="replay, audio recording, screen recording, voice recording",
):
    """What was kept of something that happened."""

    recorded_at: When | None = None
    thumbnail: Url | None = None
    speakers: Texts | None = None


class MediaAsset(
    Page,
    File,
    initial="active",
    visibility="private",
    synonyms="file, image, photo, picture, audio file, media, media file",
    indexed=("mimeType", "sha256"),
):
    """A stored file: picture, sound, film, document. Private until something shows it."""

    url: Url | None = None
    alt: Text | None = None
    caption: Text | None = None
    width: Count | None = None
    height: Count | None = None
    duration_seconds: Seconds | None = None
    license: Text | None = None
    credit: Text | None = None
    taken_at: When | None = None


# --- business ---------------------------------------------------------------------------------


_STRIPE_PAYMENT = ("stripePaymentIntentId", "stripeChargeId", "stripeSessionId")


class Payment(
    Business,
    visibility="parties",
    private=_STRIPE_PAYMENT,
    guarded=("state", "amount", "paidAt", *_STRIPE_PAYMENT, "reference"),
    synonyms="sale, order, purchase, transaction",
    indexed=("state", "amount.amount", "paidAt"),
):
    """Money that moved, or was to move. Seen by its parties; the journal is the truth."""

    amount: Price | None = None
    state: (
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
    method: Word | None = None
    provider: Word | None = None
    payment_type: Word | None = None
    quantity: Count | None = None
    tax: Price | None = None
    platform_fee: Price | None = None
    net: Money | None = None
    refunded: Price | None = None
    reference: Word | None = None
    receipt_url: Url | None = None
    failure_reason: Text | None = None
    paid_at: When | None = None
    refunded_at: When | None = None
    stripe_payment_intent_id: Word | None = None
    stripe_charge_id: Word | None = None
    stripe_session_id: Word | None = None


class Subscription(
    Business,
    visibility="parties",
    private=("stripeSubscriptionId",),
    guarded=("state", "currentPeriodEnd", "stripeSubscriptionId"),
    synonyms="recurring payment, paid subscription",
    indexed=("state", "currentPeriodEnd"),
):
    """A standing agreement to pay for a tier, an agent or a product. Seen by its parties."""

    state: (
        Literal[
            "trialing",
            "active",
            "past_due",
            "paused",
            "cancelled",
            "unpaid",
            "incomplete",
            "expired",
        ]
        | None
    ) = None
    price: Price | None = None
    plan: Word | None = None
    interval: Literal["day", "week", "month", "year"] | None = None
    interval_count: Annotated[int, Field(ge=1, le=365)] | None = None
    quantity: Count | None = None
    started_at: When | None = None
    current_period_start: When | None = None
    current_period_end: When | None = None
    trial_ends_at: When | None = None
    cancel_at_period_end: bool | None = None
    cancelled_at: When | None = None
    paused_at: When | None = None
    stripe_subscription_id: Word | None = None


class Invoice(
    Business,
    visibility="parties",
    private=("stripeInvoiceId",),
    guarded=("stripeInvoiceId",),
    unique=("number",),
    synonyms="bill, receipt",
    indexed=("number", "state", "dueDate"),
):
    """A demand for money. Seen by its parties."""

    number: Word | None = None
    state: Literal["draft", "open", "paid", "void", "uncollectible"] | None = None
    amount: Price | None = None
    subtotal: Price | None = None
    tax: Price | None = None
    amount_paid: Price | None = None
    due_date: Date | When | None = None
    issued_at: When | None = None
    paid_at: When | None = None
    lines: Annotated[list["InvoiceLine"], Field(max_length=500)] | None = None
    customer_name: Text | None = None
    customer_email: Text | None = None
    billing_address: Address | None = None
    tax_id: Word | None = None
    memo: Text | None = None
    url: Url | None = None
    stripe_invoice_id: Word | None = None


class InvoiceLine(Record):
    """One line of an invoice; `amount` is for the whole line."""

    description: Text
    quantity: Count | None = None
    unit_price: Money | None = None
    amount: Money | None = None
    tax_rate: Ratio | None = None


class Metric(
    Business,
    transitions=WORKING,
    synonyms="kpi, stat, key figure",
    indexed=("metricType", "measuredAt"),
):
    """A figure that is followed over time. Private to its owner."""

    metric_type: Word | None = None
    value: Number | None = None
    unit: Word | None = None
    target: Number | None = None
    previous: Number | None = None
    period: Word | None = None
    measured_at: When | None = None


class Insight(
    Business,
    transitions=WORKING,
    synonyms="finding, takeaway",
    search={"summary": "B", "content": "C"},
    indexed=("insightType",),
):
    """Something understood from data. Private to its owner."""

    insight_type: Word | None = None
    summary: Text | None = None
    content: LongText | None = None
    confidence: Ratio | None = None
    evidence: Texts | None = None
    recommendation: LongText | None = None
    period: Word | None = None


class Prediction(
    Business,
    transitions=WORKING,
    synonyms="forecast, projection, outlook",
    indexed=("predictionType", "due"),
):
    """Something expected, with how sure one is. Private to its owner."""

    prediction_type: Word | None = None
    summary: Text | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    unit: Word | None = None
    confidence: Ratio | None = None
    due: When | None = None
    outcome: Number | Text | None = None
    model: Word | None = None


class Report(
    Business,
    groups=("content",),
    transitions=PUBLISHING,
    initial="draft",
    synonyms="audit report, summary report, weekly report",
    search={"summary": "B", "content": "C"},
    indexed=("reportType",),
):
    """Findings written down for a period. Private to its owner until published to someone."""

    report_type: Word | None = None
    summary: Text | None = None
    content: LongText | None = None
    period: Word | None = None
    from_date: Date | None = None
    to_date: Date | None = None
    format: Word | None = None
    url: Url | None = None
    figures: Annotated[dict[Word, Number | Text], Field(max_length=200)] | None = None


# --- marketing --------------------------------------------------------------------------------


class Notification(
    Marketing,
    visibility="parties",
    transitions=KEPT,
    guarded=("recipient", "sender"),
    synonyms="alert, push notification, reminder, notice",
    indexed=("readAt", "channel", "recipient"),
):
    """A word to one person, whose it is then: no one else reads it."""

    recipient: Annotated[Id, of("creator", "audience_member")] | None = None
    sender: Annotated[Id, of("creator", "audience_member")] | None = None
    title: Text | None = None
    text: LongText | None = None
    url: Url | None = None
    kind: Word | None = None
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    sent_at: When | None = None
    read_at: When | None = None


class EmailCampaign(
    Marketing,
    groups=("content",),
    transitions=PUBLISHING,
    initial="draft",
    synonyms=(
        "mail campaign, newsletter campaign, email sequence, drip campaign, email blast, drip"
    ),
    indexed=("scheduledAt",),
):
    """A mail, or a row of mails, to many. Private to its owner."""

    preheader: Text | None = None
    from_name: Text | None = None
    audience: Text | None = None
    steps: Count | None = None
    scheduled_at: When | None = None
    sent_at: When | None = None
    recipients: Count | None = None
    open_rate: Ratio | None = None
    click_rate: Ratio | None = None


class Announcement(
    Marketing,
    groups=("content",),
    transitions=PUBLISHING,
    initial="draft",
    visibility="public",
    synonyms="news, broadcast message, press release, update post",
    unique=("slug",),
    indexed=("slug", "publishAt"),
):
    """News for everyone, or for a community it is published to."""

    slug: Slug | None = None
    text: LongText | None = None
    cover: Url | None = None
    url: Url | None = None
    audience: Text | None = None
    pinned: bool | None = None
    publish_at: When | None = None
    expires_at: When | None = None


class Referral(
    Marketing,
    visibility="parties",
    transitions=KEPT,
    synonyms="invitation, invite, referral link, recommendation link",
    unique=("referralCode",),
    indexed=("referralCode", "conversionStatus"),
):
    """One person's recommending of ONE, or of a thing, to another. Seen by the two."""

    referral_code: Word | None = None
    url: Url | None = None
    email: Text | None = None
    message: LongText | None = None
    conversion_status: Literal["invited", "registered", "converted", "reversed"] | None = None
    reward: Amount | None = None
    commission: Price | None = None
    expires_at: When | None = None
    registered_at: When | None = None
    converted_at: When | None = None


class Campaign(
    Marketing,
    transitions=PUBLISHING,
    initial="draft",
    synonyms="promotion, promo, ad campaign, marketing campaign, contest, challenge",
    indexed=("startsAt", "goal"),
):
    """An effort with an aim, a span and a budget. Private to its owner."""

    goal: Text | None = None
    audience: Text | None = None
    budget: Price | None = None
    spent: Price | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    channels: Words | None = None
    url: Url | None = None
    discount: Share | None = None
    coupon_code: Word | None = None
    target: Number | None = None


class Lead(
    Marketing,
    transitions=KEPT,
    synonyms="prospect, enquiry, inquiry, potential customer",
    indexed=("stage", "score", "source"),
):
    """Somebody who may become a customer. Private to its owner."""

    email: Text | None = None
    phone: Phone | None = None
    company: Text | None = None
    handle: Handle | None = None
    source: Word | None = None
    stage: Literal["new", "contacted", "qualified", "proposal", "won", "lost"] | None = None
    score: Number | None = None
    value: Price | None = None
    interest: Text | None = None
    notes: LongText | None = None
    next_step: Text | None = None
    last_contacted_at: When | None = None
    consent: bool | None = None
