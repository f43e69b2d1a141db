"""Signing files for people outside: beside each a `.sig` that OpenSSH's own program checks.

`ssh-keygen -Y verify -f allowed_signers -I NAME -n tally-file-v1 -s FILE.sig < FILE`
"""

from ledger import sshsig
from ledger.keys import Signer

NAMESPACE = "tally-file-v1"
"""A signature for a file is none for anything else."""

SIGNERS = "allowed_signers"


def signature_of(signer: Signer, data: bytes) -> bytes:
    """What stands in the `.sig` of a file with these bytes."""
    signature = signer.sign(sshsig.preimage(NAMESPACE, data))
    return sshsig.armor(signer.public, NAMESPACE, signature).encode()


def signers_line(signer: Signer, name: str) -> bytes:
    """The list of signers that `ssh-keygen -Y verify` asks for, with this one in it."""
    return (sshsig.allowed_signer(name, NAMESPACE, signer.public) + "\n").encode()
