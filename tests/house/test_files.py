"""What the repository may not hold: addresses in lock files, this or that machine's paths."""

import re
import subprocess
from pathlib import Path

from tests.house.source import ROOT, stands

MACHINE = re.compile(
    r"(?<![\w.:/])/(?:work|farm|tmp|root|home)/|\bfarm-\w+|\bagent session\b", re.IGNORECASE
)


def tracked() -> list[Path]:
    """The files in version control, or in the folder if there is none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def addresses(lock: str) -> list[str]:
    return [line for line in lock.splitlines() if "://" in line or line.startswith("-")]


def unhashed(lock: str) -> list[str]:
    """Requirements that are not pinned to one version and its hashes."""
    entries = re.split(r"\n(?=\S)", lock.strip())
    return [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]


def machine_names(text: str) -> list[str]:
    return [line for line in text.splitlines() if MACHINE.search(line)]


def test_lock_files_hold_versions_and_hashes_only() -> None:
    locks = sorted(ROOT.glob("*.lock"))
    assert [lock.name for lock in locks] == [
        "requirements-bench.lock",
        "requirements-dev.lock",
        "requirements-spec.lock",
        "requirements.lock",
    ]
    for lock in locks:
        assert addresses(lock.read_text()) == []
        assert unhashed(lock.read_text()) == []


def test_the_two_locks_agree() -> None:
    run, dev = (
        (ROOT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")
    )
    pinned = re.compile(r"^\S+==\S+", re.MULTILINE)
    assert set(pinned.findall(run)) - set(pinned.findall(dev)) == set()


def test_tracked_files_name_no_machine() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked()
        if path.is_file() and path != Path(__file__)
        for line in machine_names(path.read_text(errors="replace"))
    ]
    stands(faults)


def test_nothing_that_a_package_manager_fetches_is_tracked() -> None:
    fetched = {"node_modules", ".venv", "site-packages"}
    stands(str(path.relative_to(ROOT)) for path in tracked() if fetched & {*path.parts})


def test_addresses_and_machine_names_are_found() -> None:
    assert addresses("--index-url https://a.test/simple\nb==1") == [
        "--index-url https://a.test/simple"
    ]
    assert unhashed("a==1\nb==2 \\\n    --hash=sha256:0") == ["a==1"]
    folder, tool = "/" + "work/main", "farm" + "-studio"
    assert len(machine_names(f"cd {folder}\nls /tmp/x\nrun {tool}")) == 3
    assert machine_names(f"see .{folder}, https://a.test/work/ and GET /home") == []
