"""A person's own place on a machine: which ledgers there are, whose keys lie here, what was last seen.

`TALLY_HOME` moves everything; without it the places are those the operating system gives (XDG). Only this file
knows where things lie.
"""

import json
import os
import re
import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger.anchor import Anchor, one_at_a_time, write_durably
from ledger.errors import NoKey, Usage
from ledger.places import is_afar

_PUBLIC = re.compile("[0-9a-f]{64}")


class Known(Struct, kw_only=True, frozen=True):
    """A ledger this home knows: where it is and by what it is recognised."""

    slug: str
    place: str  # a folder, or the URL of a service
    origin: str
    log_key: str  # hex, public; the newest this home has followed to
    founding: str  # hex, SHA-256 of the founding entry
    log_keys_before: tuple[str, ...] = ()  # those the log had before, since this home came to know it

    @property
    def log_keys(self) -> tuple[str, ...]:
        """Every key (hex) by which this home knows the log, the newest first."""
        return (self.log_key, *self.log_keys_before)


class _Row(Struct):
    """A ledger as `ledgers.toml` has it, under its slug."""

    place: str
    origin: str
    log_key: str
    founding: str
    log_keys_before: tuple[str, ...] = ()


class _Ledgers(Struct):
    """The file as a whole."""

    ledger: dict[str, _Row] = {}
    current: str = ""


class KeyFile(Struct, kw_only=True, frozen=True):
    """A key that lies in this home: whose it says it is, its public half, its file."""

    name: str
    public: str  # hex
    path: Path
    agent: bool = False  # an ssh-agent holds it, and there is no file


