"""What every room stands on: `Context` and `@operation`."""

from one.runtime.allow import Rule, anyone, owner_of, signed_in, staff
from one.runtime.context import Asked, Context, Deployment, Kind
from one.runtime.input import Input
from one.runtime.operation import Answer, AnyOperation, Call, Operation, operation, operations_of
from one.runtime.reference import reference

__all__ = [
    "Answer",
    "AnyOperation",
    "Asked",
    "Call",
    "Context",
    "Deployment",
    "Input",
    "Kind",
    "Operation",
    "Rule",
    "anyone",
    "operation",
    "operations_of",
    "owner_of",
    "reference",
    "signed_in",
    "staff",
]
