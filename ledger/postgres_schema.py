"""What a PostgreSQL database needs before it holds logs: tables, guards that nobody slips past, and three roles.

One database holds many ledgers: every key begins with the ledger. The owner of the tables cannot log in. The program
logs in as one that may add, may move the head on, and may delete private words, nothing else. The guards are ENABLE
ALWAYS, so that they also fire for a session that calls itself a replica; TRUNCATE, which fires no guard on rows, has
one of its own. Only plain keys, rows and locks: no sequence, no advisory lock, no LISTEN, no SERIALIZABLE.
"""

import re

from ledger.errors import Usage

TABLES = """
CREATE TABLE IF NOT EXISTS tally.head (ledger UUID PRIMARY KEY, size BIGINT NOT NULL, note BYTEA NOT NULL,
    moved BOOLEAN NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS tally.leaf (ledger UUID NOT NULL, idx BIGINT NOT NULL,
    leaf BYTEA NOT NULL CHECK (octet_length(leaf) BETWEEN 74 AND 65535), PRIMARY KEY (ledger, idx));
CREATE TABLE IF NOT EXISTS tally.tile (ledger UUID NOT NULL, level INTEGER NOT NULL, n BIGINT NOT NULL,
    root BYTEA NOT NULL CHECK (octet_length(root) = 32),
    hashes BYTEA NOT NULL CHECK (octet_length(hashes) = 8192), PRIMARY KEY (ledger, level, n));
CREATE TABLE IF NOT EXISTS tally.checkpoint (ledger UUID NOT NULL, size BIGINT NOT NULL, note BYTEA NOT NULL,
    PRIMARY KEY (ledger, size));
CREATE TABLE IF NOT EXISTS tally.cosignature (ledger UUID NOT NULL, size BIGINT NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (ledger, size, line));
CREATE TABLE IF NOT EXISTS tally.evidence (ledger UUID NOT NULL, id BYTEA NOT NULL, at BIGINT NOT NULL,
    why TEXT NOT NULL, entry BYTEA NOT NULL, signature BYTEA NOT NULL, PRIMARY KEY (ledger, id));
CREATE TABLE IF NOT EXISTS tally.private (ledger UUID NOT NULL, idx BIGINT NOT NULL, pointer TEXT NOT NULL,
    author TEXT NOT NULL, number BIGINT NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (ledger, idx, pointer));
CREATE INDEX IF NOT EXISTS private_author ON tally.private (ledger, author);
"""
NAMES = ("head", "leaf", "tile", "checkpoint", "cosignature", "evidence", "private")
FOR_EVER = ("leaf", "tile", "checkpoint", "cosignature", "evidence")

BODIES = {
    "only_grows": "BEGIN RAISE EXCEPTION 'the log only grows'; END",
    "comes_next": """BEGIN
    IF NEW.idx IS DISTINCT FROM (SELECT coalesce(max(idx) + 1, 0) FROM tally.leaf WHERE ledger = NEW.ledger) THEN
        RAISE EXCEPTION 'the log only grows';
    END IF;
    RETURN NEW;
END""",
    "begins_empty": """BEGIN
    IF NEW.size <> 0 OR NEW.note <> ''::bytea OR NEW.moved THEN
        RAISE EXCEPTION 'a log begins empty';
    END IF;
    RETURN NEW;
END""",
    "head_grows": """BEGIN
    IF OLD.moved THEN
        RAISE EXCEPTION 'this log has moved';
    ELSIF NEW.moved AND (NEW.ledger, NEW.size, NEW.note) = (OLD.ledger, OLD.size, OLD.note) THEN
        RETURN NEW;
    ELSIF NEW.moved OR NEW.ledger <> OLD.ledger OR NEW.size <= OLD.size
        OR NEW.size <> (SELECT coalesce(max(idx) + 1, 0) FROM tally.leaf WHERE ledger = NEW.ledger) THEN
        RAISE EXCEPTION 'the log only grows';
    END IF;
    RETURN NEW;
END""",
}
"""What the guards do, by the name of their function."""

