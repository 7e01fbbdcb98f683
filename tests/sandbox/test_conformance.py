"""What `make verify-stripe` asks of Stripe, the sandbox passes; and it tells what fails."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from stripe import StripeClient

from one.clock import Clock
from one.providers.stripe.client import Client
from one.providers.stripe.inprocess import InProcess
from one.sandbox import Sandbox
from tests.house.source import ROOT
from tests.sandbox.conformance import Trial
from tests.sandbox.contract import held, wheel
from tests.sandbox.served import Environ, one, serving

KEY = "sk_test_sandbox"


def verified(environ: Environ, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.sandbox.conformance"],
        cwd=ROOT,
        env={**environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_sandbox_passes_what_is_asked_of_stripe(environ: Environ) -> None:
    with serving(environ) as (address, _):
        done = verified(environ, ONE_STRIPE_KEY=KEY, ONE_STRIPE_URL=address)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in lines[:-1] if not line.startswith("ok ")] == []
    assert len(lines) == 15
    assert lines[-1] == "Stripe does as ONE takes for granted."


def test_what_stripe_does_otherwise_is_told(environ: Environ) -> None:
    with serving(environ) as (address, _):
        one(environ, "fault", "POST /v1/account_links", "429")
        done = verified(environ, ONE_STRIPE_KEY=KEY, ONE_STRIPE_URL=address)
    assert done.returncode == 1
    (failed,) = [line for line in done.stdout.splitlines() if line.startswith("FAILS")]
    assert "a person is led to the onboarding: Stripe has too much to do." in failed
    assert done.stdout.endswith("1 fail.\n")


def test_without_a_key_of_a_test_mode_nothing_is_asked(environ: Environ) -> None:
    no_keys: tuple[Mapping[str, str], ...] = ({}, {"ONE_STRIPE_KEY": "sk_live_1"})
    for given in no_keys:
        done = verified(environ, **given)
        assert done.returncode == 2
        assert "needs a key of Stripe's test mode in ONE_STRIPE_KEY" in done.stderr
        assert done.stdout == ""


def test_a_key_of_stripes_is_shown_to_nobody_else(environ: Environ) -> None:
    done = verified(environ, ONE_STRIPE_KEY="sk_test_51", ONE_STRIPE_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "the key may be one of Stripe's" in done.stderr


@pytest.mark.anyio
@pytest.mark.skipif(wheel() is None, reason="Stripe's published description isn't there")
async def test_all_that_is_asked_is_as_stripe_publishes_it(
    sandbox: Sandbox, client: StripeClient
) -> None:
    cashier = Client(KEY, http=InProcess(held(sandbox)), secrets=())
    for step in Trial(client, cashier, Clock()).steps():
        assert await step()
