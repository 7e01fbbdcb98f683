"""Words that people write for a command of another name, and their lines as that command."""

from collections.abc import Mapping, Sequence

from one.compiler.diagnosis import Applies, Edit, Fix, slipped
from one.compiler.reader import Is, Span, Word, join

DEEDS = frozenset(
    {"voted", "started", "posted", "published", "uploaded", "visited"}
    | {"opened", "clicked", "logged", "signed", "stopped", "unfollowed"}
    | {"unsubscribed", "cancelled", "replied", "answered", "asked", "spoken"}
    | {"talked", "donated", "tipped", "won", "active"}
)
"""What people do that is not written down as theirs."""
KEPT = (
    "What is known of people is whom they follow, what they joined, bought, enrolled in, completed,"
    " liked, commented on, shared, viewed, rated and saved: fan has commented on post this week."
)
UNTAGGED = (
    "Tags sort things for those who look at them. What a feature asks later is kept as a relation: "
    "CONNECT fan to club as member, and then IF fan is a member of club, GET members of club."
)
_WORDS = {
    "CREATE": "make build start open begin insert generate",
    "GET": "count compute fetch load read list select look query show_me retrieve",
    "CHECK": "ensure verify require validate confirm assert make_sure",
    "CONNECT": "link join attach relate assign",
    "DISCONNECT": "unlink detach unfollow leave unsubscribe",
    "DELETE": "erase destroy drop discard",
    "UPDATE": "change edit modify alter adjust",
    "ADD": "increase increment raise credit",
    "SUBTRACT": "take spend decrease decrement reduce deduct lower",
    "SEND": "write deliver",
    "NOTIFY": "email mail text message tell inform alert remind ping announce",
    "CALL": "ask invoke request use",
    "RECORD": "log note register",
    "REWARD": "grant award",
    "CALL Stripe to pay": "pay tip transfer payout split divide",
    "CALL Stripe to charge": "charge bill",
    "CALL Stripe to refund": "refund",
    "CALL Stripe to subscribe": "subscribe",
    "GIVE": "return answer respond output reply enroll enrol admit let",
    "SHOW": "display print render",
    "WAIT": "pause sleep delay hold",
    "FOR EACH": "repeat loop foreach for while until",
    "IF": "when unless",
    "IF IT FAILS": "catch except rescue",
    "ALWAYS DO": "finally",
    "REFER": "invite recommend",
    "TRACK": "measure monitor",
    "TAG": "label mark categorize categorise",
    "SAVE": "store keep remember",
    "PUBLISH": "post release launch",
    "ARCHIVE": "hide retire",
    "RESTORE": "undelete recover",
}
_ABROAD = {
    "CHECK": "prüfe vérifier vérifie comprobar verificar verifica controlla",
    "CREATE": "erstelle créer crée crear criar crea",
    "GET": "hole obtenir obtenez obtener obter ottieni",
    "SEND": "sende schicke envoyer envoie enviar envía invia",
    "GIVE": "gib donner donne dar dame dai",
    "IF": "wenn falls si se als",
    "ELSE": "sonst sinon sino senão altrimenti",
    "WAIT": "warte attendre attends esperar espera aspetta",
    "FOR EACH": "für pour para per",
    "CALL": "rufe appeler appelle llamar chamar chiama",
    "SAVE": "speichere enregistrer guardar salvar salva",
    "NOTIFY": "benachrichtige notifier notificar avisar notifique notifica avvisa",
    "FEATURE": "función funcion funktion fonction função funzione funcionalidad merkmal",
    "INPUT": "entrada entradas eingabe eingaben entrée entrées ingresso ingressi",
    "OUTPUT": "salida salidas ausgabe ausgaben sortie saída uscita",
    "WHEN": "cuando quando quand lorsque sobald",
    "EVERY": "cada jede jeden jedes chaque ogni toutes",
    "REWARD": "recompensar recompensa belohne récompenser premia",
    "FLOW": "flujo ablauf flux fluxo flusso",
}
"""The commonest of them in other languages: the commands are English, the texts are anybody's."""
ABROAD: Mapping[str, str] = {
    word: name for name, words in _ABROAD.items() for word in words.split()
}
"""Such a word, in lower case → the command or the head."""
_AKIN = {
    "certificate diploma": "digital product, NFT, media asset",
    "badge achievement trophy": "NFT, token",
    "document doc note summary transcript": "knowledge item, report, media asset",
    "event concert show meetup": "livestream, consultation, announcement",
    "ticket pass": "digital product, NFT, livestream",
    "review rating testimonial feedback": "message, insight",
    "quiz test exam homework assignment": "lesson, template",
    "poll survey form question": "message, template",
    "song track album playlist audio beat tune": "media asset, recording, digital product",
    "discount coupon voucher offer deal": "campaign, digital product",
    "task todo": "message, notification",
    "profile bio": "landing page, website",
    "strategy idea goal": "report, knowledge item",
    "reward prize gift bonus": "token, NFT, digital product",
    "variation headline caption": "social post, template",
    "journey path pathway program programme onboarding": "course, campaign",
    "listing ad advert classified": "digital product, announcement",
    "recipe workout exercise routine tutorial": "lesson, blog post, template",
    "team squad crew band choir gym": "community",
    "entry submission application": "lead, message, media asset",
    "waitlist waitinglist queue": "community, campaign",
    "issue bug request complaint": "message, insight",
}
AKIN: Mapping[str, tuple[str, ...]] = {
    noun: tuple(types.split(", ")) for nouns, types in _AKIN.items() for noun in nouns.split()
}
"""Things that people make and ONE has no type of: the types that they may be."""
MEANT: Mapping[str, str] = {
    word: verb
    for said in (_ABROAD, _WORDS)
    for verb, words in said.items()
    for word in words.split()
    if "_" not in word
}
"""Such a word, in lower case → the command."""


