"""Countries: where the shares of a sale can be sent from the platform's own account. Between those
that the provider has joined up, and else within one alone.
"""

_NAMED = (
    "AT BE BG CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE"
    " SI SK US"
)
_JOINED = frozenset(_NAMED.split())


def reached(home: str) -> frozenset[str]:
    """The countries whose accounts take transfers from a platform in this one."""
    return _JOINED if home in _JOINED else frozenset({home})
