"""Durable runs: features that survive kill -9, restarts and deploys, with each step done once.

`Run` is what a feature's code is given; `Engine` and the functions beside it are the port for the
rest of ONE; a `Worker` works at what is due. See docs/decisions/0010.
"""

from one.runtime.durable.calendar import Every
from one.runtime.durable.engine import (
    Engine,
    adopt,
    cancel,
    decide,
    retry,
    schedule,
    send,
    start,
    unschedule,
)
from one.runtime.durable.execution import Load, Main, Program, Which
from one.runtime.durable.journal import line_of, raised, told
from one.runtime.durable.news import BY, TIE
from one.runtime.durable.parting import Cancelled, spoken
from one.runtime.durable.run import Body, Looping, Run, Sub
from one.runtime.durable.scope import Call, Calling
from one.runtime.durable.worker import Worker
from one.store.runs import Queue, Start

__all__ = [
    "BY",
    "TIE",
    "Body",
    "Call",
    "Calling",
    "Cancelled",
    "Engine",
    "Every",
    "Load",
    "Looping",
    "Main",
    "Program",
    "Queue",
    "Run",
    "Start",
    "Sub",
    "Which",
    "Worker",
    "adopt",
    "cancel",
    "decide",
    "line_of",
    "raised",
    "retry",
    "schedule",
    "send",
    "spoken",
    "start",
    "told",
    "unschedule",
]
