"""The pages by which people come in: sign up, sign in, use a letter, give the second factor."""

from urllib.parse import urlencode

from starlette.responses import Response

from one.domains import accounts
from one.errors import NotSignedIn
from one.web.pages.visit import Done, Form, Page, Visit


async def _show_sign_up(visit: Visit, form: Form) -> Response:
    if visit.signed_in:
        return visit.go(visit.next or "/home")
    begins = "creator" if visit.query.get("as") == "creator" else "audience_member"
    return visit.page("entrance/signup.html", form=form, begins=begins)


async def _sign_up(visit: Visit) -> Response:
    typed = {name: visit.form.get(name, "") for name in ("name", "kind", "handle", "password")}
    email = visit.form.get("email", "")
    await visit.call(accounts.sign_up, email=email, next=visit.next, **typed)
    return visit.go("/sign-in/code" + visit.onward, letters_to=email)


async def _show_sign_in(visit: Visit, form: Form) -> Response:
    if visit.signed_in:
        return visit.go(visit.next or "/home")
    days = visit.app.deployment.settings.reopen_days
    done = {
        "out": "You are signed out.",
        "closed": f"Your account is closed. Sign in within {days} days to have it back.",
    }.get(visit.query.get("done", ""), "")
    return visit.page("entrance/signin.html", form=form, done=done)


async def _sign_in(visit: Visit) -> Response:
    email, password = visit.form.get("email"), visit.form.get("password")
    return _entered(visit, await visit.call(accounts.sign_in, email=email, password=password))


async def _mail_sign_in(visit: Visit) -> Response:
    email = visit.form.get("email", "")
    await visit.call(accounts.mail_sign_in, email=email, next=visit.next)
    return visit.go("/sign-in/code" + visit.onward, letters_to=email)


async def _show_code(visit: Visit, form: Form) -> Response:
    return visit.page(
        "entrance/code.html", form=form, email=form.typed("email") or visit.letters_to
    )


async def _enter_code(visit: Visit) -> Response:
    email, handle = visit.form.get("email"), visit.form.get("handle")
    code = "".join(visit.form.get("code", "").split())
    done = await visit.call(accounts.enter_code, email=email, code=code, handle=handle)
    return _entered(visit, done)


async def _show_second_factor(visit: Visit, form: Form) -> Response:
    if visit.signed_in:
        return visit.go(visit.next or "/home")
    return visit.page("entrance/secondfactor.html", form=form)


async def _pass_second_factor(visit: Visit) -> Response:
    code = "".join(visit.form.get("code", "").split())
    return _entered(visit, await visit.call(accounts.pass_second_factor, code=code))


async def _show_link(visit: Visit, form: Form) -> Response:
    """What it does, and a button: programs that look at links before people do use none up."""
    link = (await visit.call(accounts.show_link, link=visit.path["link"])).result
    return visit.page("entrance/link.html", form=form, link=link)


async def _enter(visit: Visit) -> Response:
    typed = {name: visit.form.get(name) for name in ("name", "handle", "password")}
    done = await visit.call(accounts.enter, link=visit.path["link"], **typed)
    if done.result.needs == "nothing" and done.session is None:
        return visit.go("/account?done=email")
    return _entered(visit, done)


async def _show_half(visit: Visit, form: Form) -> Response:
    del form
    return visit.page("entrance/half.html")


async def _show_forgot(visit: Visit, form: Form) -> Response:
    return visit.page("entrance/forgot.html", form=form)


async def _mail_reset(visit: Visit) -> Response:
    email = visit.form.get("email", "")
    await visit.call(accounts.mail_reset, email=email)
    return visit.go("/forgot/sent", letters_to=email)


async def _show_sent(visit: Visit, form: Form) -> Response:
    del form
    return visit.page("entrance/sent.html", email=visit.letters_to)


async def _sign_out(visit: Visit) -> Response:
    if visit.signed_in:
        await visit.call(accounts.sign_out)
    return visit.go("/sign-in?done=out", session="")


def _entered(visit: Visit, done: Done[accounts.Entered]) -> Response:
    """On to what is still needed, or to where they wanted to be; who is new here hears what they
    can do.
    """
    came = done.result
    going = visit.next or (came.next if visit.is_own(came.next) else "")
    if came.needs == "second_factor":
        onward = "?" + urlencode({"next": going}) if going else ""
        return visit.go("/second-factor" + onward, session=done.session)
    if came.needs == "other_address":
        return visit.go("/other-address")
    begins = "/account?done=reopened" if came.reopened else "/welcome" if came.made else "/home"
    return visit.go(going or begins, session=done.session)


async def _show_welcome(visit: Visit, form: Form) -> Response:
    """What can be done first."""
    del form
    if visit.actor.id is None:
        raise NotSignedIn("Sign in to begin.", cure="Sign in, or sign up.")
    creates = visit.shell is not None and visit.shell.kind != "audience_member"
    return visit.page("entrance/welcome.html", creates=creates)


PAGES = (
    Page("/sign-up", _show_sign_up, _sign_up),
    Page("/sign-in", _show_sign_in, _sign_in),
    Page("/sign-in/letter", _show_sign_in, _mail_sign_in, read=False),
    Page("/sign-in/code", _show_code, _enter_code),
    Page("/second-factor", _show_second_factor, _pass_second_factor),
    Page("/enter/{link}", _show_link, _enter),
    Page("/other-address", _show_half),
    Page("/forgot", _show_forgot, _mail_reset),
    Page("/forgot/sent", _show_sent),
    Page("/welcome", _show_welcome),
    Page("/sign-out", _show_sign_in, _sign_out, read=False),
)
