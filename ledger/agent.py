"""Keys that an ssh-agent holds: it signs on request, and the secret never comes here.

The agent answers on a Unix socket (draft-miller-ssh-agent): every message is its length, one byte for its type,
and a body. An unlocked agent signs anything for whoever reaches the socket; `ssh-add -c` makes it ask.
"""

import os
import socket

from ledger.errors import NoKey, Usage
from ledger.keys import PUBLIC_SIZE, SIGNATURE_SIZE, Signer, verify
from ledger.private import show
from ledger.sshsig import fingerprint, key_blob, string, strings

LIST, LISTED = 11, 12
SIGN, SIGNED = 13, 14
ANSWER_MAX = 256 * 1024
# Long enough for a person to answer the agent's question.
SECONDS_MAX = 120


class AgentFailed(NoKey):
    """The ssh-agent cannot be reached or did not sign."""


class AgentKey(Signer):
    """A key in an ssh-agent."""

    def __init__(self, public: bytes, comment: str, socket_path: str) -> None:
        super().__init__(public)
        self.comment = comment
        self.socket_path = socket_path

    def sign(self, message: bytes) -> bytes:
        """The agent's signature (64 bytes), checked. Raises AgentFailed if it gives none."""
        body = _ask(self.socket_path, SIGN, SIGNED, string(key_blob(self.public)) + string(message) + bytes(4))
        signature = body[-SIGNATURE_SIZE:]
        if body != string(string(b"ssh-ed25519") + string(signature)) or not verify(self.public, message, signature):
            raise AgentFailed("The ssh-agent answered with something that is not a signature by this key.")
        return signature


def agent_keys(path: str | None = None) -> tuple[AgentKey, ...]:
    """The Ed25519 keys in the agent at this socket, or at $SSH_AUTH_SOCK; other kinds sign in another form.

    Raises AgentFailed if there is no agent.
    """
    path = path or os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise AgentFailed("There is no ssh-agent here.", "Start one and add your key: ssh-add KEYFILE")
    body = _ask(path, LIST, LISTED, b"")
    try:
        fields = strings(body[4:], 2 * int.from_bytes(body[:4], "big"))
    except ValueError as error:
        raise AgentFailed("The ssh-agent's list of keys cannot be read.") from error
    pairs = zip(fields[::2], fields[1::2], strict=True)
    return tuple(
        AgentKey(blob[-PUBLIC_SIZE:], comment.decode(errors="replace"), path)
        for blob, comment in pairs
        if blob == key_blob(blob[-PUBLIC_SIZE:])
    )


def agent_key(public: bytes) -> AgentKey:
    """The key with this public half in the agent at $SSH_AUTH_SOCK. Raises AgentFailed if it is not there."""
    for key in agent_keys():
        if key.public == public:
            return key
    raise AgentFailed(
        f"The ssh-agent does not hold the key {fingerprint(public)}.", "Add it (ssh-add KEYFILE), then try again."
    )


def picked(wanted: str) -> AgentKey:
    """The key in the agent with this comment or fingerprint; "" for the only one. Raises AgentFailed, or Usage."""
    keys = agent_keys()
    found = [key for key in keys if wanted in ("", key.comment) or key.fingerprint.startswith(_prefixed(wanted))]
    if len(found) == 1:
        return found[0]
    there = "; ".join(f"{key.fingerprint} {show(key.comment)}" for key in keys) or "none"
    if not found:
        raise AgentFailed(f"The ssh-agent holds no such Ed25519 key. It holds: {there}.", "Add yours: ssh-add KEYFILE")
    raise Usage("The ssh-agent holds several keys.", f"Say which, by fingerprint or comment: {there}.")


def _prefixed(wanted: str) -> str:
    return wanted if wanted.startswith("SHA256:") else f"SHA256:{wanted}"


def _ask(path: str, question: int, wanted: int, body: bytes) -> bytes:
    """Send one message; the body of the answer, which must be of the type wanted."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(SECONDS_MAX)
            agent.connect(path)
            agent.sendall(string(bytes([question]) + body))
            answer = _receive(agent, int.from_bytes(_receive(agent, 4), "big"))
    except OSError as error:
        raise AgentFailed(f"The ssh-agent cannot be reached: {error}.", "Is SSH_AUTH_SOCK right?") from error
    if answer[:1] != bytes([wanted]):
        raise AgentFailed("The ssh-agent refused.", "Is the key still in it (ssh-add -l), and the agent unlocked?")
    return answer[1:]


def _receive(agent: socket.socket, size: int) -> bytes:
    if size > ANSWER_MAX:
        raise AgentFailed(f"The ssh-agent's answer is too long: {size} bytes.")
    data = b""
    while len(data) < size:
        piece = agent.recv(size - len(data))
        if not piece:
            raise AgentFailed("The ssh-agent hung up.", "Is it still running?")
        data += piece
    return data
