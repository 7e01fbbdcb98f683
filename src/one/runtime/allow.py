"""Who may call an operation. Nobody may by default: an operation states its rule."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from one.errors import Denied, NotFound, NotSignedIn, OneError
from one.runtime.context import Context, Kind
from one.store import Viewer

ACCOUNTS = "accounts"  # the room whose changes no scope is for
Check = Callable[[Context, Mapping[str, object]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`check` gets the call's arguments and raises one of `raises`; visitors never reach it.
    `sessions`: a token doesn't do, its person has to be signed in. `by_link`: the right comes from
    a secret in the call, not from who calls, so the secret stands in no log.
    """

    words: str
    visitors: bool = False
    sessions: bool = False
    by_link: bool = False
    raises: tuple[type[OneError], ...] = ()
    check: Check | None = None

    def admit(self, actor: Viewer) -> None:
        """The part that needs no transaction. Raises NotSignedIn."""
        if actor.role == "anonymous" and not self.visitors:
            raise NotSignedIn(
                "Sign in to do this.", cure="Send a token: `Authorization: Bearer <token>`."
            )
        if self.sessions and actor.session is None:
            raise NotSignedIn("A token can't do this.", cure="Sign in, as the person you are.")


def scopes_for(room: str, kind: Kind) -> set[str]:
    """What a token may be for to do this: `read` reads in every room, `write` does all but change
    accounts, the name of a room does what is done there.
    """
    changing = set[str]() if room == ACCOUNTS else {"write", room}
    return changing if kind == "write" else {"read", "write", room}


def in_scope(actor: Viewer, *, room: str, kind: Kind) -> bool:
    return actor.scopes is None or not actor.scopes.isdisjoint(scopes_for(room, kind))


def require_scope(actor: Viewer, *, room: str, kind: Kind) -> None:
    """Raises Denied for a token that is for other things."""
    if in_scope(actor, room=room, kind=kind):
        return
    wanted = " or ".join(sorted(f"`{scope}`" for scope in scopes_for(room, kind)))
    raise Denied(
        f"This token is for {', '.join(sorted(actor.scopes or ()))} alone.",
        cure=f"Make one that is for {wanted}." if wanted else "Sign in, as the person you are.",
    )


async def _check_staff(ctx: Context, arguments: Mapping[str, object]) -> None:
    del arguments
    if ctx.actor.role != "staff":
        raise Denied("Only staff may do this.", cure="Ask someone of the staff.")


async def _check_owner(ctx: Context, arguments: Mapping[str, object]) -> None:
    del arguments
    if not ctx.actor.owns_all:
        raise Denied("Only an owner of this deployment may do this.", cure="Ask one of them.")


anyone = Rule("anyone", visitors=True)
with_link = Rule("whoever has the link", visitors=True, by_link=True)
signed_in = Rule("anyone signed in", raises=(NotSignedIn,))
in_session = Rule("anyone signed in, without a token", sessions=True, raises=(NotSignedIn,))
staff = Rule("staff", raises=(NotSignedIn, Denied), check=_check_staff)
staff_owner = Rule("the deployment's owner", raises=(NotSignedIn, Denied), check=_check_owner)


def owner_of(parameter: str) -> Rule:
    """Owners of the entity whose id is in `parameter`."""

    async def check(ctx: Context, arguments: Mapping[str, object]) -> None:
        id = arguments[parameter]
        assert isinstance(id, UUID), f"`{parameter}` must be an id to be owned"
        standing = await ctx.store.standing(id)
        if standing is None:
            raise NotFound(f"There is nothing with the id {id}.", cure="Check the id.")
        if standing != "owner":
            raise Denied("Only its owner may do this.", cure="Ask an owner to do it or to share.")

    return Rule(f"the owner of `{parameter}`", raises=(NotSignedIn, Denied, NotFound), check=check)
