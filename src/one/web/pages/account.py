"""The pages of one's own account.

What is shown once and kept nowhere (a secret, backup codes, a token) is the answer to the form
that asked for it: to go on to another page it would have to be kept.
"""

from starlette.responses import Response

from one.domains import accounts, graph
from one.errors import JSON
from one.store.people import fan_only
from one.web.pages.visit import Form, Page, Visit

_SCOPES = (
    ("read", "Look", "It reads what you may see, and changes nothing."),
    ("read runs", "Run features", "It also runs features, as you."),
    ("read language features", "Write features", "It also makes features live, which act for you."),
    ("write", "All but your account", "It does what you may, and makes no tokens."),
    ("", "All that you may", "It also makes and revokes tokens."),
)
_FORMS = ("page", "email", "password", "factor", "codes", "off", "token", "creator", "invite")
_DONE = {
    "reopened": "Your account is open again.",
    "creator": "You are a creator. Your other devices are signed out.",
    "email": "Your address has changed.",
    "invited": "The invitation is on its way.",
    "letters": "Two e-mails are on their way: one to each address.",
    "password": "Your password has changed. Your other devices are signed out.",
    "off": "The second factor is off. Your other devices are signed out.",
    "device": "That device is signed out.",
    "devices": "Your other devices are signed out.",
    "token": "The token is revoked.",
}


async def _show(visit: Visit, form: Form) -> Response:
    account = (await visit.call(accounts.show_account)).result
    person = (await visit.call(graph.get_entity, id=account.entity)).result
    devices = (await visit.call(accounts.list_devices)).result
    tokens = (await visit.call(accounts.list_tokens)).result
    done = visit.query.get("done", "")
    return visit.page(
        "account/account.html",
        account=account,
        person=person,
        lost=sorted(fan_only(visit.app.desk.ontology) & person.properties.keys()),
        devices=devices.items,
        tokens=[one for one in tokens.items if one.entity_id == person.id and not one.revoked_at],
        forms={name: form if form.name == name else Form(name) for name in _FORMS},
        tried=form.name,
        scopes=_SCOPES,
        done=_DONE.get(done, ""),
        sent=done == "letters",
    )


async def _become_creator(visit: Visit) -> Response:
    handle = visit.form.get("handle")
    done = await visit.call(accounts.become_creator, handle=handle)
    return visit.go("/account?done=creator", session=done.session)


async def _invite(visit: Visit) -> Response:
    await visit.call(accounts.invite, email=visit.form.get("email"))
    return visit.go("/account?done=invited")


async def _change_email(visit: Visit) -> Response:
    email, password = visit.form.get("email"), visit.form.get("password")
    await visit.call(accounts.change_email, email=email, password=password)
    return visit.go("/account?done=letters#email")


async def _change_password(visit: Visit) -> Response:
    new, password = visit.form.get("new"), visit.form.get("password")
    done = await visit.call(accounts.change_password, new=new, password=password)
    return visit.go("/account?done=password", session=done.session)


async def _offer_second_factor(visit: Visit) -> Response:
    password = visit.form.get("password")
    offered = (await visit.call(accounts.offer_second_factor, password=password)).result
    return visit.page("account/factor.html", form=Form(), offered=offered)


async def _show_confirm(visit: Visit, form: Form) -> Response:
    return visit.page("account/factor.html", form=form, offered=None)


async def _confirm_second_factor(visit: Visit) -> Response:
    code = "".join(visit.form.get("code", "").split())
    made = (await visit.call(accounts.confirm_second_factor, code=code)).result
    done = "The second factor is on. Your other devices are signed out."
    return visit.page("account/codes.html", codes=made.codes, done=done)


async def _end_second_factor(visit: Visit) -> Response:
    await visit.call(accounts.end_second_factor, password=visit.form.get("password"))
    return visit.go("/account?done=off")


async def _renew_codes(visit: Visit) -> Response:
    password = visit.form.get("password")
    made = (await visit.call(accounts.renew_backup_codes, password=password)).result
    return visit.page("account/codes.html", codes=made.codes, done="The old ones are void.")


async def _end_device(visit: Visit) -> Response:
    await visit.call(accounts.end_session, id=visit.path["id"])
    return visit.go("/account?done=device")


async def _end_devices(visit: Visit) -> Response:
    await visit.call(accounts.end_other_sessions)
    return visit.go("/account?done=devices")


async def _make_token(visit: Visit) -> Response:
    """A day is chosen; the token is good until it is over."""
    name, day = visit.form.get("name"), visit.form.get("expiresAt", "")
    until = f"{day}T23:59:59Z" if day else ""
    scopes: JSON = [*visit.form.get("scopes", "").split()] or None
    given = {"name": name, "expiresAt": until, "scopes": scopes}
    made = (await visit.call(accounts.create_token, **given)).result
    return visit.page("account/token.html", token=made.token, secret=made.secret)


async def _end_token(visit: Visit) -> Response:
    await visit.call(accounts.revoke_token, id=visit.path["id"])
    return visit.go("/account?done=token")


async def _show_close(visit: Visit, form: Form) -> Response:
    account = (await visit.call(accounts.show_account)).result
    lost = (await visit.call(accounts.show_closing)).result
    days = visit.app.deployment.settings.reopen_days
    return visit.page("account/close.html", form=form, account=account, lost=lost, days=days)


async def _close(visit: Visit) -> Response:
    done = await visit.call(accounts.close_account, password=visit.form.get("password"))
    return visit.go("/sign-in?done=closed", session=done.session)


async def _show_log(visit: Visit, form: Form) -> Response:
    del form
    log = (await visit.call(accounts.list_own_log, before=visit.query.get("before"))).result
    return visit.page("account/log.html", entries=log.items, older=log.next, me=visit.actor.id)


PAGES = (
    Page("/account", _show),
    Page("/account/log", _show_log),
    Page("/account/close", _show_close, _close),
    Page("/account/creator", _show, _become_creator, form="creator", read=False),
    Page("/account/email", _show, _change_email, form="email", read=False),
    Page("/account/invite", _show, _invite, form="invite", read=False),
    Page("/account/password", _show, _change_password, form="password", read=False),
    Page("/account/second-factor", _show, _offer_second_factor, form="factor", read=False),
    Page("/account/second-factor/confirm", _show_confirm, _confirm_second_factor, read=False),
    Page("/account/second-factor/end", _show, _end_second_factor, form="off", read=False),
    Page("/account/backup-codes", _show, _renew_codes, form="codes", read=False),
    Page("/account/devices/end", _show, _end_devices, form="page", read=False),
    Page("/account/devices/{id}/end", _show, _end_device, form="page", read=False),
    Page("/account/tokens", _show, _make_token, form="token", read=False),
    Page("/account/tokens/{id}/end", _show, _end_token, form="page", read=False),
)
