"""A real PostgreSQL for tests: a cluster of their own in a temporary folder, reached by a socket there."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

# Durability is what the journal's own tests are about; here a crash of the machine is not.
_OPTIONS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=16MB -c max_connections=60"


def programs() -> Path | None:
    """Where PostgreSQL's programs are: on the path, or where Debian puts them (the newest)."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _as_anybody_but_root(arguments: list[str], folder: Path) -> None:
    """PostgreSQL refuses to run as root: then it is the user that Debian's package made."""
    if os.geteuid() == 0:
        arguments = ["runuser", "-u", "postgres", "--", *arguments]
    log = folder / "commands.log"
    with log.open("a") as out:
        done = subprocess.run(arguments, stdout=out, stderr=out, timeout=60, cwd="/", check=False)
    assert done.returncode == 0, log.read_text()


@dataclass
class PostgreSQL:
    """A running cluster; `new_database` gives URLs that paydesk understands."""

    folder: Path
    programs: Path
    templates: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Make the cluster and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        _as_anybody_but_root(
            [str(self.programs / "initdb"), "-D", data, "-A", "trust", "-U", "desk", "-E", "UTF8", "-N"], self.folder
        )
        options = f"{_OPTIONS} -c listen_addresses= -c unix_socket_directories={self.folder}"
        control = [str(self.programs / "pg_ctl"), "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options]
        _as_anybody_but_root([*control, "start"], self.folder)

    def stop(self) -> None:
        """Stop it at once, and leave nothing."""
        stop = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop"]
        _as_anybody_but_root(stop, self.folder)
        shutil.rmtree(self.folder)

    def new_database(self, like: str | None = None) -> str:
        """The URL of an empty database, or of a copy of the one at the URL `like`, to which nobody is connected."""
        import psycopg

        name = f"desk_{uuid4().hex}"
        template = f" TEMPLATE {like.partition('?')[0].rpartition('/')[2]}" if like else ""
        with psycopg.connect(f"host={self.folder} user=desk dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{template}")  # type: ignore[arg-type]
        return f"postgresql://desk@/{name}?host={self.folder}"


def start_or_skip() -> PostgreSQL:
    """A running cluster; skips where PostgreSQL is not installed, fails in CI."""
    where = programs()
    if where is None:
        message = "PostgreSQL is not installed (Debian: postgresql)"
        if os.environ.get("CI") == "true":  # noqa: TID251 - the tests' own switch, not a setting of paydesk
            pytest.fail(message)
        pytest.skip(message)
    # Not among pytest's folders, which are closed to other users; and a socket's path has to be short.
    cluster = PostgreSQL(Path(tempfile.mkdtemp(prefix="paydesk-pg-")), where)
    cluster.start()
    return cluster
