"""How commands meet people: who is asking, which ledger, how an answer or an error is shown.

A room's `commands.py` holds thin commands: parse, one call into the room, one answer. They import Click at the
top and everything else inside their bodies, so that `tally --help` stays quick. What one room shows inside
another's answer is a panel: a function of that name in the room's `panels.py`.
"""

import importlib
import importlib.util
import io
import json
import os
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ledger.errors import INTERRUPTED, QUEUED, Cancelled, NoKey, TallyError, Usage

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.home import Home, KeyFile
    from ledger.keys import Signer
    from ledger.names import Names
    from ledger.opened import Ledger
    from ledger.record import Recorded


class Desk:
    """One command at work: the options every command has, and what they lead to."""

    def __init__(self, rooms: tuple[str, ...], name: str, options: dict[str, Any]) -> None:
        self.rooms, self.name = rooms, name
        self.json: bool = options["json_"]
        self.slug: str | None = options["ledger"]
        self.person: str | None = options["as_"]
        self.no_input: bool = options["no_input"]
        self.clock_ok: bool = options["clock_ok"]
        self.recorded: list[int] = []  # entries this command has put into the log
        self.receipts: list[str] = []  # of these entries, as the log answered
        self.is_told_away = False  # whether the person was told that the ledger cannot be reached
        self.is_in_doubt = False  # whether it was stopped while a statement was on its way into the log
        self.queued: list[str] = []  # ids of the statements it has put into the outbox instead
        self.rehearsal = False  # set by a command that knows without opening the ledger

    @cached_property
    def home(self) -> "Home":
        """The folders of this person on this machine."""
        from ledger.home import Home

        return Home.find()

    @cached_property
    def ledger(self) -> "Ledger":
        """The ledger that was asked for, trusted (the one this home knows, and no older), open and caught up."""
        from ledger.trust import opened

        ledger = opened(self.home, self.home.ledger(self.slug), self.rooms)
        if ledger.alone is not None:
            from ledger.peers.syncing import look_on

            look_on(self, ledger)
            self.is_told_away = True
        if ledger.remote is not None:
            from ledger.peers.syncing import fetch_words

            fetch_words(self, ledger, ask=False)
        return ledger

    @property
    def book(self) -> "Book":
        """What is known now. Only for looking: recording reads the head anew."""
        self.ledger.book.advance(max(self.now, self.ledger.book.received))
        return self.ledger.book

    @property
    def names(self) -> "Names":
        """What people and parties are called."""
        return self.ledger.names

    def words(self, places: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """Private words by (entry index, JSON pointer), those that are held; for one that was erased, that it was."""
        from ledger import erasure

        erased = self.ledger.book.ledger.erased
        gone = {at: erasure.words(by) for at in places if (by := erased.get(erasure.place(*at))) is not None}
        return self.ledger.log.private_many(places) | gone

    @property
    def now(self) -> int:
        """The clock, ms since 1970; on a rehearsal what TALLY_NOW says."""
        from ledger.clock import now

        return now(self.ledger.book.ledger.rehearsal)

    @property
    def today(self) -> Any:
        """The cooperative's local date."""
        from ledger.localtime import local

        return local(self.ledger.book, self.now).date()

    @cached_property
    def key_file(self) -> "KeyFile":
        """The key that signs here, of those of one person that lie in this home."""
        from ledger.key_choice import choose

        return choose(self.home.pick_keys(self.ledger.known.slug, self.person), self.book.ledger)

    @cached_property
    def me(self) -> tuple["Signer", str]:
        """The key that signs here and the person it signs for."""
        from ledger.key_choice import signing

        return signing(self)

    @cached_property
    def whoami(self) -> str:
        """The person whose key lies here, for looking: the key need not be unlocked."""
        from ledger.key_choice import person_of

        return person_of(self.book, self.key_file)

    def unlock(self, path: os.PathLike[str]) -> "Signer":
        """The key in a file: open, through the passphrase file, or by asking."""
        from ledger.keys import read_key
        from ledger.pem import Locked, advice

        try:
            return read_key(path)
        except Locked:
            key = read_key(path, self.passphrase("Passphrase: "))
        with open(path, "rb") as file:
            if words := advice(file.read()):
                self.note(words)
        return key

    def passphrase(self, prompt: str, confirm: bool = False) -> str:
        """From TALLY_PASSPHRASE_FILE, or typed; never from an argument or the environment."""
        file = os.environ.get("TALLY_PASSPHRASE_FILE")
        if file:
            try:
                with open(file, encoding="utf-8") as held:
                    return held.readline().rstrip("\r\n")
            except OSError as error:
                raise NoKey(f"The passphrase file {file} cannot be read: {error.strerror}.") from error
            except UnicodeDecodeError as error:
                raise NoKey(f"The passphrase file {file} is not a text in UTF-8.") from error
        if self.no_input or not sys.stdin.isatty():
            raise NoKey("The key needs its passphrase.", "Name a file that holds it in TALLY_PASSPHRASE_FILE.")
        typed: str = click.prompt(prompt.rstrip(": "), hide_input=True, confirmation_prompt=confirm, err=True)
        return typed

    def record(
        self, kind: str, body: dict[str, Any], may_wait: bool = True, consenting: tuple["Signer", ...] = ()
    ) -> "Recorded":
        """Sign and append one statement as the person at this desk.

        Where the log cannot be reached it waits in the outbox, if it may; the command then leaves with exit code 75.
        """
        from ledger.record import record

        signer, person = self.me
        try:
            done = record(self.ledger, signer, person, kind, body, self.clock_ok, consenting, may_wait)
        except KeyboardInterrupt:
            self.is_in_doubt = self.ledger.is_sending
            raise
        finally:
            self._tell_news()
        if done.queued:
            self.queued.append(done.entry.id)
        else:
            self.recorded.append(done.entry.index)
            self.receipts.append(done.receipt.decode())
        return done

    def _tell_news(self) -> None:
        """What became of statements that waited in the outbox."""
        news, self.ledger.news = self.ledger.news, []
        if news:
            from ledger.peers.syncing import told

            for line in told(news):
                self.note(line)

    def confirm(self, question: str, yes: bool) -> None:
        """Go on only with --yes or a typed yes; otherwise nothing is recorded."""
        if yes:
            return
        if self.no_input or not sys.stdin.isatty():
            raise Cancelled("Nothing was recorded: this asks for a yes.", "Repeat the command with --yes.")
        if not click.confirm(question, err=True):
            raise Cancelled("Nothing was recorded.")

    def answer(self, data: dict[str, Any], *texts: Any) -> None:
        """Show the answer: one JSON object with --json, else texts, or tables and trees (drawn by Rich).

        Of what waits in the outbox nothing is shown but that: where it will stand is not known yet.
        """
        if self.queued:
            return
        rehearsal = self.rehearsal or ("ledger" in self.__dict__ and self.ledger.book.ledger.rehearsal)
        if self.json:
            head = {"schema": f"tally.{self.name}/v1"} | ({"rehearsal": True} if rehearsal else {})
            receipts = {"receipts": self.receipts} if self.receipts else {}
            click.echo(_as_json(head | data | receipts, indent=1))
            return
        for text in texts:
            if isinstance(text, str):
                click.echo(text)
            else:
                console().print(text)
        if rehearsal:
            click.echo("(rehearsal: nobody is paid)", err=True)

    def show_aside(self, text: Any) -> None:
        """Show a table or text before a question, on stderr: the answer itself goes to stdout."""
        if isinstance(text, str):
            self.note(text)
        else:
            console(err=True).print(text)

    def note(self, text: str) -> None:
        """A word beside the answer, on stderr."""
        click.echo(text, err=True)

    def leave_queued(self) -> None:
        """Say that statements wait in the outbox, and leave."""
        from ledger.peers.syncing import queued

        data, words = queued(self.ledger, self.me[0].id, len(self.queued), self.is_told_away)
        if self.json:
            head = {"schema": f"tally.{self.name}/v1", "queued": True, "ids": self.queued}
            click.echo(_as_json(head | data, indent=1))
        else:
            self.note(words)
        sys.exit(QUEUED)

    def close(self) -> None:
        """Let go of the ledger, if it was opened, so that all of it is in its own file."""
        if "ledger" in self.__dict__:
            self.ledger.close()


def _as_json(data: dict[str, Any], indent: int | None = None) -> str:
    """JSON in the letters themselves, or with escapes where the output knows only some letters."""
    every_letter = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return json.dumps(data, ensure_ascii=not every_letter, indent=indent)


def console(err: bool = False) -> Any:
    """A Rich console that neither wraps what is piped nor colours where nobody wants it."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    width = None if stream.isatty() else int(columns) if columns.isdecimal() and columns.isascii() else 100
    return Console(stderr=err, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


Function = Callable[..., None]
_COMMON = (
    click.option("--json", "json_", is_flag=True, help="Answer as JSON."),
    click.option("--ledger", metavar="SLUG", help="Which ledger of this home."),
    click.option("--as", "as_", metavar="NAME", help="Who you are, where several keys lie."),
    click.option("--no-input", is_flag=True, help="Never ask."),
    click.option("--clock-ok", is_flag=True, help="This machine's clock is right, though far from the log's."),
)


def command(name: str, **options: Any) -> Callable[[Function], click.Command]:
    """A command of the four rooms: gets a Desk first, then its own arguments."""

    def make(function: Function) -> click.Command:
        @click.pass_context
        @wraps(function)
        def call(context: click.Context, /, *args: Any, **given: Any) -> None:
            common = {key: given.pop(key) for key in ("json_", "ledger", "as_", "no_input", "clock_ok")}
            words = context.command_path.split()[1:]
            desk = Desk(context.find_root().obj, "-".join(words), common)
            try:
                function(desk, *args, **given)
                if desk.queued:
                    desk.leave_queued()
                sys.stdout.flush()
            except BrokenPipeError:
                raise
            except (OSError, TallyError, KeyboardInterrupt, click.Abort) as error:
                from ledger.half_done import must_not_deny

                must_not_deny(desk, error)
                raise
            finally:
                desk.close()

        for option in reversed(_COMMON):
            option(call)
        decorate: Callable[[Function], click.Command] = click.command(name, **options)
        return decorate(call)

    return make


def group(name: str, help: str, *commands: click.Command) -> click.Group:
    """A family of commands under one word."""
    return click.Group(name, commands=list(commands), help=help)


def panels(rooms: tuple[str, ...], name: str) -> list[Callable[..., Any]]:
    """What the rooms show under this name inside another room's answer."""
    found = []
    for room in rooms:
        if importlib.util.find_spec(f"{room}.panels"):
            panel = getattr(importlib.import_module(f"{room}.panels"), name, None)
            found += [panel] if panel else []
    return found


class Commands(click.Group):
    """All commands of all rooms, listed by name."""

    def __init__(self, rooms: tuple[str, ...]) -> None:
        super().__init__("tally", help="The ledger of a cooperative that shares its income.", no_args_is_help=True)
        self.rooms = rooms
        for room in rooms:
            for one in importlib.import_module(f"{room}.commands").commands:
                self.add_command(one)
        self.params.append(_version_option())


def _version_option() -> click.Option:
    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            from ledger.snapshot import VERSION

            click.echo(f"tally {VERSION}")
            context.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version."
    )


