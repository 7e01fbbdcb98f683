"""What one step does, as lines of the sheet: by primitive, each line beside its consent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from one.compiler.checker.private import GOODS
from one.compiler.expression import Expr, Get, Lit, MoneyLit, write_value
from one.compiler.expression import children as parts_of
from one.compiler.light import frozen
from one.compiler.program import Connect, Service, Step
from one.compiler.sheet.origins import AUTHOR, Origins
from one.compiler.sheet.parts import Change, Consent, Gift, Leaving, Line, Party, Price, Reach, Yes
from one.compiler.sheet.saying import agreed, amount, capital, carried, owned, says
from one.compiler.sheet.way import Spot, is_payments, spends, takes_money
from one.compiler.spoken import listed, named, over, tied, words
from one.compiler.vocabulary import FACTS, Vocabulary
from one.errors import JSON
from one.ontology.words import article

Lines = Iterator[Line]

_CONSENTS: Mapping[str, tuple[str, str]] = {
    "following": ("from", "to follow {other}"),
    "member_of": ("from", "to join {other}"),
    "engaged_with": ("from", "to react to {other}"),
    "owns": ("from", "to own {other}"),
    "authored": ("from", "to be the author of {other}"),
    "collaborates_with": ("both", "to work together with {other}"),
    "referred_by": ("from", "to be invited by {other}"),
    "clone_of": ("to", "to have {other} as a clone"),
}
"""Relations that speak for a person: at which end, and what the person says yes to."""

_ACCESS = frozenset({"enrolled_in", "member_of"})
_BADGES = frozenset({"achievement_unlocked", "certificate_earned", "level_changed"})
_TITLES = frozenset({"owns", "manages"})
_RULING = frozenset({"admin", "moderator"})
_MESSAGES = frozenset({"email", "sms", "push"})
_FREE = frozenset({"email", "push", "calendar", "webhook", "storage"})
_RELEASED = frozenset({"publish"})
_CHANNELS = {"app": "in the app", "push": "by push message", "sms": "by text message"}
_PRICES = ("price", "fee", "cost", "rate")


@frozen
class Scene:
    """What a line is written from. `asks`: a runner may set it off who isn't the author."""

    origins: Origins
    vocabulary: Vocabulary
    asks: bool
    triggered: bool
    receiver: Party = AUTHOR
    sold: tuple[str, ...] = ()
    spot: Spot = field(default_factory=lambda: Spot("", Step()))

    @property
    def payer(self) -> Party:
        """Who pays when nobody is named: whoever runs it, or set it off."""
        runner, trigger = self.origins.runner, self.origins.program.trigger
        if trigger is not None and trigger.actor:
            return Party(who="actor", name=trigger.actor)
        return Party(who="runner", name=runner) if runner else Party(who="someone")

    def consent(self, of: Party, to: str, *, money: bool = False) -> Consent:
        """The line for one person's yes."""
        how: Yes = "asked"
        if of.who == "author":
            how = "deploying"
        elif of.who == "runner":
            how = "payPage" if money else "running"
        pending = how == "asked" and self.spot.step.connect is not None
        who = agreed(of, _YES[how][0])
        said = f"{capital(who)} {_YES[how][1]}: {to}."
        return Consent(steps=(self.spot.path,), says=said, of=of, to=to, how=how, pending=pending)


_YES: Mapping[Yes, tuple[str, str]] = {
    "running": ("says", "yes to this by running it"),
    "payPage": ("says", "yes each time, on the page where they pay"),
    "deploying": ("says", "yes to this by putting it live"),
    "asked": ("is", "asked first"),
}


def effects_of(spot: Spot, scene: Scene) -> Lines:
    """The lines of one step."""
    write = _WRITERS.get(spot.step.kind)
    if write is not None:
        yield from write(replace(scene, spot=spot))


# --- things -------------------------------------------------------------------------------------


