"""Money of a reserve or fund is spent, to somebody outside: what members decide, treasurers then pay."""

from governance.asked import Asked, only_texts
from governance.matters.text import shortened
from governance.part import Proposal, of
from ledger.book import Book, hooks
from ledger.errors import Refused
from ledger.money import format_amount
from ledger.names import Names


def check(book: Book, asked: Asked) -> None:
    """An account that holds so much and may be spent, a party that is known, and what it is for."""
    only_texts(asked, "spending", money=True)
    terms = asked.terms
    if len(asked.texts) != 1 or asked.replaces or not terms.account or not terms.amount or terms.party is None:
        raise Refused("Spending from a reserve names the account, the amount, the party, and what it is for.")
    if terms.party not in book.ledger.parties:
        raise Refused("This money names a party the ledger does not know.")
    for why in reasons(book, terms.account, terms.amount):
        raise Refused(why, "`tally report` shows what lies where.")


def reasons(book: Book, account: str, amount: int) -> list[str]:
    """Why so much of an account cannot be spent, as the rooms say that keep the accounts."""
    return [why for ask in hooks(book.rooms, "why_not_spend") if (why := ask(book, account, amount))]


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """How much, for what."""
    terms = proposal.terms
    amount = format_amount(terms.amount, book.ledger.exponent)
    purpose = shortened(of(book).texts[proposal.options[0]])
    return f"{amount} {book.ledger.currency} from {terms.account} to {names.of(terms.party or '')}: {purpose}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """The amount is owed to the party from now on; treasurers pay it."""
    terms = proposal.terms
    if reasons(book, terms.account, terms.amount):
        return "by then the account did not hold so much any more"
    for spend in hooks(book.rooms, "spend"):
        spend(book, proposal.number, terms.account, terms.amount, terms.party)
    return ""


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    who, number = names.of(proposal.terms.party or ""), proposal.number
    paid = f'tally payee due "proposal {number}", or by hand tally expense add --decided {number}'
    return f"It is owed to {who} since {since}; a treasurer pays it: {paid}."
