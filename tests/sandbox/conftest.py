"""A sandbox in a space of the test's own, and Stripe's own client before it. Whatever the two say
to each other is held against what Stripe publishes of its wire, where that is at hand.
"""

import os
from pathlib import Path

import pytest
from stripe import StripeClient

from one.clock import new_id
from one.providers.stripe.inprocess import InProcess
from one.sandbox import Sandbox
from tests.sandbox.contract import held, wheel
from tests.sandbox.served import Environ
from tests.world import World


@pytest.fixture
def sandbox(world: World) -> Sandbox:
    return Sandbox(world.desk.database, world.desk.clock, space=world.space)


@pytest.fixture
def client(sandbox: Sandbox) -> StripeClient:
    app = held(sandbox) if wheel() else sandbox
    return StripeClient("sk_test_one", http_client=InProcess(app), max_network_retries=0)


@pytest.fixture
def environ(postgres_url: str, tmp_path: Path) -> Environ:
    """What a sandbox in a process of its own is told."""
    return {
        **os.environ,
        "ONE_DATABASE_URL": postgres_url,
        "ONE_DATA": str(tmp_path),
        "ONE_SCHEMA": f"sandbox_{new_id().hex[-12:]}",
    }
