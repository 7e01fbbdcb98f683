"""All that a generated feature may touch: its run, the data commands, and values.

feature     what a module declares · run: what it runs in · data: the data commands
values      what names stand for · reckoning: computing and comparing · moments: time
asking      queries · finding: how they are answered · giving: tokens, money, notices
rights      for whom it speaks · calling: services and other features
"""

from datetime import datetime, timedelta

from one.errors import OneError as Failure
from one.sdk.answers import failed_with, nothing
from one.sdk.asking import AnyOf, Average, Query, Tie, Where
from one.sdk.calling import How
from one.sdk.data import New
from one.sdk.feature import Feature, Input, Output, Person, Slot, Trigger, feature
from one.sdk.moments import beginning, days, hours, minutes, months_after, seconds, weeks
from one.sdk.reckoning import (
    among,
    at_least,
    at_most,
    average,
    ceiling,
    contains,
    divided,
    either,
    equal,
    failed,
    first,
    floor,
    join,
    last,
    least,
    length,
    less,
    lower,
    minus,
    money,
    more,
    most,
    negative,
    pick,
    plus,
    read,
    remainder,
    rounded,
    split,
    starts_with,
    times,
    total,
    trim,
    truth,
    upper,
)
from one.sdk.refusal import Refusal
from one.sdk.run import Awaited, Run
from one.sdk.values import Money, Thing, Value, text

__all__ = [
    "AnyOf",
    "Average",
    "Awaited",
    "Failure",
    "Feature",
    "How",
    "Input",
    "Money",
    "New",
    "Output",
    "Person",
    "Query",
    "Refusal",
    "Run",
    "Slot",
    "Thing",
    "Tie",
    "Trigger",
    "Value",
    "Where",
    "among",
    "at_least",
    "at_most",
    "average",
    "beginning",
    "ceiling",
    "contains",
    "datetime",
    "days",
    "divided",
    "either",
    "equal",
    "failed",
    "failed_with",
    "feature",
    "first",
    "floor",
    "hours",
    "join",
    "last",
    "least",
    "length",
    "less",
    "lower",
    "minus",
    "minutes",
    "money",
    "months_after",
    "more",
    "most",
    "negative",
    "nothing",
    "pick",
    "plus",
    "read",
    "remainder",
    "rounded",
    "seconds",
    "split",
    "starts_with",
    "text",
    "timedelta",
    "times",
    "total",
    "trim",
    "truth",
    "upper",
    "weeks",
]
