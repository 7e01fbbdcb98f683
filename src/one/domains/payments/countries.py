"""Countries: where the shares of a sale can be sent from the platform's own account. Between those
that the provider has joined up, and else within one alone.

Stripe's page on cross-border payouts names them: the United States, Canada, Britain, Switzerland
and the European Economic Area. docs/payments.md says how this list is held and changed.
"""

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_AREA = (*_UNION.split(), "IS", "LI", "NO")
_JOINED = frozenset((*_AREA, "CA", "CH", "GB", "US"))


def reached(home: str) -> frozenset[str]:
    """The countries whose accounts take transfers from a platform in this one."""
    return _JOINED if home in _JOINED else frozenset({home})
