"""What every room stands on: `Context` and `@operation`."""

from one.runtime.allow import (
    Rule,
    anyone,
    in_scope,
    in_session,
    owner_of,
    require_scope,
    signed_in,
    staff,
    staff_owner,
    with_link,
)
from one.runtime.context import NOWHERE, Asked, Context, Deployment, Kind, Origin
from one.runtime.input import Input
from one.runtime.limits import Limit
from one.runtime.looking import as_asked, keep_look
from one.runtime.operation import (
    Answer,
    AnyOperation,
    Call,
    Operation,
    Prepared,
    operation,
    operations_of,
)
from one.runtime.reference import reference

__all__ = [
    "NOWHERE",
    "Answer",
    "AnyOperation",
    "Asked",
    "Call",
    "Context",
    "Deployment",
    "Input",
    "Kind",
    "Limit",
    "Operation",
    "Origin",
    "Prepared",
    "Rule",
    "anyone",
    "as_asked",
    "in_scope",
    "in_session",
    "keep_look",
    "operation",
    "operations_of",
    "owner_of",
    "reference",
    "require_scope",
    "signed_in",
    "staff",
    "staff_owner",
    "with_link",
]
