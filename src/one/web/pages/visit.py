"""A visit to a page: who looks, what they typed, and the operations called in their name."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, cast
from urllib.parse import quote, unquote, urlencode
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from one.app import App, broken
from one.clock import new_id
from one.domains import graph, notices
from one.errors import JSON, Denied, NotFound, NotSignedIn, OneError
from one.runtime import Asked, Call, Operation
from one.store import ANYBODY, Viewer
from one.web import errors, request
from one.web.pages import look
from one.web.pages.shell import ACTS, Shell, groups_for

R = TypeVar("R")
SECRET = ("password", "new", "code")
LETTERS_TO = "one_letters_to"
THEME = "one_theme"
THEMES = ("light", "dark")
_ONCE = re.compile("[0-9a-f]{32}")
_NUMBER = re.compile("[0-9]{1,9}")
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """What an operation came to, and the secret of the session that the visitor is in since."""

    result: R
    session: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: what was typed, and what is wrong with it, field by field.

    `problem` is what doesn't stand beside a field.
    """

    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    problem: Problem | None = None

    def typed(self, name: str) -> str:
        return "" if name in SECRET else self.values.get(name, "")

    def wrong(self, name: str) -> str:
        return self.faults.get(name, "")


def refused(error: OneError, values: Mapping[str, str], *, name: str) -> Form:
    """The form again, with what an operation had against it."""
    faults = {fault.pointer.rpartition("/")[2]: fault.message for fault in error.faults}
    beside = {name: words for name, words in faults.items() if name in values or name == "handle"}
    if beside and beside == faults and error.status != Denied.status:
        problem = Problem("This can't be used yet.", "Look again at what is marked.")
    else:
        problem = Problem(error.message, error.cure)
    return Form(name, values, beside, problem)


@dataclass(frozen=True, slots=True)
class Visit:
    """`local`: by somebody at the machine that ONE runs on. `letters_to`: the address that they
    last had a letter sent to. `here`: the path. `theme`: the colours they chose, if they did.
    """

    app: App
    space: UUID
    actor: Viewer
    asked: Asked
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    letters_to: str
    local: bool
    here: str = ""
    theme: str = ""
    shell: Shell | None = None

    @property
    def signed_in(self) -> bool:
        return self.actor.session is not None

    @property
    def next(self) -> str:
        """Where to go on to: a path of this site, or nothing."""
        asked = self.form.get("next") or self.query.get("next", "")
        return asked if self.is_own(asked) else ""

    @staticmethod
    def is_own(address: str) -> bool:
        """Whether it is a path of this site."""
        return _OWN_PATH.fullmatch(address) is not None

    @property
    def onward(self) -> str:
        """The same, as the query of an address on the way."""
        return "?" + urlencode({"next": self.next}) if self.next else ""

    @property
    def outbox(self) -> bool:
        """Whether captured letters may be looked at."""
        email = self.app.deployment.providers.get("email")
        captured = email is None or email.mode == "sandbox"
        return self.app.deployment.settings.mode == "development" and captured and self.local

    def once(self) -> "Visit":
        """The same visit, whose form counts once however often it is posted."""
        said = self.form.get("once", "")
        key = said if _ONCE.fullmatch(said) else ""
        return replace(self, asked=replace(self.asked, idempotency_key=key))

    def seen(self, version: int | None = None) -> "Visit":
        """The same visit, which stands on the version that its form was made from."""
        known = version or self.number("version")
        return replace(self, asked=replace(self.asked, if_match=known))

    def number(self, name: str) -> int | None:
        """A whole number that the form says, of nine digits at most."""
        said = self.form.get(name, "")
        return int(said) if _NUMBER.fullmatch(said) else None

    def id(self, otherwise: str, *, cure: str = "Check the address.") -> UUID:
        """The id in the address. Raises NotFound, in these words, where it is none."""
        try:
            return UUID(self.path["id"])
        except ValueError:
            raise NotFound(otherwise, cure=cure) from None

    async def call(
        self, operation: Operation[..., R], *, id: object = "", **given: JSON
    ) -> Done[R]:
        """Calls an operation as its door does; what was left empty isn't given."""
        known = {name: value for name, value in given.items() if value not in (None, "")}
        place = tuple((name, str(id)) for name in operation.in_path.fields()) if id else ()
        call = Call(self.actor, self.space, path=place, asked=self.asked)
        if operation.reads_url:
            pairs = ((name, one) for name, value in known.items() for one in _each(value))
            call = replace(call, query=tuple(pairs))
        else:
            call = replace(call, body=orjson.dumps(known))
        answer = await operation.invoke(self.app.deployment, call)
        result = operation.adapter.validate_json(answer.body) if answer.body else None
        return Done(cast(R, result), answer.session)

    def page(self, template: str, **facts: object) -> Response:
        """A page, which also knows where this visit leads."""
        known: dict[str, object] = {
            "here": self.here,
            "me": self.actor.id,
            "next": self.next,
            "onward": self.onward,
            "outbox": self.outbox,
            "once": new_id().hex,
            "shell": self.shell,
            "signed_in": self.signed_in,
            "staff": self.actor.staff,
            "theme": self.theme,
        }
        return look.page(template, facts={**known, **facts})

    def go(self, path: str, *, session: str | None = None, letters_to: str = "") -> Response:
        """On to another page, in another session if there is one."""
        answer = RedirectResponse(path, status_code=303, headers=look.SEALED)
        settings = self.app.deployment.settings
        secure = settings.address.startswith("https:")
        if session is not None:
            cookie = request.cookie(session, secure=secure, days=settings.session_days)
            answer.headers.append("set-cookie", cookie.decode("latin-1"))
        if letters_to:
            answer.set_cookie(
                LETTERS_TO,
                quote(letters_to),
                max_age=900,
                secure=secure,
                httponly=True,
                samesite="strict",
            )
        return answer


