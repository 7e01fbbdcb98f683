"""A sandbox in a space of the test's own, and Stripe's own client before it. Whatever the two say
to each other is held against what Stripe publishes of its wire, where that is at hand.
"""

import pytest
from stripe import StripeClient

from one.providers.stripe.inprocess import InProcess
from one.sandbox import Sandbox
from tests.sandbox.contract import held, wheel
from tests.world import World


@pytest.fixture
def sandbox(world: World) -> Sandbox:
    return Sandbox(world.desk.database, world.desk.clock, space=world.space)


@pytest.fixture
def client(sandbox: Sandbox) -> StripeClient:
    app = held(sandbox) if wheel() else sandbox
    return StripeClient("sk_test_one", http_client=InProcess(app), max_network_retries=0)
