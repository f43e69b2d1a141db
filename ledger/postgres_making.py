"""Making a PostgreSQL database ready for ledgers, and the first row of a new one."""

from contextlib import closing

from ledger.beside import Beside
from ledger.errors import TallyError
from ledger.log import StoreFailed
from ledger.postgres_link import Link


def check(url: str) -> None:
    """Raise Unreachable or NoLedger unless this database answers and is set up."""
    with closing(Link(url)) as link:
        link.rows("SELECT 1 FROM tally.head LIMIT 1")


def begin(where: Beside) -> None:
    """Give a new ledger its empty head, unless it has one."""
    with closing(Link(where.url)) as link:
        link.rows("INSERT INTO tally.head VALUES (%s, 0, '') ON CONFLICT DO NOTHING", where.ledger)


def run_setup(url: str, sql: str) -> None:
    """Make the database at this address ready, as the user in it. Raises TallyError; then nothing was changed."""
    with closing(Link(url)) as link:
        try:
            link.script(sql)
        except StoreFailed as error:
            raise TallyError(
                f"The database could not be set up: {error.message.removesuffix(' Nothing was recorded.')}",
                "Nothing was changed. Give the address of a superuser, or of one that may create roles and schemas.",
            ) from error