class Home:
    """The folders of one person on one machine."""

    def __init__(self, config: Path, data: Path, state: Path) -> None:
        self.config, self.data, self.state = config, data, state

    @classmethod
    def find(cls) -> "Home":
        """The home of this process: TALLY_HOME, or the places of the operating system."""
        root = os.environ.get("TALLY_HOME")
        if root:
            base = Path(root).absolute()
            return cls(base / "config", base, base / "state")
        import platformdirs  # noqa: PLC0415  most calls know TALLY_HOME or need no home at all

        return cls(
            Path(platformdirs.user_config_dir("tally")),
            Path(platformdirs.user_data_dir("tally")),
            Path(platformdirs.user_state_dir("tally")),
        )

    # Ledgers.

    def ledgers(self) -> tuple[dict[str, Known], str]:
        """The ledgers this home knows by slug, and the slug of the current one ("" when there is none)."""
        path = self.config / "ledgers.toml"
        try:
            held = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Ledgers)
        except FileNotFoundError:
            return {}, ""
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
            raise Usage(f"{path} cannot be read: {error}.", "Mend it, or bring back a copy.") from error
        known = {slug: Known(slug=slug, **msgspec.structs.asdict(row)) for slug, row in held.ledger.items()}
        return known, held.current

    def remember(self, known: Known) -> None:
        """Add a ledger and make it the current one."""
        with one_at_a_time(self.config / "ledgers.lock"):
            others, _ = self.ledgers()
            others[known.slug] = known
            write_durably(self.config / "ledgers.toml", _written(others, known.slug))

    def follow(self, known: Known) -> None:
        """Note that a ledger this home knows has another log key now; the current ledger stays the current one."""
        with one_at_a_time(self.config / "ledgers.lock"):
            others, current = self.ledgers()
            if known.slug in others and others[known.slug].founding == known.founding:
                others[known.slug] = known
                write_durably(self.config / "ledgers.toml", _written(others, current))

    def ledger(self, slug: str | None) -> Known:
        """The ledger of that slug, or the current one."""
        known, current = self.ledgers()
        wanted = slug or current
        if not known:
            raise Usage("This home knows no ledger.", "Found one with `tally init NAME`, or join one: tally join FILE.")
        if wanted not in known:
            raise Usage(f"This home knows no ledger {wanted!r}.", f"It knows: {', '.join(sorted(known))}.")
        return known[wanted]

    def known_as(self, *, origin: str | None = None, founding: str | None = None) -> Known | None:
        """The ledger that has this origin, or this founding hash; None if this home knows none."""
        known, _ = self.ledgers()
        return next((one for one in known.values() if one.origin == origin or one.founding == founding), None)

    def free_slug(self, name: str) -> str:
        """A slug for a ledger of this name that no other ledger of this home has."""
        known, _ = self.ledgers()
        slug = base = slugged(name)
        number = 2
        while slug in known:
            slug, number = f"{base}-{number}", number + 1
        return slug

    def folder(self, known: Known) -> Path:
        """The folder of the log that this home reads: the ledger's own, or this home's copy of one behind a URL."""
        return self.kept(known.founding, "copy") if is_afar(known.place) else Path(known.place)

    def default_place(self, slug: str) -> Path:
        """Where `init` puts a ledger unless told otherwise."""
        return self.data / "ledgers" / slug

    # Keys.

    def key_path(self, slug: str, name: str) -> Path:
        """Where the key of this person for this ledger lies."""
        return self.data / "keys" / slug / f"{slugged(name)}.pem"

    def free_key_path(self, slug: str, name: str) -> Path:
        """Where one more key of this person can lie: beside those that are there."""
        first = path = self.key_path(slug, name)
        number = 2
        while any(path.with_suffix(suffix).exists() for suffix in (".pem", ".pub", ".agent")):
            path = first.with_name(f"{first.stem}-{number}.pem")
            number += 1
        return path

    def keys(self, slug: str) -> list[KeyFile]:
        """The keys for this ledger that lie here or in an ssh-agent, by name."""
        folder = self.data / "keys" / slug
        found = []
        for path in sorted((*folder.glob("*.pub"), *folder.glob("*.agent"))) if folder.is_dir() else []:
            public, _, name = path.read_text(encoding="utf-8", errors="replace").strip().partition(" ")
            if not _PUBLIC.fullmatch(public):
                raise NoKey(f"{path} is damaged: it does not name a public key.", "Restore it from a copy.")
            agent = path.suffix == ".agent"
            found.append(KeyFile(name=name, public=public, path=path.with_suffix(".pem"), agent=agent))
        return found

    def add_key(self, slug: str, name: str, public: bytes) -> None:
        """Note whose key lies in the file beside."""
        self.note_key(self.key_path(slug, name), name, public)

    def note_key(self, path: Path, name: str, public: bytes, agent: bool = False) -> None:
        """Note whose key lies in this file, or in an ssh-agent instead."""
        write_durably(path.with_suffix(".agent" if agent else ".pub"), f"{public.hex()} {name}\n".encode())

    def pick_keys(self, slug: str, name: str | None) -> list[KeyFile]:
        """The keys of the one who signs: of the named person, or of the only one there is; at least one."""
        keys = self.keys(slug)
        wanted = name or os.environ.get("TALLY_AS")
        if wanted:
            theirs = [key for key in keys if key.name.casefold() == wanted.casefold()]
            if not theirs:
                raise NoKey(f"No key of {wanted} lies in this home.", _whose(keys))
            return theirs
        if not keys:
            raise NoKey(
                "No key of yours for this ledger lies in this home.", "Join with an invitation: tally join FILE."
            )
        if len({key.name.casefold() for key in keys}) > 1:
            raise Usage("Several people's keys lie in this home.", f"Say who you are with --as NAME. {_whose(keys)}")
        return keys

    # Witnesses.

    def witnesses(self) -> Path:
        """Where the witnesses of this home have their keys and the list of logs they watch, a folder each."""
        return self.data / "witnesses"

    def witness_memory(self, name: str) -> Path:
        """What the witness of that name has signed last; kept apart from its key, as anchors are."""
        return self.state / "witnesses" / f"{slugged(name)}.json"

    # Copies.

    def copy_place(self, slug: str) -> Path:
        """Where the copy of a ledger is kept unless told otherwise."""
        return self.data / "copies" / slug

    def copies(self) -> Path:
        """The list of the folders in which this home keeps copies."""
        return self.state / "copies.json"

    # What was seen.

    def anchor(self, founding: str) -> Anchor:
        """What this home remembers of a log's head."""
        return Anchor(self.state / "anchors" / f"{founding}.json")

    def kept(self, founding: str, what: str) -> Path:
        """What this home keeps about one ledger, by name: snapshot, shelf, outbox, receipts, evidence, its copy."""
        folder = self.state / founding[:16]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / what

    def secret(self) -> bytes:
        """32 bytes that only this home knows, made when first needed."""
        path = self.state / "secret"
        if not path.exists():
            write_durably(path, os.urandom(32))
        return path.read_bytes()


def slugged(name: str) -> str:
    """A name as a file name: lower case, letters and digits, dashes between."""
    slug = re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")
    if not slug:
        raise Usage(f"{name!r} has no letter or digit in it.", "Choose another name.")
    return slug[:60]


def _written(ledgers: dict[str, Known], current: str) -> bytes:
    lines = [f"current = {_quoted(current)}", ""]
    for slug, known in sorted(ledgers.items()):
        lines.append(f"[ledger.{_quoted(slug)}]")
        lines += [f"{name} = {_quoted(getattr(known, name))}" for name in ("place", "origin", "log_key", "founding")]
        if known.log_keys_before:
            lines.append(f"log_keys_before = [{', '.join(map(_quoted, known.log_keys_before))}]")
        lines.append("")
    return "\n".join(lines).encode()


def _quoted(text: str) -> str:
    """A TOML basic string: like one of JSON, but TOML wants DEL escaped and knows no pairs of surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _whose(keys: list[KeyFile]) -> str:
    return f"Keys here: {', '.join(dict.fromkeys(key.name for key in keys))}." if keys else ""
