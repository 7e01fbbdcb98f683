"""Connectors: addresses that do for a service what they are asked in signed JSON."""

from collections.abc import Iterator, Sequence

import orjson

from one.errors import Invalid
from one.ontology.services import Service
from one.providers.base.asking import Ask
from one.providers.base.books import Fields
from one.providers.base.http import Http, Sent, signature
from one.providers.base.provider import Direct, Provider, Reach, Stage
from one.settings import Settings


class Connector:
    """Asked with the same `webhook-id`, it is to do a thing once and answer the same."""

    def __init__(self, url: str, *, secret: str, title: str) -> None:
        self._url = url
        self._secret = secret
        self.http = Http(title)

    async def ask(self, ask: Ask) -> Fields:
        """What it answers. Raises Outside."""
        asked = {"service": ask.service.name, "action": ask.method, "params": dict(ask.params)}
        body = orjson.dumps(asked)
        headers = signature(ask, body, secret=self._secret)
        came = (await self.http.send(Sent("POST", self._url, body, headers))).json()
        fields = came if isinstance(came, dict) else {"value": came}
        if ask.action.result != "json" and not ask.action.fields:
            fields.setdefault("value", True)
        return {"id": headers["webhook-id"], **fields}


def connected(
    services: Sequence[Service], settings: Settings, *, stage: Stage
) -> tuple[Provider, ...]:
    """Those of some services for which the settings name a connector. Raises Invalid."""
    return tuple(_connected(services, settings, stage))


def _connected(services: Sequence[Service], settings: Settings, stage: Stage) -> Iterator[Provider]:
    secret = settings.webhook_secret.get_secret_value()
    for service in services:
        url = settings.connectors.get(service.name)
        if url is None:
            continue
        if not secret:
            raise Invalid(
                f"The connector of {service.name} needs a secret to sign with.",
                cure="Set ONE_WEBHOOK_SECRET, and give it to the connector.",
            )
        connector = Connector(url, secret=secret, title=service.title)
        reach = Reach("live", "a connector (ONE_CONNECTORS)", leave=connector.http.close)
        acts = dict.fromkeys(service.by_name, connector.ask)
        yield Direct(service, acts, stage=stage, reach=reach)