def _entity(scene: Scene) -> Lines:
    entity = scene.spot.step.entity
    if entity is None:
        return
    owner = _owner_of(scene)
    whose = f" that is {owned(owner, 'own')}" if owner != AUTHOR else ""
    said = f"Makes {article(named(entity.type))}{whose}."
    yield Change(
        steps=(scene.spot.path,),
        says=said,
        verb="create",
        of=entity.type,
        keys=tuple(entity.properties),
        owner=owner,
    )
    if entity.status == "published" and scene.asks:
        yield _asks_author(scene, f"to publish {article(named(entity.type))}")


def _owner_of(scene: Scene) -> Party:
    """Whose a made thing is: the author's, or the person's that the text makes its owner."""
    name = scene.spot.step.output
    for _, step in scene.origins.steps:
        tie = step.connect
        if tie is None or name is None:
            continue
        owns = tie.type == "owns" and scene.origins.name_of(tie.to) == name
        cloned = tie.type == "clone_of" and scene.origins.name_of(tie.from_) == name
        if owns or cloned:
            return scene.origins.people(tie.from_ if owns else tie.to)[0]
    return AUTHOR


def _asks_author(scene: Scene, what: str) -> Consent:
    said = f"When somebody else sets it off, you are asked first: {what}."
    return Consent(steps=(scene.spot.path,), says=said, of=AUTHOR, to=what, how="asked")


def _update(scene: Scene) -> Lines:
    update = scene.spot.step.update
    if update is None:
        return
    keys = (*update.set, *update.add, *(["status"] if update.status else []))
    priced = any(part in key.lower() for key in keys for part in _PRICES)
    what = listed([named(key) for key in keys])
    own = bool(update.status) or priced or "name" in keys
    yield _changed(scene, update.target, what=(f"Changes the {what} of", "update", keys), own=own)


def _tag(scene: Scene) -> Lines:
    if scene.spot.step.tag is not None:
        said = (
            f"Tags with {listed([words(one) for one in scene.spot.step.tag.names])}:",
            "tag",
            (),
        )
        yield _changed(scene, scene.spot.step.tag.target, what=said, own=False)


def _life(scene: Scene) -> Lines:
    step = scene.spot.step
    target = step.delete or step.restore or step.archive or step.publish
    if target is None:
        return
    verb = {"restore": "Brings back", "publish": "Publishes"}.get(step.kind, f"{step.kind}s")
    said = (capital(verb), step.kind, ())
    yield _changed(scene, target.target, what=said, own=True)
    if step.publish is not None and scene.asks:
        yield _asks_author(scene, f"to publish {words(target.target)}")


def _changed(
    scene: Scene, target: Expr, *, what: tuple[str, str, tuple[str, ...]], own: bool
) -> Change:
    lead, verb, keys = what
    people = scene.origins.of(target).people if scene.origins.is_person(target) else ()
    pick = scene.origins.of(target).pick
    note = bool(people) and people != (AUTHOR,)
    ending = ", as a note that you alone see" if note else ""
    if own and pick and scene.asks:
        ending += ", if it is their own"
    return Change.model_validate(
        {
            "steps": (scene.spot.path,),
            "says": f"{lead} {words(target)}{ending}.",
            "verb": verb,
            "of": scene.origins.type_of(target),
            "keys": keys,
            "pick": pick,
            "note": note,
            "needsOwn": own and bool(pick),
        }
    )


# --- relations and what happened ----------------------------------------------------------------


def _connect(scene: Scene) -> Lines:
    tie = scene.spot.step.connect
    if tie is None:
        return
    pick = scene.origins.of(tie.to).pick or scene.origins.of(tie.from_).pick
    own = tie.type in _TITLES and bool(pick)
    verb, _ = tied(tie.type, tie.metadata)
    said = f"From then on, {_end(scene, tie.from_)} {verb} {_end(scene, tie.to)}."
    yield Change(
        steps=(scene.spot.path,),
        says=said,
        verb="connect",
        of=tie.type,
        keys=tuple(tie.metadata),
        pick=pick,
        needs_own=own,
    )
    if scene.origins.type_of(tie.to) == "conversation":  # it is its parties' own
        return
    if scene.asks and not pick and _empowers(scene, tie):
        what = f"to give {_end(scene, tie.from_)} a say over {_end(scene, tie.to)}"
        yield _asks_author(scene, what)
    yield from _consents(scene, tie)
    if tie.type in _ACCESS:
        yield from _access(scene, tie)


