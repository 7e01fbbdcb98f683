"""A sandbox in a space of the test's own, and Stripe's own client before it."""

import pytest
from stripe import StripeClient

from one.providers.stripe.inprocess import InProcess
from one.sandbox import Sandbox
from tests.world import World


@pytest.fixture
def sandbox(world: World) -> Sandbox:
    return Sandbox(world.desk.database, world.desk.clock, space=world.space)


@pytest.fixture
def client(sandbox: Sandbox) -> StripeClient:
    return StripeClient("sk_test_one", http_client=InProcess(sandbox), max_network_retries=0)
