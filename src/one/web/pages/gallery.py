"""The parts that pages are made of, each in all its states: for whoever makes pages."""

from datetime import timedelta
from typing import get_args

from starlette.responses import Response

from one.store.sales import State
from one.web.pages.look import RUN_STATES
from one.web.pages.visit import Form, Page, Problem, Visit

_WRONG = Form(
    "wrong",
    {"name": "Ana", "email": "ana@"},
    {"email": "is no e-mail address: write one like ana@example.com"},
    Problem("This can't be used yet.", "Look again at what is marked."),
)


async def _show(visit: Visit, form: Form) -> Response:
    now = visit.app.desk.clock.now()
    return visit.page(
        "front/design.html",
        form=form,
        wrong=_WRONG,
        states=get_args(State),
        statuses=[*RUN_STATES],
        times=[now - timedelta(**ago) for ago in ({"minutes": 3}, {"hours": 5}, {"days": 9})],
    )


PAGES = (Page("/design", _show),)