GUARDS = (
    ("leaf", "leaf_comes_next", "BEFORE INSERT", "ROW", "comes_next"),
    ("head", "head_begins_empty", "BEFORE INSERT", "ROW", "begins_empty"),
    ("head", "head_grows", "BEFORE UPDATE", "ROW", "head_grows"),
    ("head", "head_is_kept", "BEFORE DELETE", "ROW", "only_grows"),
    ("private", "private_stays", "BEFORE UPDATE", "ROW", "only_grows"),
    *((table, f"{table}_stays", "BEFORE UPDATE OR DELETE", "ROW", "only_grows") for table in FOR_EVER),
    *((table, f"{table}_is_not_emptied", "BEFORE TRUNCATE", "STATEMENT", "only_grows") for table in NAMES),
)
"""Table, name, when, for each what, and the function of every guard."""

_LOGIN = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
OWNER, APP, READER = "tally_owner", "tally_app", "tally_ro"


def setup(logins: tuple[str, ...] = ()) -> str:
    """The SQL that makes a database ready, for a superuser or one that may create roles; again changes nothing.

    `logins` are the users the program logs in as; those that are missing are made, without a password.
    """
    return "\n".join(
        (
            "BEGIN;",
            *(_role(role, "NOLOGIN") for role in (OWNER, APP, READER)),
            *(_role(_checked(login), "LOGIN") for login in logins),
            *(f'GRANT {APP} TO "{login}";' for login in logins),
            # Who is no superuser makes things for the owner as one of its members, and is none afterwards.
            _unless_superuser(f"GRANT {OWNER} TO CURRENT_USER"),
            f"CREATE SCHEMA IF NOT EXISTS tally AUTHORIZATION {OWNER};",
            f"SET LOCAL ROLE {OWNER};",
            TABLES.strip(),
            *(_function(name, body) for name, body in BODIES.items()),
            *(_guard(*guard) for guard in GUARDS),
            _rights(),
            "RESET ROLE;",
            _unless_superuser(f"REVOKE {OWNER} FROM CURRENT_USER"),
            "COMMIT;\n",
        )
    )


def _checked(login: str) -> str:
    if not _LOGIN.fullmatch(login) or login in (OWNER, APP, READER):
        raise Usage(
            f"{login!r} cannot be the name of a login.", "Write small letters, digits, _ and -, like tally_service."
        )
    return login


def _role(name: str, may: str) -> str:
    # Roles belong to the whole server: another database may be set up at the same moment.
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN "
        f'CREATE ROLE "{name}" {may}; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;'
    )


def _unless_superuser(statement: str) -> str:
    return (
        "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN "
        f"{statement}; END IF; END $$;"
    )


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION tally.{name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, pg_temp AS $$\n{body}\n$$;"
    )


def _guard(table: str, name: str, when: str, each: str, function: str) -> str:
    return (
        f"DROP TRIGGER IF EXISTS {name} ON tally.{table};\n"
        f"CREATE TRIGGER {name} {when} ON tally.{table} FOR EACH {each} EXECUTE FUNCTION tally.{function}();\n"
        f"ALTER TABLE tally.{table} ENABLE ALWAYS TRIGGER {name};"
    )


def _rights() -> str:
    tables = ", ".join(f"tally.{name}" for name in NAMES)
    public = ", ".join(f"tally.{name}" for name in NAMES if name != "private")
    return f"""REVOKE ALL ON SCHEMA tally FROM PUBLIC, {APP}, {READER};
REVOKE ALL ON {tables} FROM PUBLIC, {APP}, {READER};
GRANT USAGE ON SCHEMA tally TO {APP}, {READER};
GRANT SELECT, INSERT ON {tables} TO {APP};
GRANT UPDATE (size, note, moved) ON tally.head TO {APP};
GRANT DELETE ON tally.private TO {APP};
GRANT SELECT ON {public} TO {READER};"""