def is_meant(word: str) -> bool:
    """Whether the word is no slip of a command but another word for one."""
    return word in MEANT or word in _LINES or word in WITHOUT


def rewritten(words: Sequence[Word]) -> Fix | None:
    """The line as the command that it means, where its words say where its pieces end."""
    edits = (_assigned(words) or _LINES.get(words[0].low, _none)(words)) if words else ()
    return Fix(f"Write {_edited(words, edits)}", edits, Applies.MAYBE) if edits else None


def _edited(words: Sequence[Word], edits: "_Edits") -> str:
    """The line as it stands after the edits."""
    first, last = words[0].span, words[-1].span
    line = [" "] * (last.end - first.start)
    for word in words:
        at = word.span.start - first.start
        shown = f'"{word.text}"' if word.kind is Is.TEXT else word.text
        line[at : at + len(shown)] = shown
    for edit in sorted(edits, key=lambda one: -one.span.start):
        line[edit.span.start - first.start : edit.span.end - first.start] = edit.text
    return " ".join("".join(line).split())


_Edits = tuple[Edit, ...]


def _none(words: Sequence[Word]) -> _Edits:
    del words
    return ()


def _access(words: Sequence[Word]) -> _Edits:
    """`enroll fan in course`, `let fan join community` → `GIVE fan access to course`."""
    at = _first(words, {"in", "into", "to", "join", "for"})
    if not 1 < at < len(words) - 1:
        return ()
    end = at + 1 if words[at + 1].low == "join" else at
    place = words[at].span.to(words[end].span)
    return (Edit(words[0].span, "GIVE"), Edit(place, "access to"))


def _told(words: Sequence[Word], via: str = "") -> _Edits:
    """`email my fans "…"`, `remind fan about …` → NOTIFY, by that way."""
    says = any(word.kind is Is.TEXT for word in words) or _first(words, {"about", "that"}) > 1
    if not says or _first(words, {"before", "after"}):
        return ()
    last = words[-1].span
    way = (Edit(Span(last.line, last.end, last.end), f" VIA {via}"),) if via else ()
    return (Edit(words[0].span, "NOTIFY"), *way)


def _emailed(words: Sequence[Word]) -> _Edits:
    return _told(words, "email")


def _texted(words: Sequence[Word]) -> _Edits:
    return _told(words, "sms")


def _taken(words: Sequence[Word]) -> _Edits:
    """`take 10 tokens from fan` → SUBTRACT; `take fan out of community` → REMOVE … FROM."""
    out = _first(words, {"out"})
    if 1 < out < len(words) - 2 and words[out + 1].low == "of":
        place = words[out].span.to(words[out + 1].span)
        return (Edit(words[0].span, "REMOVE"), Edit(place, "FROM"))
    counted = len(words) > 2 and words[1].kind is Is.NUMBER
    return (Edit(words[0].span, "SUBTRACT"),) if counted and _first(words, {"from"}) else ()


