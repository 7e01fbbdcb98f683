"""Any address that takes signed JSON."""

from one.ontology.services import Action, Parameter, Service

SERVICES = (
    Service(
        "webhook",
        "Webhook",
        ("webhook", "a webhook", "my server", "http"),
        (
            Action(
                "post",
                ("post", "send", "post data", "call"),
                (
                    Parameter("url", "text", required=True, words=("address", "to", "link")),
                    Parameter("body", "json", words=("data", "payload")),
                ),
                result="json",
                effect="irreversible",
            ),
        ),
        doc="Posts signed JSON to an address.",
    ),
)
