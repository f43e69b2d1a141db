"""Messages about a vote by mail: only what the server took is mailed, all else lies in files; no password is shown."""

import base64
import email
import email.policy
import ipaddress
import json
import socketserver
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ledger.database import FILE
from ledger.errors import QUEUED
from tests.riverbend import REFUSED, USAGE, Riverbend, Said, typed

PASSWORD = "river-otter-9"
ADDRESSES = {"Ana": "ana@example.org", "bela": "bela@example.org"}


class Talk(socketserver.StreamRequestHandler):
    """One connection: what a mail server must understand, and no more."""

    server: "Server"
    timeout = 10

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.heard.append(line)
            verb, _, rest = line.partition(" ")
            answer = getattr(self, verb.lower(), lambda _: "502 what?")(rest)
            self.say(answer)
            if verb.lower() == "quit" or answer.startswith("421"):
                return
            if verb.lower() == "starttls" and not self.shake_hands():
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def shake_hands(self) -> bool:
        assert self.server.tls
        try:
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            return False
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        return True

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def ehlo(self, _: str) -> str:
        starts = self.server.tls and not isinstance(self.connection, ssl.SSLSocket)
        return "250-here\r\n" + ("250 STARTTLS" if starts else "250 AUTH PLAIN")

    def starttls(self, _: str) -> str:
        return "220 go on" if self.server.tls else "502 what?"

    def auth(self, rest: str) -> str:
        said = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        right = said[1:] == ["office", PASSWORD]
        return "235 welcome" if right else f"535 not with the password {said[-1]}"

    def mail(self, _: str) -> str:
        self.receiver = ""
        return "250 ok"

    def rcpt(self, rest: str) -> str:
        self.receiver = rest.partition("<")[2].rstrip(">")
        return "550 nobody here" if self.receiver in self.server.unknown else "250 ok"

    def data(self, _: str) -> str:
        if self.receiver in self.server.dropped:
            return "421 I must go"
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.received.append((self.receiver, b"".join(lines)))
        self.server.then()
        return "250 taken"

    def rset(self, _: str) -> str:
        return "250 ok"

    def quit(self, _: str) -> str:
        return "221 bye"


class Server(socketserver.ThreadingTCPServer):
    """A mail server on this machine; `received` is what it took, for whom."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.received: list[tuple[str, bytes]] = []
        self.heard: list[str] = []
        self.unknown: set[str] = set()
        self.dropped: set[str] = set()
        self.tls: ssl.SSLContext | None = None
        self.then: Callable[[], object] = lambda: None

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def asked(folder: Path) -> Riverbend:
    """Ana, Bela and Chidi, who has no mail address; Ana has proposed something."""
    made = Riverbend(folder, "Ana", "Bela", "Chidi")
    made.ok("Ana", "propose", "text", "We meet on Mondays.")
    return made


@pytest.fixture
def three(tmp_path: Path) -> Riverbend:
    return asked(tmp_path)


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The same for what must not change it: each test finds it as the others did."""
    return asked(tmp_path_factory.mktemp("unmoved"))


def configure(coop: Riverbend, port: int, *, password: str = PASSWORD, more: str = "", **changed: str) -> None:
    """Write `mail.toml` and the file with the password."""
    usual = {"host": "127.0.0.1", "port": port, "security": "none", "from": "office@example.org", "user": "office"}
    said = usual | {"password_file": "mail.password"} | changed
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items() if value != ""]
    addresses = [f"{name} = {json.dumps(address)}" for name, address in ADDRESSES.items()]
    place = coop.folder / "founders" / "config"
    (place / "mail.toml").write_text("\n".join([*lines, more, "[addresses]", *addresses, ""]))
    (place / "mail.password").write_text(f"{password}\n")


def notify(coop: Riverbend, *words: str, **environment: str) -> Said:
    return coop.ok("Ana", "proposal", "notify", "1", "--out", "out", *words, **environment)


def out(coop: Riverbend) -> list[str]:
    return sorted(path.name for path in (coop.folder / "out").glob("*"))


def how(coop: Riverbend) -> dict[str, str]:
    return {one["name"]: one["how"] for one in coop.data("Ana", "proposal", "notices", "1")["notices"]}


ALL_AS_FILES = dict.fromkeys(("Ana", "Bela", "Chidi"), "message")


def all_lie_as_files(coop: Riverbend, said: Said, why: str) -> None:
    """Nothing was mailed, everybody is told by a file, the person knows why, and the password stands nowhere."""
    assert out(coop) == [f"{name}-proposal-1-notice.eml" for name in ("ana", "bela", "chidi")]
    assert how(coop) == ALL_AS_FILES
    assert f"mailed nothing to Ana, Bela: {why}" in said.err
    assert "written as files instead" in said.err
    assert PASSWORD not in said.out + said.err


