"""What a deployment may set, read once at start from `ONE_*` environment variables."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo

from one.errors import Fault, Invalid


def _by_host(value: object) -> object:
    """`fit.example=<id>,yoga.example=<id>` as a mapping."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    hosts = [host.strip().lower().rstrip(".") for host, _, _ in pairs]
    if "" in hosts or len(set(hosts)) < len(hosts):
        raise ValueError("every host once, each as host=id")
    return {host: id.strip() for host, (_, _, id) in zip(hosts, pairs, strict=True)}


def _by_comma(value: object) -> object:
    """`new,old` as a list."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _by_name(value: object) -> object:
    """`youtube=<url>,sms=<url>` as a mapping."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    return {name.strip(): url.strip() for name, _, url in pairs}


class Settings(BaseModel):
    """Each field is the variable `ONE_<FIELD>`; its description is the help text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["development", "test", "production"] = Field(
        default="development", description="Production refuses stand-ins and a moved clock."
    )
    data: Path = Field(
        default=Path(".one"), description="Folder of the embedded database and files."
    )
    database_url: str = Field(
        default="",
        description="A PostgreSQL of your own (15 or newer, with pgvector); empty: embedded.",
    )
    schema_name: str = Field(
        default="one",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="The schema that holds this deployment's tables.",
        alias="schema",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    processes: int = Field(default=1, ge=1, le=64, description="Server processes.")
    site_url: str = Field(
        default="", description="Public address of the site; empty: http://<host>:<port>."
    )
    keep_changes: int = Field(
        default=365, ge=1, le=36500, description="Days that history and the change log go back."
    )
    keep_runs: int = Field(
        default=30,
        ge=1,
        le=36500,
        description="Days that a run, or a letter, is kept after its end.",
    )
    demo: bool = Field(
        default=True, description="Fill an empty database with a small world to look at."
    )
    ontology: Path = Field(
        default=Path("ontology.toml"),
        description="Extension types of this deployment, if it exists.",
    )
    spaces: Annotated[Mapping[str, UUID], BeforeValidator(_by_host)] = Field(
        default_factory=dict[str, UUID],
        description="Host names and the spaces they show, as `fit.example=<id>,…`; another host"
        " shows the default space.",
    )
    secret_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_by_comma)] = Field(
        default=(),
        description="Seal secrets and sign links, newest first, as `new,old`; empty: a key is made"
        " in ONE_DATA.",
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_by_comma)] = Field(
        default=(),
        description="Networks whose `X-Forwarded-For` is believed, as `10.0.0.0/8,::1/128`.",
    )
    session_idle: int = Field(
        default=30, ge=1, le=365, description="Days after which an unused session is over."
    )
    session_days: int = Field(
        default=90, ge=1, le=3650, description="Days after which every session is over."
    )
    reopen_days: int = Field(
        default=30,
        ge=0,
        le=365,
        description="Days in which who closed their account has it back by signing in.",
    )
    openai_key: SecretStr = Field(
        default=SecretStr(""), description="Key of the language model; empty: a stand-in."
    )
    openai_url: str = Field(
        default="https://api.openai.com/v1",
        description="Address of any server that speaks as OpenAI does.",
    )
    openai_model: str = Field(default="gpt-4.1-mini", description="The model that writes.")
    llm: Literal["", "local"] = Field(
        default="", description="`local`: a small model on this machine (docs/services.md)."
    )
    elevenlabs_key: SecretStr = Field(
        default=SecretStr(""), description="Key for voices; empty: a stand-in."
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="Mail server, as `smtp://user:password@host:587`; empty: mail is captured.",
    )
    mail_from: str = Field(default="", description="Sender of mail, as `Ana <ana@studio.example>`.")
    storage_url: str = Field(
        default="",
        description="Where files lie, as `s3://bucket/folder`; empty: in ONE_DATA.",
    )
    calendar_url: SecretStr = Field(
        default=SecretStr(""),
        description="A CalDAV calendar, as `https://user:password@host/calendar/`.",
    )
    connectors: Annotated[Mapping[str, str], BeforeValidator(_by_name)] = Field(
        default_factory=dict[str, str],
        description="Who posts for a service, as `youtube=https://…,sms=https://…`: youtube,"
        " instagram, twitter, linkedin, tiktok, twitch, sms, push.",
    )
    stripe_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of Stripe, `sk_test_…` or `sk_live_…`; empty: the sandbox.",
    )
    stripe_url: str = Field(
        default="",
        description="A sandbox of Stripe's wire in its place, as `one sandbox serve` has it; only"
        " with a key that begins with `sk_test_sandbox`.",
    )
    stripe_country: str = Field(
        default="US",
        pattern="^[A-Z]{2}$",
        description="Country of the Stripe account: it says where people can be paid.",
    )
    stripe_webhook_secrets: Annotated[tuple[SecretStr, ...], BeforeValidator(_by_comma)] = Field(
        default=(),
        description="Sign what Stripe posts to /api/payments/webhooks/stripe: `whsec_…`, one for"
        " the platform and one for Connect, and the older ones while they are replaced.",
    )
    platform_fee: int = Field(
        default=1_500,
        ge=0,
        le=10_000,
        description="What the platform keeps of a price before tax, in basis points.",
    )
    referral_share: int = Field(
        default=1_000,
        ge=0,
        le=10_000,
        description="What of a price before tax goes to whoever brought the buyer, out of the"
        " platform's fee, in basis points.",
    )
    least_fees: Annotated[Mapping[str, int], BeforeValidator(_by_name)] = Field(
        default_factory=dict[str, int],
        description="The smallest fee of the platform by currency, in minor units, as"
        " `usd=50,eur=50`.",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs what webhooks and connectors send; empty: webhooks are captured.",
    )
    private_addresses: bool = Field(
        default=False, description="Lets webhooks reach addresses inside the network."
    )
    faults: str = Field(
        default="",
        description="Faults in the stand-ins for services, as `stripe.charge#2=after,…`: before,"
        " after, unknown, slow, busy or refused. Not in production.",
    )
    sandbox_money: bool = Field(
        default=False,
        description="Lets production run with a stand-in for payments.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Log level."
    )

    @property
    def longest_unused(self) -> timedelta:
        """How long a session lasts that isn't used."""
        return timedelta(days=self.session_idle)

    @property
    def uncharged(self) -> str:
        """Why nobody can be charged at once here; empty where the sandbox takes the money."""
        if self.stripe_key.get_secret_value():
            return "With a key of Stripe's nobody's card is kept: a charge is refused here."
        if self.mode == "production" and not self.sandbox_money:
            return "No payments are set up here: a charge is refused."
        return ""

    @property
    def address(self) -> str:
        """Where the site is."""
        return self.site_url.rstrip("/") or f"http://{self.host}:{self.port}"

    def address_of(self, space: UUID) -> str:
        """Where a space is: at a host of its own, if it has one."""
        host = next((host for host, id in self.spaces.items() if id == space), "")
        return f"{self.address.partition('://')[0]}://{host}" if host else self.address


def variables() -> dict[str, tuple[str, str]]:
    """Of each environment variable: what holds without it, and what it is for."""
    return {
        "ONE_" + (field.alias or name).upper(): (_shown(field), field.description or "")
        for name, field in Settings.model_fields.items()
    }


def _shown(field: FieldInfo) -> str:
    value: object = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, SecretStr):
        return ""
    return (
        "" if value in ({}, ()) else str(value).lower() if isinstance(value, bool) else str(value)
    )


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises Invalid naming every variable that is wrong."""
    environ = os.environ if environ is None else environ
    known = {
        "ONE_" + (field.alias or name).upper(): (field.alias or name)
        for name, field in Settings.model_fields.items()
    }
    values = {
        field: environ[variable] for variable, field in known.items() if environ.get(variable)
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        faults = tuple(
            Fault(f"/ONE_{str(item['loc'][0]).upper()}", item["msg"]) for item in error.errors()
        )
        raise Invalid(
            "Some settings are not usable.",
            cure="Correct these environment variables.",
            faults=faults,
        ) from error
