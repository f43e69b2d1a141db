"""Work as rows, for lists and search: what was stated, what was confirmed, what was taken back."""

from sqlmodel import Field, SQLModel

from contributions.facts import Confirmed, Logged, Retracted
from ledger.entry import Entry
from ledger.views import Rows, reads


class WorkRow(SQLModel, table=True):
    """One piece of work as it was stated. `qty` is minutes, minor units or pieces."""

    entry: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    entry_id: str = Field(index=True)
    who: str = Field(index=True)
    by: str
    date: str = Field(index=True)
    role: str
    kind: str
    qty: int
    circle: str
    gift: bool
    noted: bool


class ConfirmedRow(SQLModel, table=True):
    """A draft that its person confirmed."""

    entry_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)


class RetractedRow(SQLModel, table=True):
    """Work that was taken back."""

    entry_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)


@reads("contributions.logged")
def logged(said: Logged, entry: Entry) -> Rows:
    """A row an item."""
    for number, item in enumerate(said.items, 1):
        yield (
            WorkRow,
            {
                "entry": entry.index,
                "number": number,
                "entry_id": entry.id,
                "who": item.who,
                "by": entry.author,
                "date": item.date,
                "role": item.role,
                "kind": item.kind,
                "qty": item.qty,
                "circle": item.circle,
                "gift": item.gift,
                "noted": item.note is not None,
            },
        )


@reads("contributions.confirmed")
def confirmed(said: Confirmed, _: Entry) -> Rows:
    """A row an item that is confirmed."""
    for reference in said.items:
        for number in reference.items:
            yield ConfirmedRow, {"entry_id": reference.entry, "number": number}


@reads("contributions.retracted")
def retracted(said: Retracted, _: Entry) -> Rows:
    """A row an item that is taken back."""
    for reference in said.items:
        for number in reference.items:
            yield RetractedRow, {"entry_id": reference.entry, "number": number}
