"""Whether a PostgreSQL database guards its logs as it should, and whether our login may do more than it needs."""

from collections.abc import Callable, Iterator
from typing import Any

from ledger.postgres_schema import BODIES, FOR_EVER, GUARDS, NAMES, OWNER

Ask = Callable[..., list[tuple[Any, ...]]]
"""Asks the server: rows(query, *values)."""

_MEND = "put it back with tally db setup URL --run"
_MUST_BE_ON = ("synchronous_commit", "fsync", "full_page_writes")
_RIGHTS = (
    *((table, right) for table in FOR_EVER for right in ("UPDATE", "DELETE", "TRUNCATE")),
    *(("private", right) for right in ("UPDATE", "TRUNCATE")),
    *(("head", right) for right in ("DELETE", "TRUNCATE")),
)


def findings(ask: Ask) -> list[str]:
    """What is not as it should be, a sentence each; empty if all is well."""
    return [*_guards(ask), *_login(ask), *_settings(ask)]


def _guards(ask: Ask) -> Iterator[str]:
    rows = ask(
        "SELECT c.relname::text, t.tgname::text, t.tgenabled::text, p.proname::text, p.prosrc FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE n.nspname = 'tally' AND NOT t.tgisinternal"
    )
    held = {(table, name): (enabled, function, body) for table, name, enabled, function, body in rows}
    for table, name, _, _, function in GUARDS:
        found = held.get((table, name))
        if found is None:
            yield f"The guard {name} on the table {table} is missing: {_MEND}."
        elif found[0] != "A":
            yield f"The guard {name} on the table {table} is not ENABLE ALWAYS: {_MEND}."
        elif found[1] != function or found[2].strip() != BODIES[function]:
            yield f"The guard {name} on the table {table} is not the one this program made: {_MEND}."


def _login(ask: Ask) -> Iterator[str]:
    user, superuser, owner = ask(
        "SELECT current_user::text, rolsuper, pg_has_role(current_user, %s, 'USAGE') "
        "FROM pg_roles WHERE rolname = current_user",
        OWNER,
    )[0]
    advice = "log in as a member of tally_app alone (tally db setup URL --run --app-login NAME)"
    if superuser:
        yield f"The login {user} is a superuser and could take the guards away: {advice}."
    elif owner:
        yield f"The login {user} owns the tables and could take the guards away: {advice}."
    else:
        for table, right in _RIGHTS:
            if ask("SELECT has_table_privilege(%s, %s)", f"tally.{table}", right)[0][0]:
                yield f"The login {user} may {right} on the table {table}, which nobody needs: {_MEND}."


def _settings(ask: Ask) -> Iterator[str]:
    for name, value in ask("SELECT name, reset_val FROM pg_settings WHERE name = ANY(%s)", list(_MUST_BE_ON)):
        if value == "off":
            yield f"The server's setting {name} is off: a power cut could take back what was recorded."
    for (name,) in ask(
        "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'tally' AND relpersistence = 'u' AND relname = ANY(%s)",
        list(NAMES),
    ):
        yield f"The table {name} is UNLOGGED: a crash of the server would empty it."