def _each(value: JSON) -> list[str]:
    """As a URL says it."""
    if isinstance(value, list):
        return [said for one in value for said in _each(one)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


Show = Callable[[Visit, Form], Awaitable[Response]]
Act = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """An address: what it shows, and what posting a form to it does. What an act is refused is
    shown where the form stands, on the page that `show` makes. `form` names it among several.
    """

    path: str
    show: Show
    act: Act | None = None
    form: str = ""
    read: bool = True

    def route(self, app: App) -> Route:
        methods = [*(["GET"] if self.read else []), *(["POST"] if self.act else [])]
        return Route(self.path, self.door(app), methods=methods)

    def door(self, app: App) -> Callable[[Request], Awaitable[Response]]:
        """What answers at this address."""

        async def serve(asked: Request) -> Response:
            try:
                return await self._serve(app, asked)
            except (OneError, request.Gone):
                raise
            except Exception as error:
                if app.deployment.settings.mode == "test":
                    raise
                facts = {"method": asked.method, "path": self.path}
                return look.trouble(broken(error, facts))

        return serve

    async def _serve(self, app: App, asked: Request) -> Response:
        try:
            visit = await _within(await _visit(app, asked))
            if asked.method != "POST" or self.act is None:
                return await self.show(visit, Form())
            try:
                return await self.act(visit)
            except NotSignedIn:
                raise
            except OneError as error:
                answer = await self.show(visit, refused(error, visit.form, name=self.form))
                answer.status_code = error.status
                return _with_wait(answer, error)
        except NotSignedIn:
            back = asked.url.path if asked.method == "GET" or self.read else "/account"
            there = "/sign-in?" + urlencode({"next": back})
            return RedirectResponse(there, status_code=303, headers=look.SEALED)
        except OneError as error:
            return _with_wait(look.trouble(error), error)


def _with_wait(answer: Response, error: OneError) -> Response:
    """A limit says in its headers, too, how long it lasts."""
    for name, value in errors.headers(error):
        if name == b"retry-after":
            answer.headers["retry-after"] = value.decode()
    return answer


async def _visit(app: App, asked: Request) -> Visit:
    """Raises Denied for a form that another site posts, and what can't be read."""
    scope, settings = asked.scope, app.deployment.settings
    headers = request.headers_of(scope)
    request.require_same_site(asked.method, headers, told=True)
    space = app.space_of(headers.get(b"host", b"").decode("latin-1"))
    secret = request.session_of(headers)
    actor = (await app.holder_of(secret, space) if secret else None) or ANYBODY
    origin = request.origin_of(scope, headers, trusted=settings.trusted_proxies)
    posted = asked.method == "POST"
    return Visit(
        app,
        space,
        actor,
        Asked(origin=origin),
        path=cast("dict[str, str]", asked.path_params),
        query=dict(request.query_of(scope)),
        form=await request.form_of(headers, asked.receive) if posted else {},
        letters_to=unquote(asked.cookies.get(LETTERS_TO, "")),
        local=request.is_local(scope, headers, site=settings.address),
        here=asked.url.path,
        theme=theme if (theme := asked.cookies.get(THEME)) in THEMES else "",
    )


async def _within(visit: Visit) -> Visit:
    """The same visit, within what stands around the pages of somebody who is in."""
    if not visit.signed_in:
        return visit
    person = (await visit.call(graph.get_entity, id=visit.actor.id)).result
    unread = (await visit.call(notices.count_unread)).result
    groups = groups_for(person.type, staff=visit.actor.staff)
    return replace(
        visit, shell=Shell(person.name, person.type, unread.count, unread.more, ACTS, groups)
    )