def _handed(words: Sequence[Word]) -> _Edits:
    """`transfer 10 tokens from fan to me` → GIVE."""
    counted = len(words) > 2 and words[1].kind is Is.NUMBER and words[2].low.startswith("token")
    return (Edit(words[0].span, "GIVE"),) if counted and _first(words, {"to"}) else ()


def _granted(words: Sequence[Word]) -> _Edits:
    """`grant fan 5 tokens` → GIVE."""
    low = [word.low.removesuffix("s") for word in words]
    whole = "with" not in low and "token" in low and len(words) > 3
    return (Edit(words[0].span, "GIVE"),) if whole else ()


def _labelled(words: Sequence[Word]) -> _Edits:
    """`label course as fitness`, `mark course fitness` → `TAG course WITH fitness`."""
    at = _first(words, {"as", "with"})
    if at and at + 1 < len(words):
        return (Edit(words[0].span, "TAG"), Edit(words[at].span, "WITH"))
    end = words[-1].span
    place = Span(end.line, end.start, end.start)
    return (Edit(words[0].span, "TAG"), Edit(place, "WITH ")) if len(words) == 3 else ()


def _made_sure(words: Sequence[Word]) -> _Edits:
    """`make sure that fan exists` → CHECK."""
    low = [word.low for word in words]
    count = 2 + (low[2:3] == ["that"])
    sure = low[1:2] == ["sure"] and len(words) > count
    return (Edit(words[0].span.to(words[count - 1].span), "CHECK"),) if sure else ()


def _assigned_to(words: Sequence[Word]) -> _Edits:
    """`assign lead to Anna` → `CONNECT lead to Anna as assigned`."""
    at, end = _first(words, {"to"}), words[-1].span
    last = Edit(Span(end.line, end.end, end.end), " as assigned")
    return (Edit(words[0].span, "CONNECT"), last) if 1 < at < len(words) - 1 else ()


def _made_so(words: Sequence[Word]) -> _Edits:
    """`activate agent` → `SET agent's status to active`."""
    end = words[-1].span
    status = {"activate": "active"}.get(words[0].low, "inactive")
    last = Edit(Span(end.line, end.end, end.end), f"'s status to {status}")
    return (Edit(words[0].span, "SET"), last) if 1 < len(words) < 5 else ()


def _asked(words: Sequence[Word]) -> _Edits:
    """`ask my AI clone "…"` → `SEND "…" TO my AI clone`."""
    text = next((n for n, word in enumerate(words) if word.kind is Is.TEXT), 0)
    if text < 2 or text != len(words) - 1:
        return ()
    who = Span(words[0].span.line, words[0].span.end, words[text - 1].span.end)
    said = f'"{words[text].text}" TO'
    gap = Span(who.line, who.end, words[text].span.end)
    return (Edit(words[0].span, f"SEND {said}"), Edit(gap, ""))


def _posted(words: Sequence[Word]) -> _Edits:
    """`post "…" to Instagram` → `CALL Instagram to post "…"`; to people it is sent."""
    at = _first(words, {"to", "on"})
    if not 1 < at < len(words) - 1:
        return ()
    where = words[-1]
    if where.low not in _PLATFORMS:
        place = Span(words[at].span.line, words[at].span.start, words[at].span.end)
        said = any(word.kind is Is.TEXT for word in words)
        return (Edit(words[0].span, "SEND"), Edit(place, "TO")) if said else ()
    gone = Span(where.span.line, words[at].span.start - 1, where.span.end)
    return (Edit(words[0].span, f"CALL {where.text} to post"), Edit(gone, ""))


_PLATFORMS = frozenset({"instagram", "twitter", "youtube", "linkedin", "tiktok", "twitch"})


def _assigned(words: Sequence[Word]) -> _Edits:
    """`total = price`, `let total := price` → `SET total to price`."""
    start = int(words[0].low in {"let", "const", "var"})
    sign = start + 1 + (len(words) > start + 1 and words[start + 1].text == ":")
    named = len(words) > sign + 1 and words[start].kind is Is.WORD and words[sign].text == "="
    place = words[0].span.to(words[sign].span) if named else None
    return (Edit(place, f"SET {words[start].text} to"),) if place else ()


