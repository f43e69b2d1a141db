"""A command that fails or is stopped after something was recorded: nobody is told that nothing was."""

import click

from ledger.doors import Desk
from ledger.errors import INTERRUPTED, TallyError
from ledger.log import StoreFailed

Trouble = OSError | TallyError | KeyboardInterrupt | click.Abort


class Stopped(TallyError):
    """Somebody stopped the command (Ctrl-C) after it had recorded something, or while it was recording."""

    exit_code = INTERRUPTED


def must_not_deny(desk: Desk, error: Trouble) -> None:
    """Raise what is true instead of this error, where something is recorded or may be; otherwise return."""
    done = ", ".join(map(str, desk.recorded))
    if isinstance(error, KeyboardInterrupt | click.Abort):
        said = [f"recorded before that: entry {done}"] if done else []
        # A commit is not broken off: what was on its way may stand.
        said += ["what was being recorded may be in the ledger or not"] if desk.is_in_doubt else []
        if said:
            hint = "Run `tally sync`, which sends what was signed, and look before you repeat the command."
            raise Stopped(f"Stopped; {'; '.join(said)}.", hint) from error
    elif done and isinstance(error, OSError | StoreFailed):
        why = error.strerror if isinstance(error, OSError) else "the log could not be read again"
        message = f"It is recorded (entry {done}), but the answer could not be shown: {why}."
        raise TallyError(message, "Do not repeat the command.") from error
