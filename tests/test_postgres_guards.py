"""In PostgreSQL too, nobody changes what stands: not the program, not the owner of the tables, not a false replica."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from cli import ROOMS
from ledger import postgres_schema
from ledger.doors import Commands
from ledger.log import NoLedger, StoreFailed
from ledger.store_postgres import PostgresLog
from tests.forge import Coop
from tests.postgres import APP, Database, database, forge_beside, new_log, privileged, spoken

L = "(SELECT ledger FROM tally.head)"
LEAF, HASH, TILE = (
    "decode(repeat('00', 80), 'hex')",
    "decode(repeat('00', 32), 'hex')",
    "decode(repeat('00',8192),'hex')",
)
CHANGES = (
    f"UPDATE tally.leaf SET leaf = {LEAF} WHERE idx = 3",
    "UPDATE tally.leaf SET idx = 1000 WHERE idx = 3",
    "UPDATE tally.leaf SET idx = idx",
    "UPDATE tally.leaf SET ledger = gen_random_uuid()",
    "DELETE FROM tally.leaf WHERE idx = 299",
    "DELETE FROM tally.leaf",
    "TRUNCATE tally.leaf",
    "TRUNCATE tally.leaf, tally.head, tally.tile, tally.private CASCADE",
    f"INSERT INTO tally.leaf VALUES ({L}, 3, {LEAF})",
    f"INSERT INTO tally.leaf VALUES ({L}, 3, {LEAF}) ON CONFLICT DO NOTHING",
    f"INSERT INTO tally.leaf VALUES ({L}, 3, {LEAF}) ON CONFLICT (ledger, idx) DO UPDATE SET leaf = excluded.leaf",
    f"INSERT INTO tally.leaf VALUES ({L}, 301, {LEAF})",
    f"INSERT INTO tally.leaf VALUES ({L}, -1, {LEAF})",
    f"INSERT INTO tally.leaf VALUES ({L}, NULL, {LEAF})",
    f"INSERT INTO tally.leaf VALUES ({L}, 300, {LEAF}), ({L}, 302, {LEAF})",
    f"INSERT INTO tally.leaf VALUES ({L}, 300, decode(repeat('00', 73), 'hex'))",
    f"INSERT INTO tally.leaf VALUES ({L}, 300, decode(repeat('00', 65536), 'hex'))",
    f"MERGE INTO tally.leaf USING (VALUES (3)) AS v (i) ON idx = i WHEN MATCHED THEN UPDATE SET leaf = {LEAF}",
    "MERGE INTO tally.leaf USING (VALUES (3)) AS v (i) ON idx = i WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM tally.leaf RETURNING 1) SELECT count(*) FROM gone",
    f"UPDATE tally.tile SET hashes = {TILE}",
    "UPDATE tally.tile SET n = 7",
    "DELETE FROM tally.tile",
    "TRUNCATE tally.tile",
    f"INSERT INTO tally.tile VALUES ({L}, 0, 0, {HASH}, {TILE})",
    f"INSERT INTO tally.tile VALUES ({L}, 0, 0, {HASH}, {TILE}) ON CONFLICT (ledger, level, n) "
    "DO UPDATE SET hashes = excluded.hashes",
    f"INSERT INTO tally.tile VALUES ({L}, 0, 1, {HASH}, {HASH})",
    "UPDATE tally.head SET note = ''",
    "UPDATE tally.head SET size = 299",
    "UPDATE tally.head SET size = 301, note = ''",
    "UPDATE tally.head SET size = 0, note = ''",
    "UPDATE tally.head SET ledger = gen_random_uuid()",
    "UPDATE tally.head SET moved = true, note = ''",
    "DELETE FROM tally.head",
    "TRUNCATE tally.head",
    "INSERT INTO tally.head VALUES (gen_random_uuid(), 5, '')",
    "INSERT INTO tally.head VALUES (gen_random_uuid(), 0, 'x')",
    "INSERT INTO tally.head VALUES (gen_random_uuid(), 0, '', true)",
    f"INSERT INTO tally.head VALUES ({L}, 0, '') ON CONFLICT (ledger) DO UPDATE SET size = 0",
    "UPDATE tally.checkpoint SET note = ''",
    "DELETE FROM tally.checkpoint",
    "TRUNCATE tally.checkpoint",
    "UPDATE tally.cosignature SET line = ''",
    "DELETE FROM tally.cosignature",
    "TRUNCATE tally.cosignature",
    "UPDATE tally.evidence SET why = ''",
    "DELETE FROM tally.evidence",
    "TRUNCATE tally.evidence",
    "UPDATE tally.private SET sealed = ''",
    "UPDATE tally.private SET idx = 7",
    "TRUNCATE tally.private",
)
LOOSENINGS = (
    *(f"DROP TABLE tally.{table}" for table in postgres_schema.NAMES),
    *(f"ALTER TABLE tally.{table} DISABLE TRIGGER ALL" for table in postgres_schema.NAMES),
    "DROP TRIGGER leaf_stays ON tally.leaf",
    "ALTER TABLE tally.leaf DISABLE TRIGGER leaf_stays",
    "ALTER TABLE tally.leaf RENAME TO other",
    "ALTER TABLE tally.leaf ENABLE ROW LEVEL SECURITY",
    "CREATE OR REPLACE FUNCTION tally.only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "CREATE TABLE tally.more (x INT)",
    "CREATE RULE away AS ON INSERT TO tally.leaf DO INSTEAD NOTHING",
    "DROP SCHEMA tally CASCADE",
    "SET session_replication_role = replica",
    "SET ROLE tally_owner",
    "GRANT tally_owner TO CURRENT_USER",
    "ALTER TABLE tally.leaf OWNER TO CURRENT_USER",
    "COPY tally.leaf TO PROGRAM 'true'",
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[Database]:
    """A database with one row or more in each table."""
    with database() as made:
        log = new_log(tmp_path_factory.mktemp("guarded"), made)
        log.append([spoken(number, note="words") for number in range(300)], after=0)
        log.keep_evidence(1, "why", b"entry", b"signature")
        log.keep_cosignatures(300, ["— Bela one"])
        log.close()
        yield made


def everything(db: Database) -> dict[str, list[Any]]:
    """All that the tables hold."""
    with psycopg.connect(db.admin) as admin:
        return {table: sorted(admin.execute(f"SELECT * FROM tally.{table}")) for table in postgres_schema.NAMES}


@contextmanager
def unchanged(db: Database) -> Iterator[None]:
    """The rows that are aimed at are there, and stay as they are."""
    before = everything(db)
    assert {table: len(rows) for table, rows in before.items()} == {
        "head": 1, "leaf": 300, "tile": 1, "checkpoint": 1, "cosignature": 1, "evidence": 1, "private": 300,
    }  # fmt: skip
    yield
    assert everything(db) == before


@pytest.mark.parametrize("statement", CHANGES + LOOSENINGS)
def test_the_programs_login_cannot_change_what_stands(guarded, statement):
    with unchanged(guarded), pytest.raises(psycopg.Error), psycopg.connect(guarded.app) as db:
        db.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("who", ["SET ROLE tally_owner", "SET session_replication_role = replica"])
def test_neither_the_owner_nor_a_superuser_who_plays_a_replica_can(guarded, who, statement):
    with unchanged(guarded), psycopg.connect(guarded.admin) as db:
        db.execute(who)
        with pytest.raises(psycopg.Error):
            db.execute(statement)


def test_guards_that_are_not_always_on_would_let_a_false_replica_through(tmp_path):
    """So the tests above would notice."""
    with database() as db:
        log = new_log(tmp_path, db)
        log.append([spoken(0)], after=0)
        log.close()
        with psycopg.connect(db.admin) as admin:
            admin.execute("ALTER TABLE tally.leaf ENABLE TRIGGER leaf_stays")
            admin.execute("SET session_replication_role = replica")
            assert admin.execute("DELETE FROM tally.leaf").rowcount == 1
            admin.rollback()


def test_a_gap_is_refused_when_rows_are_copied_in_too(guarded):
    ledger = guarded.ask("SELECT ledger FROM tally.head")[0][0]
    rows = "".join(f"{ledger}\t{index}\t\\\\x{'00' * 80}\n" for index in (300, 302))

    def copy_in() -> None:
        with psycopg.connect(guarded.app) as db, db.cursor().copy("COPY tally.leaf FROM STDIN") as copy:
            copy.write(rows)

    with unchanged(guarded), pytest.raises(psycopg.Error, match="only grows"):
        copy_in()


def test_a_reader_reads_all_but_private_words_and_changes_nothing(guarded):
    with psycopg.connect(guarded.admin) as db:
        db.execute("SET ROLE tally_ro")
        assert db.execute("SELECT count(*) FROM tally.leaf").fetchone() == (300,)
        for statement in ("SELECT * FROM tally.private", "DELETE FROM tally.private", f"INSERT INTO tally.leaf "
                          f"VALUES ({L}, 300, {LEAF})", "UPDATE tally.head SET size = 301"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                db.execute(statement)


def test_the_guards_let_the_log_grow_and_words_go(tmp_path):
    with database() as db:
        log = new_log(tmp_path, db)
        log.append([spoken(0, note="words")], after=0)
        log.append([spoken(1)], after=1)
        assert log.private_erase([(0, "/note"), (0, "/other")]) == 1
        log.close()

        assert [len(rows) for rows in everything(db).values()] == [1, 2, 0, 0, 0, 0, 0]


# Setting up.


def typed(*words: str) -> Any:
    return CliRunner().invoke(Commands(ROOMS), list(words), obj=ROOMS)


def test_setting_up_shows_its_statements_or_runs_them_and_again_changes_nothing(tmp_path):
    with database(ready=False) as db:
        shown = typed("db", "setup", db.admin, "--app-login", APP)
        assert (shown.exit_code, db.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'tally'")) == (0, [])
        assert "ENABLE ALWAYS TRIGGER" in shown.stdout
        assert typed("db", "setup", db.admin, "--run", "--app-login", APP).exit_code == 0
        log = new_log(tmp_path, db)
        log.append([spoken(0, note="words")], after=0)
        before = everything(db)
        assert typed("db", "setup", db.admin, "--run").exit_code == 0
        db.ask(shown.stdout)

        assert everything(db) == before
        assert log.health() == []
        log.append([spoken(1)], after=1)
        log.close()


def test_who_may_make_roles_can_set_up_without_being_a_superuser_and_does_not_stay_an_owner():
    with database(ready=False) as db:
        db.ask("DROP ROLE IF EXISTS tally_test_keeper; CREATE ROLE tally_test_keeper LOGIN CREATEROLE")
        try:
            db.ask(f"GRANT CREATE ON DATABASE {db.name} TO tally_test_keeper")
            if "tally_owner" in {name for (name,) in db.ask("SELECT rolname FROM pg_roles")}:
                # On a new server it would have made the roles, and so be their administrator.
                db.ask("GRANT tally_owner, tally_app, tally_ro TO tally_test_keeper WITH ADMIN OPTION")
            with psycopg.connect(db.admin, autocommit=True) as keeper:
                keeper.execute("SET SESSION AUTHORIZATION tally_test_keeper")
                keeper.execute(postgres_schema.setup(("tally_test_more",)))
                keeper.execute(postgres_schema.setup())
            assert len(db.ask("SELECT 1 FROM pg_tables WHERE tableowner = 'tally_owner'")) == len(postgres_schema.NAMES)
        finally:
            for role in ("tally_test_more", "tally_test_keeper"):
                if db.ask("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                    db.ask(f"DROP OWNED BY {role} CASCADE")
                    db.ask(f"DROP ROLE {role}")


@pytest.mark.parametrize("name", ["x; DROP ROLE y", 'a"b', "", "Ana", "tally_owner", "a" * 64, "ana\n"])
def test_a_login_with_a_name_that_could_be_more_than_a_name_is_refused(name):
    ran = typed("db", "setup", "postgresql://ana@host/books", "--app-login", name)

    assert ran.exit_code
    assert not ran.stdout


def test_setting_up_without_the_right_to_changes_nothing_and_says_so(tmp_path):
    with database(ready=False) as db:
        with database():
            pass  # the login is there now
        ran = Coop(tmp_path / "home").tally("db", "setup", db.app, "--run")

        assert (ran.code, "Nothing was changed" in ran.err) == (1, True)
        assert db.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'tally'") == []


def test_a_login_without_its_role_is_told_so(tmp_path):
    with database() as db:
        log = new_log(tmp_path, db)
        db.ask("REVOKE INSERT ON tally.leaf FROM tally_app")
        with pytest.raises(StoreFailed, match="refuses this login"):
            log.append([spoken(0)], after=0)
        db.ask("DROP SCHEMA tally CASCADE")
        with pytest.raises(NoLedger, match="not set up"):
            log.head()
        log.close()


# Health.


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Database, PostgresLog]]:
    with database() as db:
        log = new_log(tmp_path, db)
        yield db, log
        log.close()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("DROP TRIGGER leaf_stays ON tally.leaf", "leaf_stays on the table leaf is missing"),
        ("ALTER TABLE tally.tile DISABLE TRIGGER tile_stays", "tile_stays on the table tile is not ENABLE ALWAYS"),
        ("ALTER TABLE tally.head ENABLE TRIGGER head_grows", "head_grows on the table head is not ENABLE ALWAYS"),
        (
            "CREATE OR REPLACE FUNCTION tally.comes_next() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "leaf_comes_next on the table leaf is not the one",
        ),
        ("GRANT UPDATE ON tally.leaf TO tally_app", "may UPDATE on the table leaf"),
        ("GRANT TRUNCATE ON tally.private TO tally_app", "may TRUNCATE on the table private"),
        ("ALTER TABLE tally.evidence SET UNLOGGED", "evidence is UNLOGGED"),
    ],
)
def test_what_was_loosened_is_found_and_setting_up_again_mends_it(watched, change, finding):
    db, log = watched
    assert log.health() == []
    db.ask(change)
    found = log.health()

    assert len(found) == 1
    assert finding in found[0]
    if "UNLOGGED" not in change:
        db.ask(postgres_schema.setup())
        assert log.health() == []


def test_a_login_that_could_take_the_guards_away_is_found(tmp_path):
    with database() as db:
        for login, word in ((db.admin, "superuser"), (db.app, "owns")):
            log = new_log(tmp_path / word, db._replace(app=login))
            if word == "owns":
                db.ask(f"GRANT tally_owner TO {APP}")
            try:
                assert [word in finding for finding in log.health()] == [True]
            finally:
                db.ask(f"REVOKE tally_owner FROM {APP}")
                log.close()


def test_founding_with_such_a_login_is_done_and_said(tmp_path):
    with database() as db:
        said = forge_beside(tmp_path, db).must("member", "list").err
        ran = Coop(tmp_path / "other").must("init", "Hillside", "--rehearsal", "--founder", "Ana", "--db", db.admin)

        assert "superuser" not in said
        assert "is a superuser and could take the guards away" in ran.err


def test_a_server_that_may_forget_is_found_and_our_connections_wait_for_the_disk(tmp_path):
    with database() as db:
        db.ask(f"ALTER DATABASE {db.name} SET synchronous_commit = off")
        log = new_log(tmp_path, db)
        assert log._link.rows("SHOW synchronous_commit") == [("on",)]
        assert ["synchronous_commit is off" in finding for finding in log.health()] == [True]
        log.close()
        db.ask(f"ALTER DATABASE {db.name} SET synchronous_commit = remote_apply")
        log = new_log(tmp_path / "other", db)
        assert log._link.rows("SHOW synchronous_commit") == [("remote_apply",)]
        assert log.health() == []
        log.close()


def test_a_missing_folder_of_keys_is_found(watched):
    _, log = watched
    log.append([spoken(0, note="words"), spoken(1, "Bela", note="more words")], after=0)
    for path in (log.folder / "private-keys").iterdir():
        path.unlink()

    assert ["words of 2 people" in finding for finding in log.health()] == [True]
    assert log.private_between(0, 9) == {}


def test_the_server_is_real():
    with psycopg.connect(privileged()) as db:
        assert db.info.server_version >= 130000
