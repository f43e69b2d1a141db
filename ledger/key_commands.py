"""Commands of the ledger room: the keys people sign with."""

from ledger.doors import Desk, command, group


@command("list")
def key_list(desk: Desk) -> None:
    """The keys the ledger knows: whose, since which entry, and whether they lie in this home."""
    from ledger.looks import key_rows, key_table

    here = {key.public for key in desk.home.keys(desk.ledger.known.slug)}
    rows = key_rows(desk.book, desk.names, here)
    desk.answer({"keys": rows}, key_table(rows))


commands = (group("key", "The keys people sign with.", key_list),)
