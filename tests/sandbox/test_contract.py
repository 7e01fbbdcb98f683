"""What the other tests here are held against sees what is wrong."""

import pytest

from tests.sandbox.contract import answer_faults, request_faults, wheel

pytestmark = pytest.mark.skipif(
    wheel() is None, reason="Stripe's published description isn't there: make .venv/dev fetches it"
)


def test_an_answer_that_stripe_would_not_give_is_found() -> None:
    body = b'{"id": "re_1", "object": "refund", "amount": "10", "created": 1, "currency": "usd"}'
    assert answer_faults("GET", "/v1/refunds/re_1", 200, body) == [
        'amount: "10" is not of type "integer"'
    ]
    right = body.replace(b'"10"', b"10")
    assert answer_faults("GET", "/v1/refunds/re_1", 200, right) == []
    assert answer_faults("GET", "/v1/refunds/re_1", 200, b"{}") != []


def test_a_request_that_stripe_would_not_take_is_found() -> None:
    right = "charge=ch_1&amount=10&metadata[sale]=1&expand[]=charge"
    assert request_faults("POST", "/v1/refunds", right) == []
    for wrong in ("amount=ten", "reason=bored", "sale=1"):
        assert len(request_faults("POST", "/v1/refunds", f"{right}&{wrong}")) == 1
    assert request_faults("GET", "/v1/events", "types[]=a&limit=3") == []
    assert len(request_faults("GET", "/v1/events", "kind=a")) == 1


def test_a_call_that_stripe_does_not_have_is_found() -> None:
    with pytest.raises(AssertionError, match="Stripe has no POST /v1/refund"):
        request_faults("POST", "/v1/refund", "")