def _empowers(scene: Scene, tie: Connect) -> bool:
    """Whether somebody who isn't the author comes to own or to run what is there already."""
    to = scene.origins.of(tie.to).people
    role = tie.metadata.get("role")
    ruling = isinstance(role, Lit) and role.value in _RULING
    return (
        (tie.type in _TITLES or ruling)
        and scene.origins.of(tie.from_).people != (AUTHOR,)
        and not any(one.who == "made" for one in to)
    )


def _consents(scene: Scene, tie: Connect) -> Lines:
    end, to = _CONSENTS.get(tie.type, ("", ""))
    sides = {"from": (tie.from_,), "to": (tie.to,), "both": (tie.from_, tie.to)}.get(end, ())
    for side in sides:
        if scene.origins.is_person(side):
            other = tie.to if side is tie.from_ else tie.from_
            for one in scene.origins.people(side):
                yield scene.consent(one, to.format(other=_end(scene, other)))


def _access(scene: Scene, tie: Connect) -> Lines:
    what = f"access to {words(tie.to)}"
    for one in scene.origins.people(tie.from_):
        if one != AUTHOR:
            yield _gift(scene, one, what=("access", what), pick=scene.origins.of(tie.to).pick)


def _end(scene: Scene, tree: Expr) -> str:
    return says(AUTHOR) if scene.origins.of(tree).people == (AUTHOR,) else words(tree)


def _disconnect(scene: Scene) -> Lines:
    tie = scene.spot.step.disconnect
    if tie is None:
        return
    verb = over(tied(tie.type)[0])
    said = f"From then on, {_end(scene, tie.from_)} {verb} {_end(scene, tie.to)}."
    pick = scene.origins.of(tie.to).pick or scene.origins.of(tie.from_).pick
    yield Change(steps=(scene.spot.path,), says=said, verb="disconnect", of=tie.type, pick=pick)
    if tie.type in {"following", "engaged_with"}:
        for one in scene.origins.people(tie.from_):
            done = {"following": "following", "engaged_with": "reacting to"}[tie.type]
            yield scene.consent(one, f"to stop {done} {_end(scene, tie.to)}")


def _event(scene: Scene) -> Lines:
    event = scene.spot.step.event
    if event is None:
        return
    about = f" for {_end(scene, event.entity)}" if event.entity is not None else ""
    said = f"Records “{named(event.type)}”{about}."
    pick = scene.origins.of(event.entity).pick if event.entity is not None else ""
    yield Change(
        steps=(scene.spot.path,),
        says=said,
        verb="record",
        of=event.type,
        keys=tuple(event.metadata),
        pick=pick,
    )
    actors = scene.origins.people(event.actor) if event.actor is not None else ()
    said_by_owner = event.type in scene.vocabulary.event_types and (
        scene.vocabulary.event_types[event.type].written_by == "owner_of_thing"
    )
    for one in actors:
        if event.type in _BADGES and one != AUTHOR:
            yield _gift(scene, one, what=("badge", f"“{named(event.type)}”"), pick=pick)
        elif one != AUTHOR and not said_by_owner and event.type not in FACTS:
            yield scene.consent(one, f"to be named as who did this: “{named(event.type)}”")


# --- money, tokens, gifts -----------------------------------------------------------------------


def _gift(
    scene: Scene, to: Party, *, what: tuple[str, str], pick: str = "", of: Expr | None = None
) -> Gift:
    kind, said = what
    typed = scene.origins.of(of).typed if of is not None else frozenset[str]()
    per = "day" if scene.triggered else "ever"
    limit = 0 if scene.spot.paid else 10 if scene.triggered else 1
    ending = ", which is paid for" if scene.spot.paid else ""
    if limit:
        ending = ", at most ten a day" if scene.triggered else ", once for each person"
    return Gift.model_validate(
        {
            "steps": (scene.spot.path,),
            "says": f"Gives {says(to)} {said}{ending}.",
            "to": to,
            "what": kind,
            "amount": _plain(of),
            "inputs": tuple(sorted(typed)),
            "picks": (pick,) if pick else (),
            "sold": scene.spot.paid,
            "limit": limit,
            "per": per,
        }
    )


