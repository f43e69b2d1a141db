"""What can go wrong, each a sentence that says what happened, with a hint that says what to do now.

The terminal, the page and `--json` print the same sentence. A class carries the exit code of the command
(1 failed, 2 usage, 3 cancelled, 4 no key or not a member, 5 verification failed, 6 refused by a
rule, 75 queued) and the HTTP status of the page.
"""

QUEUED = 75
"""The exit code of a command whose statements wait in the outbox (sysexits' EX_TEMPFAIL)."""
INTERRUPTED = 130
"""The exit code of a command that was stopped with Ctrl-C."""


class TallyError(Exception):
    """Something a person can read and act on. Nothing was recorded."""

    exit_code = 1
    status = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Usage(TallyError):
    """What was typed cannot be understood."""

    exit_code = 2
    status = 400


class Cancelled(TallyError):
    """The person said no."""

    exit_code = 3
    status = 400


class NoKey(TallyError):
    """There is no key here that may do this."""

    exit_code = 4
    status = 403


class NotAMember(TallyError):
    """The person is not known, or has no standing to do this."""

    exit_code = 4
    status = 403


class VerificationFailed(TallyError):
    """Something does not check: a signature, a proof, a recomputed figure."""

    exit_code = 5
    status = 422


class Refused(TallyError):
    """A rule of the cooperative or of the log says no."""

    exit_code = 6
    status = 409


class NotCanonical(VerificationFailed):
    """Bytes that are not the one canonical spelling of their value."""


class ProofError(VerificationFailed):
    """A Merkle proof that proves nothing."""


class NoteError(VerificationFailed):
    """A signed note that cannot be read or that no known key signed."""
