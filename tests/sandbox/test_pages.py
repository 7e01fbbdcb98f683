"""The pages on which people pay and set up their payments, and the hand on the sandbox."""

import hashlib
import re
from base64 import b64encode
from datetime import timedelta

import httpx
import pytest
from stripe import StripeClient

from one.sandbox import Sandbox
from tests.sandbox.sales import SELLER, course, sold

pytestmark = pytest.mark.anyio


@pytest.fixture
def browser(sandbox: Sandbox) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=sandbox), base_url="http://127.0.0.1:8000"
    )


async def test_a_page_says_that_no_money_moves_and_runs_nothing(
    client: StripeClient, browser: httpx.AsyncClient
) -> None:
    session = await client.v1.checkout.sessions.create_async(course())
    page = await browser.get(str(session.url))
    assert page.status_code == 200
    assert "SANDBOX" in page.text
    assert "<script" not in page.text
    style = re.search("<style>(.*)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "form-action 'self' https://one.example;" in policy
    assert "default-src 'none'" in policy


async def test_a_buyer_pays_and_goes_on(client: StripeClient, browser: httpx.AsyncClient) -> None:
    session = await client.v1.checkout.sessions.create_async(course())
    url = str(session.url)
    assert "100.00 USD" in (await browser.get(url)).text
    chosen = await browser.get(url, params={"card": "4000000000000259"})
    assert '<option value="4000000000000259" selected>' in chosen.text
    declined = await browser.post(url, data={"card": "4000000000009995", "email": "bo@a.test"})
    assert declined.status_code == 402
    assert "insufficient funds" in declined.text
    assert 'value="bo@a.test"' in declined.text
    real = await browser.post(url, data={"card": "4000123412341234"})
    assert real.status_code == 402
    assert "This is a sandbox" in real.text
    paid = await browser.post(url, data={"card": "4242424242424242", "email": "bo@a.test"})
    assert (paid.status_code, paid.headers["location"]) == (
        303,
        f"https://one.example/thanks?session={session.id}",
    )
    after = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert after.customer_details is not None
    assert (after.payment_status, after.customer_details.email) == ("paid", "bo@a.test")
    assert "This is paid" in (await browser.post(url)).text
    assert (await browser.get("/_sandbox/pay/cs_test_no")).status_code == 404


async def test_what_is_sold_is_shown_and_never_run(
    client: StripeClient, browser: httpx.AsyncClient
) -> None:
    nasty = course()
    assert "line_items" in nasty
    assert "price_data" in nasty["line_items"][0]
    nasty["line_items"][0]["price_data"]["product_data"] = {"name": "<script>alert(1)</script>"}
    session = await client.v1.checkout.sessions.create_async(nasty)
    page = (await browser.get(str(session.url))).text
    assert "&lt;script&gt;" in page
    assert "<script" not in page


async def test_a_seller_is_set_up_and_goes_on(
    sandbox: Sandbox, client: StripeClient, browser: httpx.AsyncClient
) -> None:
    account = await client.v1.accounts.create_async(SELLER)
    link = await client.v1.account_links.create_async(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://one.example/again",
            "return_url": "https://one.example/done",
        }
    )
    assert account.id in (await browser.get(link.url)).text
    done = await browser.post(link.url)
    assert (done.status_code, done.headers["location"]) == (303, "https://one.example/done")
    ready = await client.v1.accounts.retrieve_async(account.id)
    assert (ready.charges_enabled, ready.payouts_enabled) == (True, True)
    assert ready.requirements is not None
    assert ready.requirements.currently_due == []
    await sandbox.advance(timedelta(minutes=6))
    late = await browser.get(link.url)
    assert (late.status_code, late.headers["location"]) == (303, "https://one.example/again")


async def test_a_charge_has_a_receipt(
    sandbox: Sandbox, client: StripeClient, browser: httpx.AsyncClient
) -> None:
    charge = await sold(sandbox, client)
    assert "Receipt for 100.00 USD" in (await browser.get(str(charge.receipt_url))).text


async def test_the_hand_on_the_sandbox_needs_a_key(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/_sandbox/control/heal")).status_code == 401


async def test_what_the_hand_does_is_done(client: StripeClient, browser: httpx.AsyncClient) -> None:
    async def act(verb: str, **given: object) -> httpx.Response:
        headers = {"authorization": "Bearer sk_test_one"}
        return await browser.post(f"/_sandbox/control/{verb}", json=given, headers=headers)

    session = await client.v1.checkout.sessions.create_async(course())
    declined = await act("pay", session=session.id, card="4000000000000002")
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    assert (await act("pay", session=session.id)).json()["payment_status"] == "paid"
    charge = (await client.v1.charges.list_async()).data[0]
    dispute = (await act("dispute", charge=charge.id)).json()
    assert (await act("decide", dispute=dispute["id"], won=True)).json()["status"] == "won"
    account = await client.v1.accounts.create_async(SELLER)
    assert (await act("onboard", account=account.id)).json()["details_submitted"]
    assert (await act("clock", seconds=3 * 86_400)).status_code == 200
    await act("listen", url="https://one.example/hook")
    await act("fault", on="POST /v1/customers", trouble="429")
    await act("disturb", duplicates=True)
    assert (await act("heal")).status_code == 200
    assert (await act("deliver")).json() == 0
    assert (await act("fault", on="POST /v1/customers", trouble="flood")).status_code == 400
    assert (await act("pay")).status_code == 400
    assert (await act("dance")).status_code == 404
    payout = await client.v1.payouts.create_async({"amount": 100, "currency": "usd"})
    assert (await act("fail-payout", payout=payout.id)).json()["status"] == "failed"
