"""Connected accounts, how they are onboarded, and the links that lead there."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, JsonValue

from one.clock import new_secret
from one.sandbox.call import Call
from one.sandbox.endpoint import Endpoint
from one.sandbox.form import Metadata, Nested, Page, Params, Part
from one.sandbox.refusal import Refusal, invalid, missing
from one.sandbox.resource import Fields, Resource, numbered, seconds

PLATFORM = "acct_sandboxplatform"
HOME = "US"
_EUROPE = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI"
    " SK"
)
REGION = {HOME, "CA", *_EUROPE.split()}
"""Where the platform can transfer to."""

_COUNTRIES = REGION | {"AU", "BR", "HK", "IN", "JP", "MX", "NZ", "SG", "TH"}
_CURRENCIES = {
    "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp",
    "HK": "hkd", "HU": "huf", "IN": "inr", "IS": "isk", "JP": "jpy", "LI": "chf", "MX": "mxn",
    "NO": "nok", "NZ": "nzd", "PL": "pln", "RO": "ron", "SE": "sek", "SG": "sgd", "TH": "thb",
    "US": "usd",
}  # fmt: skip
_WANTED = ("business_type", "external_account", "individual.verification", "tos_acceptance.date")
_LASTS = timedelta(minutes=5)


class _Requested(Part):
    requested: bool = False


class _Capabilities(Part):
    card_payments: _Requested = _Requested()
    transfers: _Requested = _Requested()


class _Payer(Part):
    payer: Literal["account", "application", "application_express"] = "account"


class _Losses(Part):
    payments: Literal["application", "stripe"] = "stripe"


class _Board(Part):
    type: Literal["express", "full", "none"] = "full"


class _Controller(Part):
    fees: _Payer = _Payer()
    losses: _Losses = _Losses()
    requirement_collection: Literal["application", "stripe"] = "stripe"
    stripe_dashboard: _Board = _Board()


class _Profile(Part):
    mcc: str | None = None
    name: str | None = None
    product_description: str | None = None
    support_email: str | None = None
    url: str | None = None


class _Acceptance(Part):
    date: int | None = None
    ip: str | None = None
    service_agreement: Literal["full", "recipient"] = "full"


class _NewAccount(Params):
    type: Literal["custom", "express", "standard"] | None = None
    controller: _Controller | None = None
    country: str = HOME
    email: str | None = None
    external_account: str | None = None
    individual: Nested = Field(default_factory=dict)
    business_type: Literal["company", "government_entity", "individual", "non_profit"] | None = None
    business_profile: _Profile = _Profile()
    capabilities: _Capabilities = _Capabilities()
    default_currency: str | None = None
    metadata: Metadata
    tos_acceptance: _Acceptance = _Acceptance()


class _Changes(Params):
    email: str | None = None
    metadata: Metadata


class _Collected(Part):
    fields: Literal["currently_due", "eventually_due"] = "currently_due"
    future_requirements: Literal["include", "omit"] = "omit"


class _NewLink(Params):
    account: str
    type: Literal["account_onboarding", "account_update"]
    refresh_url: str | None = None
    return_url: str | None = None
    collect: Literal["currently_due", "eventually_due"] | None = None
    collection_options: _Collected | None = None


async def _create(call: Call, given: _NewAccount) -> Resource:
    _require_platform(call)
    if given.type is not None and given.controller is not None:
        raise invalid("You may not provide both `type` and `controller`.", "type")
    country, asked = given.country.upper(), given.capabilities
    if country not in _COUNTRIES:
        raise invalid(f"{given.country} is not currently supported by Stripe.", "country")
    full = given.tos_acceptance.service_agreement == "full"
    if asked.transfers.requested and not asked.card_payments.requested and full:
        raise Refusal(
            "Your platform needs approval for accounts to have requested the `transfers`"
            " capability without the `card_payments` capability.",
            param="capabilities",
        )
    made = call.keep(_made(call, given, given.controller or _controller(given.type)))
    return await onboard(call, made.id) if _all_is_given(given, made) else made


def _all_is_given(given: _NewAccount, made: Resource) -> bool:
    """Whether a platform that asks its people itself has handed on all that is wanted."""
    asks = made.group("controller")["requirement_collection"] == "application"
    known = (given.business_type, given.external_account, given.individual)
    return asks and all(known) and given.tos_acceptance.date is not None


def _made(call: Call, given: _NewAccount, chosen: _Controller) -> Resource:
    asked = given.capabilities
    return Resource(
        {
            "id": numbered("acct"),
            "object": "account",
            "business_profile": {**given.business_profile.model_dump()},
            "business_type": given.business_type,
            "capabilities": {
                name: "inactive"
                for name in ("card_payments", "transfers")
                if getattr(asked, name).requested
            },
            "charges_enabled": False,
            "controller": {"type": "application", "is_controller": True, **chosen.model_dump()},
            "country": given.country.upper(),
            "created": call.created,
            "default_currency": given.default_currency
            or _CURRENCIES.get(given.country.upper(), "eur"),
            "details_submitted": False,
            "email": given.email,
            "external_accounts": _no_accounts(),
            "future_requirements": _requirements(()),
            "metadata": {**given.metadata},
            "payouts_enabled": False,
            "requirements": _requirements(_WANTED),
            "settings": _settings(),
            "tos_acceptance": {
                "date": given.tos_acceptance.date,
                "ip": given.tos_acceptance.ip,
                "user_agent": None,
            },
            "type": given.type or _type(chosen),
        }
    )


def _controller(type: str | None) -> _Controller:
    """What the older `type` stands for."""
    if type == "standard" or type is None:
        return _Controller()
    kind = "application_express" if type == "express" else "application"
    return _Controller(
        fees=_Payer(
            payer="application_express" if kind == "application_express" else "application"
        ),
        losses=_Losses(payments="application"),
        requirement_collection="stripe" if type == "express" else "application",
        stripe_dashboard=_Board(type="express" if type == "express" else "none"),
    )


def _type(controller: _Controller) -> str:
    board = controller.stripe_dashboard.type
    return {"express": "express", "full": "standard"}.get(board, "none")


def _require_platform(call: Call) -> None:
    if call.account:
        raise Refusal(
            "Connected accounts have no connected accounts of their own.", status=403, kept=False
        )


def _no_accounts() -> Fields:
    return {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": ""}


def _requirements(wanted: tuple[str, ...]) -> Fields:
    listed: list[JsonValue] = [*wanted]
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": listed,
        "disabled_reason": "requirements.past_due" if wanted else None,
        "errors": [],
        "eventually_due": listed,
        "past_due": listed,
        "pending_verification": [],
    }


def _settings() -> Fields:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "manual"},
            "statement_descriptor": None,
        },
    }


def platform() -> Resource:
    """The account that everything else is connected to."""
    return Resource(
        {
            "id": PLATFORM,
            "object": "account",
            "capabilities": {"card_payments": "active", "transfers": "active"},
            "charges_enabled": True,
            "country": HOME,
            "default_currency": "usd",
            "details_submitted": True,
            "email": None,
            "payouts_enabled": True,
            "settings": _settings(),
            "type": "standard",
        }
    )


async def connected(call: Call, id: str, *, lock: bool = False) -> Resource | None:
    """A connected account by its id."""
    return await call.on("").find("account", id, lock=lock)


async def _own(call: Call, given: Params) -> Resource:
    del given
    return (await connected(call, call.account) if call.account else None) or platform()


async def _retrieve(call: Call, given: Params) -> Resource:
    del given
    id = call.ids[0]
    if id in (PLATFORM, call.account):
        return await _own(call, Params())
    return await _of_platform(call, id)


async def _of_platform(call: Call, id: str, *, lock: bool = False) -> Resource:
    found = None if call.account else await connected(call, id, lock=lock)
    if found is None:
        raise inaccessible(id)
    return found


def inaccessible(id: str) -> Refusal:
    """There is no such account, or none of this platform."""
    return Refusal(
        f"The provided key does not have access to account '{id}' (or that account does not exist)."
        " Application access may have been revoked.",
        code="account_invalid",
        status=403,
        kept=False,
    )


async def _update(call: Call, given: _Changes) -> Resource:
    account = await _of_platform(call, call.ids[0], lock=True)
    account.describe(given.metadata)
    if given.email is not None:
        account.set(email=given.email)
    call.on(account.id).tell("account.updated", account)
    return call.keep(account)


async def _list(call: Call, given: Page) -> Resource:
    return await call.page("account", given, url="/v1/accounts")


async def _link(call: Call, given: _NewLink) -> Resource:
    if given.refresh_url is None or given.return_url is None:
        lacking = "refresh_url" if given.refresh_url is None else "return_url"
        raise invalid(f"Missing required param: {lacking}.", lacking, code="parameter_missing")
    account = await connected(call, given.account)
    if account is None:
        raise missing("account", given.account, param="account")
    secret = new_secret()
    return call.keep(
        Resource(
            {
                "object": "account_link",
                "created": call.created,
                "expires_at": seconds(call.now + _LASTS),
                "url": f"{call.site}/onboard/{secret}",
                "id": secret,
                "_account": account.id,
                "_return": given.return_url,
                "_refresh": given.refresh_url,
            }
        )
    )


async def onboard(call: Call, id: str) -> Resource:
    """Gives an account all that it lacks. Raises Refusal."""
    account = await _of_platform(call, id, lock=True)
    before: Fields = {
        name: account.fields[name]
        for name in ("charges_enabled", "details_submitted", "payouts_enabled", "requirements")
    }
    able = account.group("capabilities")
    bank = _bank(account)
    account.set(
        capabilities={**dict.fromkeys(able, "active")},
        charges_enabled="card_payments" in able,
        details_submitted=True,
        external_accounts={**_no_accounts(), "data": [bank], "total_count": 1},
        payouts_enabled=True,
        requirements=_requirements(()),
    )
    call.on(account.id).tell("account.updated", account, before=before)
    return call.keep(account)


def _bank(account: Resource) -> Fields:
    return {
        "id": numbered("ba"),
        "object": "bank_account",
        "account": account.id,
        "account_holder_name": None,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "SANDBOX BANK",
        "country": account.text("country"),
        "currency": account.text("default_currency"),
        "default_for_currency": True,
        "fingerprint": None,
        "last4": "6789",
        "metadata": {},
        "routing_number": None,
        "status": "new",
    }


ENDPOINTS = (
    Endpoint("GET /v1/account", Params, _own),
    Endpoint("POST /v1/accounts", _NewAccount, _create),
    Endpoint("GET /v1/accounts", Page, _list),
    Endpoint("GET /v1/accounts/*", Params, _retrieve),
    Endpoint("POST /v1/accounts/*", _Changes, _update),
    Endpoint("POST /v1/account_links", _NewLink, _link),
)
