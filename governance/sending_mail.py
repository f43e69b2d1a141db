"""Messages as mail: how this home sends them (`mail.toml`), and what became of each.

Only what the server has accepted counts as mailed. What a server answers is never shown, and neither is the password.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ledger.errors import Usage
from ledger.names import Names, UnknownMember

if TYPE_CHECKING:
    import smtplib

FILE = "mail.toml"
PATIENCE_S = 20
MEND = f"Mend {FILE}, or take it away: then messages are written as files."
NEAR = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Mail(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mail server and how to speak with it, as `mail.toml` in the home's config folder has it."""

    host: Annotated[
        str, Meta(pattern=r"^(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|[0-9a-fA-F:]+)\Z", max_length=253)
    ]
    port: Annotated[int, Meta(ge=1, le=65_535)]
    security: Literal["starttls", "tls", "none"]
    sender: str = msgspec.field(name="from")
    user: str = ""
    password_file: str = ""  # beside mail.toml, or anywhere by its full path
    addresses: dict[str, str] = {}


class Post(Struct, frozen=True, kw_only=True):
    """A mail server that may be used now: with the password, if it takes one, and the address of each person."""

    mail: Mail
    password: str
    addresses: dict[str, str]


def post_of(config: Path, names: Names) -> Post | None:
    """How this home sends mail; None where it does not. Raises Usage for a `mail.toml` that cannot be meant."""
    path = config / FILE
    try:
        mail = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Mail, strict=True)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Usage(f"{path} cannot be read: {error}.", MEND) from error
    for address in (mail.sender, *mail.addresses.values()):
        if not _ADDRESS.fullmatch(address) or len(address) > 254:
            raise Usage(f"{path}: {address!r} is no mail address.", "Write one like ana@example.org.")
    return Post(mail=mail, password=_password(path, mail), addresses=_addresses(path, mail, names))


def _password(path: Path, mail: Mail) -> str:
    """From its own file alone, so that it stands in no list of settings."""
    if bool(mail.user) != bool(mail.password_file):
        raise Usage(f"{path}: user and password_file go together.", "Give both, or neither.")
    if not mail.user:
        return ""
    if mail.security == "none" and mail.host not in NEAR:
        raise Usage(f"{path}: a password is not sent for everybody to read.", 'Write security = "starttls" or "tls".')
    try:
        said = (path.parent / Path(mail.password_file).expanduser()).read_text(encoding="utf-8")
    except OSError as error:
        raise Usage(f"The file with the mail server's password cannot be read: {error.strerror}.", MEND) from error
    except UnicodeDecodeError as error:
        raise Usage("The file with the mail server's password is not a text in UTF-8.", MEND) from error
    password = said.partition("\n")[0].rstrip("\r")
    if not password or not all(word.isascii() and word.isprintable() for word in (mail.user, password)):
        raise Usage("The mail server's user or password is empty or has letters that mail servers do not know.", MEND)
    return password


def _addresses(path: Path, mail: Mail, names: Names) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, address in mail.addresses.items():
        try:
            person = names.person(name)
        except UnknownMember:
            # A home may know several cooperatives, and its addresses are those of all of them.
            continue
        if person in found:
            raise Usage(f"{path} gives two addresses for {names.of(person)}.", "Leave one.")
        found[person] = address
    return found


# A message.


def letter(
    *, cooperative: str, sender: str, name: str, address: str, subject: str, text: str, date: datetime
) -> EmailMessage:
    """A message as mail programs read it. Where there is no address, sender or receiver are groups without any."""
    made = EmailMessage(policy=SMTP)
    ours, theirs = _bare(cooperative), _bare(name)
    made["From"] = Address(ours, addr_spec=sender) if sender else Group(ours, ())
    made["To"] = Address(theirs, addr_spec=address) if address else Group(theirs, ())
    made["Subject"] = _bare(subject)
    made["Date"] = date
    if sender and address:
        made["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, charset="utf-8", cte="quoted-printable")
    return made


def _bare(words: str) -> str:
    """Words for a head line. An "=?" in them would be read as coded letters, even as the end of the line."""
    return words.replace("=?", "= ?")


# Sending.


def send(post: Post, letters: Mapping[str, EmailMessage], taken: Callable[[str], None]) -> str:
    """Send these letters, by person; `taken` is told each person as soon as the server has accepted the letter.

    Answers why others were not accepted, "" where all were.
    """
    import smtplib  # noqa: PLC0415  only who has a mail server set up pays for it

    why = ""
    try:
        with _session(post) as server:
            for person, one in letters.items():
                try:
                    server.send_message(one, post.mail.sender, [post.addresses[person]])
                except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
                    why = "it refused them"
                    continue
                taken(person)
    except OSError as error:
        return _why(error)
    return why


def _session(post: Post) -> AbstractContextManager["smtplib.SMTP"]:
    """A connection to the server over which letters may be sent."""
    import smtplib  # noqa: PLC0415  only who has a mail server set up pays for it
    import ssl  # noqa: PLC0415

    mail, trusted = post.mail, ssl.create_default_context()
    # What this machine is called is nobody's business, and asking for it may take long.
    own = "[127.0.0.1]"
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, own, timeout=PATIENCE_S, context=trusted)
    else:
        server = smtplib.SMTP(mail.host, mail.port, own, timeout=PATIENCE_S)
    try:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if mail.user:
            server.login(mail.user, post.password)
    except OSError:
        server.close()
        raise
    return server


def _why(error: OSError) -> str:
    """What went wrong with the server, in our words: its own might repeat what it was told."""
    import smtplib  # noqa: PLC0415  only who has a mail server set up pays for it
    import ssl  # noqa: PLC0415

    reasons: tuple[tuple[type[OSError], str], ...] = (
        (smtplib.SMTPAuthenticationError, "it did not take the user with this password"),
        (smtplib.SMTPNotSupportedError, f"it lacks the security or the signing in that {FILE} asks for"),
        (smtplib.SMTPServerDisconnected, "it broke off the connection"),
        (smtplib.SMTPException, "it did not want to take any"),
        (ssl.SSLError, "who answered there cannot be trusted to be that server"),
        (TimeoutError, "it does not answer"),
    )
    named = next((words for kind, words in reasons if isinstance(error, kind)), "")
    return named or f"it cannot be reached: {error.strerror or 'no connection'}"
