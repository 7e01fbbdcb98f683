"""What every room stands on: `Context` and `@operation`."""

from one.runtime.allow import Rule, anyone, owner_of, signed_in, staff
from one.runtime.context import Actor, Asked, Context, Deployment, Kind, Role
from one.runtime.operation import Answer, AnyOperation, Call, Operation, operation, operations_of

__all__ = [
    "Actor",
    "Answer",
    "AnyOperation",
    "Asked",
    "Call",
    "Context",
    "Deployment",
    "Kind",
    "Operation",
    "Role",
    "Rule",
    "anyone",
    "operation",
    "operations_of",
    "owner_of",
    "signed_in",
    "staff",
]