def test_who_has_an_address_gets_a_mail_and_the_others_a_file(three, server):
    configure(three, server.port)

    said = notify(three)

    assert [who for who, _ in server.received] == ["ana@example.org", "bela@example.org"]
    assert out(three) == ["chidi-proposal-1-notice.eml"]
    assert how(three) == {"Ana": "mail", "Bela": "mail", "Chidi": "message"}
    assert "Notice as files: Chidi." in said.out
    assert "Notice by mail: Ana, Bela." in said.out
    assert said.err == "(rehearsal: nobody is paid)\n"


def test_a_mail_goes_to_one_member_alone_from_the_address_of_the_cooperative(three, server):
    configure(three, server.port)

    notify(three)

    mail = email.message_from_bytes(server.received[1][1], policy=email.policy.default)
    assert str(mail["To"]) == "Bela <bela@example.org>"
    assert str(mail["From"]) == "Riverbend <office@example.org>"
    assert mail["Message-ID"].rstrip(">").endswith("@example.org")
    assert mail.keys().count("To") == 1
    assert mail["Cc"] is mail["Bcc"] is None
    assert mail.get_content().startswith("Bela,\r\n")
    assert all("Chidi" not in line and "ana@" not in line for line in server.received[1][1].decode().splitlines())


def test_a_server_without_names_takes_mail_too(three, server):
    configure(three, server.port, user="", password_file="")

    notify(three)

    assert len(server.received) == 2
    assert not [line for line in server.heard if line.startswith("AUTH")]


def test_a_mail_has_no_name_of_this_machine_in_it(three, server):
    configure(three, server.port)

    notify(three)

    assert server.heard[0] == "ehlo [127.0.0.1]"


def test_who_was_told_by_phone_gets_no_mail(three, server):
    configure(three, server.port)

    notify(three, "--told", "Ana=phone")

    assert [who for who, _ in server.received] == ["bela@example.org"]
    assert how(three) == {"Ana": "phone", "Bela": "mail", "Chidi": "message"}


def test_where_all_were_told_otherwise_no_server_is_asked(three):
    configure(three, 1, host="no such host")

    notify(three, *(word for name in ("Ana", "Bela", "Chidi") for word in ("--told", f"{name}=letter")))

    assert out(three) == []


# A server that does not do it.


def test_a_wrong_password_leaves_files_and_is_shown_nowhere(three, server):
    configure(three, server.port, password="river-otter-8")

    said = notify(three)

    all_lie_as_files(three, said, "it did not take the user with this password")
    assert "river-otter-8" not in said.out + said.err
    assert server.received == []


def test_a_server_that_is_not_there_leaves_files(three, server):
    server.server_close()
    configure(three, server.port)

    all_lie_as_files(three, notify(three), "it cannot be reached: Connection refused")


def test_a_server_that_is_refused_for_one_address_has_mailed_the_other(three, server):
    server.unknown.add("ana@example.org")
    configure(three, server.port)

    said = notify(three)

    assert how(three) == {"Ana": "message", "Bela": "mail", "Chidi": "message"}
    assert "mailed nothing to Ana: it refused them" in said.err
    assert out(three) == ["ana-proposal-1-notice.eml", "chidi-proposal-1-notice.eml"]


def test_what_was_not_taken_before_the_line_broke_is_not_mailed(three, server):
    server.dropped.add("bela@example.org")
    configure(three, server.port)

    said = notify(three)

    assert how(three) == {"Ana": "mail", "Bela": "message", "Chidi": "message"}
    assert "mailed nothing to Bela: " in said.err


# Security.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that vouches for itself, and a server's side of it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    public, private = (tmp_path_factory.mktemp("tls") / one for one in ("cert.pem", "key.pem"))
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_after_starttls_with_a_server_that_is_known_mail_is_sent(three, server, certificate):
    public, server.tls = certificate
    configure(three, server.port, security="starttls")

    notify(three, SSL_CERT_FILE=str(public))

    assert len(server.received) == 2
    assert [line for line in server.heard if line.startswith("AUTH")]


def test_a_stranger_with_the_server_s_place_is_told_neither_password_nor_message(three, server, certificate):
    _, server.tls = certificate
    configure(three, server.port, security="starttls")

    said = notify(three)

    all_lie_as_files(three, said, "who answered there cannot be trusted to be that server")
    assert [line for line in server.heard if line.startswith(("AUTH", "mail", "MAIL"))] == []


def test_a_server_that_has_no_starttls_is_not_told_the_password(three, server):
    configure(three, server.port, security="starttls")

    said = notify(three)

    all_lie_as_files(three, said, "it lacks the security")
    assert [line for line in server.heard if line.startswith("AUTH")] == []


