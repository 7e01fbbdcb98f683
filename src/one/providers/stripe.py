"""Payments."""

from one.ontology.services import Action, Parameter, Service

_AMOUNT = Parameter(
    "amount", "money", required=True, words=("price", "total", "cost", "payment", "sum", "fee")
)
_CUSTOMER = Parameter(
    "customer",
    "Id<person>",
    words=("buyer", "payer", "fan", "user", "from", "person", "student", "member"),
    fill="runner",
)
_CHARGE = {"id": "text", "amount": "money", "status": "text", "receipt": "text"}

SERVICES = (
    Service(
        "stripe",
        "Stripe",
        (
            "stripe",
            "payment processor",
            "payment provider",
            "payment service",
            "payments",
            "the payment processor",
        ),
        (
            Action(
                "charge",
                (
                    "charge payment",
                    "charge",
                    "charge the card",
                    "take payment",
                    "charge the payment",
                    "collect payment",
                    "process payment",
                    "bill",
                ),
                (
                    _AMOUNT,
                    _CUSTOMER,
                    Parameter("description", "text"),
                    Parameter("method", "text", words=("paymentmethod", "card")),
                ),
                result="json",
                fields=_CHARGE,
                effect="reversible",
                inverse="refund",
                errors=("CardDeclined",),
            ),
            Action(
                "refund",
                ("refund payment", "refund", "refund the payment", "refund charge", "give back"),
                (
                    Parameter(
                        "charge", "json", words=("payment", "paymentid", "id"), fill="charge"
                    ),
                    Parameter("amount", "money"),
                    Parameter("reason", "text"),
                ),
                result="json",
                effect="irreversible",
            ),
            Action(
                "createCheckout",
                ("create checkout", "create a checkout", "start checkout", "open checkout"),
                (_AMOUNT, _CUSTOMER, Parameter("product", "text")),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="expireCheckout",
            ),
            Action(
                "expireCheckout",
                ("expire checkout",),
                (Parameter("checkout", "json", words=("id",)),),
                result="json",
                effect="irreversible",
            ),
            Action(
                "createCustomer",
                ("create customer", "create a customer", "register customer"),
                (_CUSTOMER, Parameter("email", "text")),
                result="json",
                fields={"id": "text"},
                effect="reversible",
                inverse="deleteCustomer",
            ),
            Action(
                "deleteCustomer",
                ("delete customer",),
                (_CUSTOMER,),
                result="json",
                effect="irreversible",
            ),
            Action(
                "subscribe",
                (
                    "subscribe",
                    "create subscription",
                    "create a subscription",
                    "start subscription",
                    "set up subscription",
                ),
                (_AMOUNT, _CUSTOMER, Parameter("interval", "text", words=("period", "every"))),
                result="json",
                fields={"id": "text", "status": "text"},
                effect="reversible",
                inverse="cancelSubscription",
            ),
            Action(
                "cancelSubscription",
                (
                    "cancel subscription",
                    "cancel the subscription",
                    "end subscription",
                    "unsubscribe",
                ),
                (
                    Parameter(
                        "subscription", "json", words=("subscriptionid", "id"), fill="subscription"
                    ),
                ),
                result="json",
                effect="irreversible",
            ),
            Action(
                "createInvoice",
                ("create invoice", "create an invoice", "send invoice", "invoice"),
                (_AMOUNT, _CUSTOMER, Parameter("dueDate", "datetime", words=("due",))),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="voidInvoice",
            ),
            Action(
                "voidInvoice",
                ("void invoice", "cancel invoice"),
                (Parameter("invoice", "json", words=("id",), fill="invoice"),),
                result="json",
                effect="irreversible",
            ),
            Action(
                "payOut",
                ("pay out", "payout", "pay", "transfer money", "send payout"),
                (
                    _AMOUNT,
                    Parameter(
                        "to", "Id<person>", words=("creator", "owner", "recipient", "seller")
                    ),
                ),
                result="json",
                effect="irreversible",
            ),
            Action(
                "onboard",
                ("onboard", "onboard seller", "connect account", "onboard creator"),
                (Parameter("person", "Id<person>", words=("creator", "seller")),),
                result="json",
                fields={"url": "text"},
            ),
        ),
        doc="Charges, refunds, subscriptions, invoices and payouts.",
    ),
)
