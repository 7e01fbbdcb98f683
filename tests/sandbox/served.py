"""The sandbox in a process of its own, at a port."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager

from stripe import StripeClient

from one.providers.stripe.network import Network

ONE = [sys.executable, "-c", "from one.cli import main; main()"]
Environ = Mapping[str, str]
STRIPE = os.environ.get("ONE_TEST_STRIPE_CLI") or shutil.which("stripe")
"""Where Stripe's own tool is."""


@contextmanager
def serving(environ: Environ, *, port: int = 0) -> Generator[tuple[str, int]]:
    """The address and the process of a sandbox, which is told to stop unless it was killed."""
    command = [*ONE, "sandbox", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1], server.pid
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGKILL)


def one(environ: Environ, *words: str) -> str:
    """What a command of `one sandbox` prints."""
    command = [*ONE, "sandbox", *words]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def client_at(address: str) -> AsyncGenerator[StripeClient]:
    network = Network()
    try:
        yield StripeClient(
            "sk_test_one",
            base_addresses={"api": address},
            http_client=network,
            max_network_retries=0,
        )
    finally:
        await network.close_async()