# Settings.


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"from": "office@example.org\r\nBcc: thief@example.org"}, "is no mail address"),
        ({"from": "Office <office@example.org>"}, "is no mail address"),
        ({"more": 'password = "x"'}, "unknown field `password`"),
        ({"security": "ssl"}, "security"),
        ({"port": 0}, "port"),
        ({"port": "25"}, "port"),
        ({"host": "mail..example.org"}, "host"),
        ({"host": "mail.example.org\nx"}, "host"),
        ({"host": ""}, "host"),
        ({"password_file": ""}, "go together"),
        ({"user": ""}, "go together"),
        ({"host": "mail.example.org"}, "not sent for everybody to read"),
        ({"password_file": "nowhere"}, "password cannot be read"),
        ({"password": ""}, "is empty or has letters"),
        ({"password": "ä"}, "is empty or has letters"),
        ({"more": "port = 26"}, "cannot be read"),
        ({"more": "= x"}, "cannot be read"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_a_slip_and_nothing_is_written_or_recorded(unmoved, server, changed, says):
    configure(unmoved, **{"port": server.port} | changed)
    before = unmoved.size("Ana")

    said = unmoved.run("Ana", "proposal", "notify", "1", "--out", "out")

    assert (said.code, says in said.err) == (USAGE, True), said.err
    assert out(unmoved) == []
    assert unmoved.size("Ana") == before
    assert server.heard == []
    assert PASSWORD not in said.err


@pytest.mark.parametrize(
    "address",
    [
        "chidi@example.org\r\nBcc: thief@example.org",
        "chidi@example.org\n",
        "chidi@example.org>\r\nRCPT TO:<thief@example.org",
        "chidi@example.org, thief@example.org",
        "Chidi <chidi@example.org>",
        "chidi",
        "@example.org",
        "chidi@",
        "chidi @example.org",
        "chïdi@example.org",
        "c@" + "e" * 254,
        "",
    ],
    ids=repr,
)
def test_what_is_no_address_is_refused_for_whomever_it_is(unmoved, server, address):
    configure(unmoved, server.port)
    place = unmoved.folder / "founders" / "config" / "mail.toml"
    place.write_text(f"{place.read_text()}Chidi = {json.dumps(address)}\n")

    said = unmoved.run("Ana", "proposal", "notify", "1", "--out", "out")

    assert (said.code, "is no mail address" in said.err) == (USAGE, True)
    assert out(unmoved) == []
    assert server.heard == []


def test_two_addresses_of_one_member_are_a_slip_and_those_of_other_cooperatives_are_no_matter(three, server):
    configure(three, server.port)
    place = three.folder / "founders" / "config" / "mail.toml"
    kept = place.read_text()
    place.write_text(f'{kept}ANA = "other@example.org"\n')
    twice = three.run("Ana", "proposal", "notify", "1", "--out", "out")
    place.write_text(f'{kept}Zoe = "zoe@example.org"\n')

    notify(three)

    assert (twice.code, "two addresses for Ana" in twice.err) == (USAGE, True)
    assert [who for who, _ in server.received] == ["ana@example.org", "bela@example.org"]


# When the log says no after all.


def test_where_the_log_refuses_after_mail_went_out_the_person_knows_who_was_told_for_nothing(three, server):
    """Chidi leaves while the mail is on its way."""
    configure(three, server.port)
    leaving = Riverbend(three.folder, by=typed)
    leaving.homes = three.homes
    server.then = lambda: leaving.run("Chidi", "member", "leave", "--yes")
    before = three.size("Ana")

    said = three.run("Ana", "proposal", "notify", "1", "--out", "out")

    assert said.code == REFUSED
    assert (
        "These were told, but the log did not confirm it: Chidi, Ana, Bela. Files that were written stay." in said.err
    )
    assert how(three) == {}
    assert out(three) == ["chidi-proposal-1-notice.eml"]
    assert three.size("Ana") == before + 1


def test_where_the_log_is_busy_by_then_what_was_told_waits_to_be_recorded(three, server, monkeypatch):
    """Another program has begun to write to the database meanwhile, and does not let go."""
    configure(three, server.port)
    monkeypatch.setattr("ledger.database.WAIT_S", 0.1)
    database = three.folder / "founders" / "ledgers" / "riverbend" / FILE
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:
        server.then = lambda: other.in_transaction or other.execute("BEGIN IMMEDIATE")
        said = three.run("Ana", "proposal", "notify", "1", "--out", "out")
        other.execute("ROLLBACK")
    before = how(three)

    three.ok("Ana", "sync")

    assert said.code == QUEUED
    assert "Notice by mail: Ana, Bela." in said.err
    assert before == {}
    assert how(three) == {"Ana": "mail", "Bela": "mail", "Chidi": "message"}


def test_a_disk_that_takes_no_files_leaves_what_was_mailed_on_record(three, server):
    """Bela's mail is refused, and by then the folder for her file is gone."""
    configure(three, server.port)
    server.unknown.add("bela@example.org")
    server.then = lambda: (three.folder / "out").rename(three.folder / "gone")

    said = three.run("Ana", "proposal", "notify", "1", "--out", "out")

    assert said.code == 1
    assert "out/bela-proposal-1-notice.eml could not be written: No such file or directory." in said.err
    assert "Notice by mail: Ana." in said.err
    assert how(three) == {"Ana": "mail", "Chidi": "message"}
    assert three.data("Ana", "proposal", "notices", "1")["not_told"] == ["Bela"]