def _more(words: Sequence[Word], verb: str = "ADD", to: str = "TO") -> _Edits:
    """`increase the price by $5` → `ADD $5 TO the price`."""
    at = _first(words, {"by"})
    if not 1 < at < len(words) - 1:
        return ()
    last = words[-1].span
    gone = Span(last.line, words[at].span.start - 1, last.end)
    return (Edit(words[0].span, f"{verb} {join(list(words[at + 1 :]))} {to}"), Edit(gone, ""))


def _counted(words: Sequence[Word]) -> _Edits:
    """`count my followers` → `GET number of my followers`."""
    return (Edit(words[0].span, "GET number of"),) if len(words) > 1 else ()


def _less(words: Sequence[Word]) -> _Edits:
    return _more(words, "SUBTRACT", "FROM")


def _first(words: Sequence[Word], said: set[str]) -> int:
    """Where one of the words stands, after the first; 0 where none does."""
    return next((n for n, word in enumerate(words) if n and word.low in said), 0)


_LINES = {
    **dict.fromkeys(("enroll", "enrol", "admit", "let", "invite", "register"), _access),
    **dict.fromkeys(("tell", "inform", "alert", "message", "remind", "announce"), _told),
    **dict.fromkeys(("email", "mail"), _emailed),
    **dict.fromkeys(("increase", "increment", "raise"), _more),
    **dict.fromkeys(("decrease", "decrement", "reduce", "lower"), _less),
    **dict.fromkeys(("post", "share"), _posted),
    **dict.fromkeys(("transfer", "move", "pass", "hand"), _handed),
    "count": _counted,
    **dict.fromkeys(("grant", "award", "pay", "tip", "credit"), _granted),
    **dict.fromkeys(("label", "mark", "categorize", "categorise"), _labelled),
    "make": _made_sure,
    "assign": _assigned_to,
    **dict.fromkeys(("activate", "deactivate"), _made_so),
    "text": _texted,
    "take": _taken,
    "ask": _asked,
}
"""The first word of a line → what is to be written in it instead."""
_LOOP = (
    "Nothing is done over and over here: FOR EACH goes through a list, EVERY 15 minutes begins"
    " anew, and WAIT until fan replies waits."
)
_PAID = (
    "What is sold pays its owners by itself: let them own a share of it, with CONNECT tom to course"
    " as owner WITH share 30%. Tokens are given: GIVE tom 10 tokens."
)
WITHOUT: Mapping[str, str] = {
    **dict.fromkeys(("while", "loop", "until"), _LOOP),
    "repeat": f"{_LOOP} TRY UP TO 3 TIMES tries what fails again.",
    **dict.fromkeys(("pay", "tip", "payout", "split", "divide", "transfer"), _PAID),
    "subscribe": "Nothing is charged again and again here yet. GIVE fan access to community makes"
    " them a member, CONNECT fan to creator as follower a follower.",
    "invite": "REFER fan TO friend notes who brought whom; GIVE friend access to community lets"
    " them in.",
    **dict.fromkeys(
        ("rollback", "undo", "commit"),
        "DO TOGETHER undoes by itself what was done when a part fails. Leave this line out.",
    ),
}
"""Words for which there is no command, and what is there instead."""
AGREED = frozenset(
    {"yes", "agree", "agrees", "consent", "consents", "permission", "approval", "allowed"}
    | {"approve", "approves", "confirm", "confirms", "confirmation", "accept", "accepts"}
)
"""Words that speak of somebody's yes."""
ASKED_BY_ITSELF = (
    "Nobody needs to be asked for a yes: what takes one (to pay, to follow, to join, to be named)"
    " asks them by itself, and goes on when they say it. Write that command."
)


def timed_as(said: str) -> tuple[str, ...]:
    """`last weak`, `this mnth`: the phrase with its last word as the stretch of time it was."""
    before, _, last = said.casefold().rpartition(" ")
    lead = before.rpartition(" ")[2] in {"last", "this", "past", "next", "every"}
    near = [one for one in _STRETCHES if last != one and slipped(last, one)] if lead else []
    return tuple(f"{before} {one}" for one in near[:1])


_STRETCHES = ("week", "month", "year", "day", "weekend")