def _grant(scene: Scene) -> Lines:
    grant = scene.spot.step.grant
    if grant is None:
        return
    units = "" if isinstance(grant.amount, MoneyLit) else " tokens"
    said = f"{amount(grant.amount)}{units}"
    for one in scene.origins.people(grant.to):
        if spends(grant):
            whom = f"Takes {said} from {says(one)}."
            yield Price(steps=(scene.spot.path,), says=whom, payer=one, amount=_plain(grant.amount))
            yield scene.consent(one, f"to spend {said}")
        elif one != AUTHOR:
            kind = "money" if isinstance(grant.amount, MoneyLit) else "tokens"
            pick = scene.origins.of(grant.asset).pick if grant.asset is not None else ""
            gift = _gift(scene, one, what=(kind, said), pick=pick, of=grant.amount)
            yield from _given(scene, gift)


def _given(scene: Scene, gift: Gift) -> Lines:
    """A gift; the author is asked for as much as whoever runs it likes to say, and for money: of
    what was paid too, where whoever runs it says who gets it.
    """
    yield gift
    chosen = gift.to.who in {"runner", "other"}
    asks = chosen or not gift.sold if gift.what == "money" else gift.inputs and not gift.sold
    if scene.asks and asks:
        yield _asks_author(scene, gift.says.removesuffix(".").replace("Gives", "to give", 1))


def _plain(tree: Expr | None) -> JSON:
    return write_value(tree) if isinstance(tree, Lit | MoneyLit) else None


def _service(scene: Scene) -> Lines:
    call = scene.spot.step.service
    if call is None:
        return
    yield _leaving(scene, call)
    if takes_money(scene.spot.step, scene.vocabulary):
        yield from _charge(scene, call)
    elif call.provider in _MESSAGES or call.method == "book":
        yield from _mail(scene, call)
    elif call.method in _RELEASED and scene.asks:
        yield _asks_author(scene, f"to post on {_service_name(scene, call)}")
    elif call.method == "payOut":
        yield from _handed(scene, call, kind="money")
    elif call.method in {"stake", "burn", "transfer"} and "from" in call.params:
        for one in scene.origins.people(call.params["from"]):
            yield scene.consent(one, f"to {call.method} tokens of theirs")
    elif call.method in {"mint", "transfer"}:
        yield from _handed(scene, call, kind="nft" if call.method == "mint" else "tokens")


def _leaving(scene: Scene, call: Service) -> Leaving:
    sends = tuple(carried(call.params.values()))
    url = call.params.get("url")
    address = str(url.value) if isinstance(url, Lit) else ""
    where, done = address or _service_name(scene, call), named(call.method)
    said = f"Sends {listed(sends)} to {where} ({done})." if sends else f"Asks {where} to {done}."
    paid = not is_payments(call.provider, scene.vocabulary) and call.provider not in _FREE
    return Leaving(
        steps=(scene.spot.path,),
        says=said,
        service=call.provider,
        action=call.method,
        sends=sends,
        address=address,
        paid=paid and not scene.spot.undoing,
    )


def _service_name(scene: Scene, call: Service) -> str:
    known = next((one for one in scene.vocabulary.services if one.name == call.provider), None)
    return known.title if known else f"the service in “{named(call.provider.removeprefix('$'))}”"


def _charge(scene: Scene, call: Service) -> Lines:
    tree = call.params.get("amount")
    customer = call.params.get("customer")
    payers = scene.origins.people(customer) if customer is not None else (scene.payer,)
    money = scene.origins.of(tree).typed if tree is not None else frozenset[str]()
    said = amount(tree) if tree is not None else "money"
    for one in payers:
        yield Price(
            steps=(scene.spot.path,),
            says=f"Takes {said} from {says(one)}{_guarded(money, scene.sold)}.",
            payer=one,
            service=call.provider,
            amount=_plain(tree),
            inputs=tuple(sorted(money)),
            sells=scene.sold,
        )
        yield scene.consent(one, f"to pay {said}", money=True)