def run(rooms: tuple[str, ...], arguments: list[str] | None = None) -> NoReturn:
    """Run a command line and leave with its exit code."""
    typed = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        # What was recorded must not look like a failure because a terminal lacks a letter of it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        Commands(rooms).main(typed, prog_name="tally", obj=rooms, standalone_mode=False)
        sys.stdout.flush()
    except TallyError as error:
        _fail(typed, type(error).__name__, error.message, error.hint, error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.UsageError as error:
        _fail(typed, "Usage", _on_one_line(error.format_message()), _usage_hint(error), Usage.exit_code)
    except click.ClickException as error:
        _fail(typed, type(error).__name__, error.format_message(), "", 1)
    except (click.Abort, KeyboardInterrupt):
        _fail(typed, "Interrupted", "Stopped; nothing more was recorded.", "", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; Python would complain once more on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        message = f"{error.strerror or error}: {error.filename or 'a file'}."
        _fail(typed, "FileTrouble", message, "Check that the disk has room and that you may write there.", 1)
    sys.exit(0)


def _on_one_line(message: str) -> str:
    """Click lists what can be chosen in lines of their own."""
    said = " ".join(message.split())
    return said if said.endswith((".", "?")) else f"{said}."


def _usage_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "tally"
    if isinstance(error, click.NoSuchOption) and error.option_name.lstrip("-")[:1].isdigit():
        return "Lengths and amounts have no sign."
    return f"`{path} --help` tells what can be written."


def _fail(typed: list[str], kind: str, message: str, hint: str, code: int) -> NoReturn:
    if "--json" in typed:
        click.echo(_as_json({"error": {"kind": kind, "message": message, "hint": hint}}))
    else:
        click.echo(f"{message}{' ' + hint if hint else ''}", err=True)
    sys.exit(code)