def _guarded(inputs: Iterable[str], sold: tuple[str, ...]) -> str:
    """What a sent price must be."""
    if not inputs or not sold:
        return ""
    return f", which must be the price of {listed([f'the {named(one)}' for one in sold])}"


def _handed(scene: Scene, call: Service, *, kind: str) -> Lines:
    to, many = call.params.get("to"), call.params.get("amount")
    said = amount(many) if many is not None else "one"
    what = said if kind == "money" else f"{said} ({named(call.method)})"
    for one in scene.origins.people(to) if to is not None else ():
        if one != AUTHOR:
            yield from _given(scene, _gift(scene, one, what=(kind, what), of=many))


# --- messages -----------------------------------------------------------------------------------


def _mail(scene: Scene, call: Service) -> Lines:
    to = call.params.get("to") or call.params.get("guest")
    if to is not None:
        inside = [tree for key, tree in call.params.items() if key not in {"to", "guest"}]
        yield from _reaches(scene, to, inside=inside, channels=(call.provider,))


def _notify(scene: Scene) -> Lines:
    notify = scene.spot.step.notify
    if notify is not None:
        inside = [notify.about, *notify.with_.values()]
        channels = tuple(notify.channels)
        yield from _reaches(scene, notify.to, inside=inside, channels=channels)


def _reaches(scene: Scene, to: Expr, *, inside: list[Expr], channels: tuple[str, ...]) -> Lines:
    yield from _goods(scene, scene.origins.people(to), inside)
    typed = tuple(sorted(scene.origins.all(inside).typed))
    how = listed([_CHANNELS.get(one, f"by {one}") for one in channels])
    for one in scene.origins.people(to):
        tie = one.who in {"other", "found", "someone", "made"}
        yield Reach(
            steps=(scene.spot.path,),
            says=f"Writes to {says(one)} {how}{_ending(one, typed, tie=tie)}.",
            to=one,
            channels=channels,
            words=typed,
            needs_tie=tie,
        )
        if scene.asks and (one.many or scene.spot.looped) and tie:
            yield _asks_author(scene, f"to write to many at once: {says(one)}")


def _ending(one: Party, typed: tuple[str, ...], *, tie: bool) -> str:
    if one.who in {"typed", "named"}:
        cut = f", without what was typed in {listed([named(name) for name in typed])}"
        return (cut if typed else "") + ", one mail a day"
    return ", if they have something to do with you" if tie else ""


def _goods(scene: Scene, people: Iterable[Party], inside: Iterable[Expr]) -> Lines:
    """What is sold and handed over as it stands: its file, the address of its meeting."""
    for tree in inside:
        for part in _all_parts(tree):
            if isinstance(part, Get) and part.key in GOODS:
                for one in people:
                    if one != AUTHOR:
                        pick = scene.origins.of(part.of).pick
                        yield _gift(scene, one, what=("access", words(part)), pick=pick)


def _all_parts(tree: Expr) -> Iterator[Expr]:
    yield tree
    for part in parts_of(tree):
        yield from _all_parts(part)


def _return(scene: Scene) -> Lines:
    yield from _goods(scene, [scene.receiver], (scene.spot.step.return_ or {}).values())


def _show(scene: Scene) -> Lines:
    show = scene.spot.step.show
    if show is not None and not scene.triggered:
        whom = scene.origins.people(show.to) if show.to is not None else [scene.receiver]
        yield from _goods(scene, whom, show.values.values())


_WRITERS: Mapping[str, Callable[[Scene], Lines]] = {
    "entity": _entity,
    "connect": _connect,
    "event": _event,
    "update": _update,
    "tag": _tag,
    "delete": _life,
    "restore": _life,
    "archive": _life,
    "publish": _life,
    "disconnect": _disconnect,
    "grant": _grant,
    "service": _service,
    "notify": _notify,
    "show": _show,
    "return": _return,
}
