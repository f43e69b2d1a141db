"""What the governance room knows: rules and since when they hold, profiles, what is being decided, who votes for whom.

Plain data, changed only by the facts of the room and by what falls due. How a matter lives is in `life.py`.
"""

from msgspec import Struct, field

from governance.delegating import Named
from governance.profile import Profile
from governance.tally import Decision, Result
from governance.terms import Matter, Terms
from ledger.book import Book

OPEN, PASSED, FAILED, SUPERSEDED, IN_FORCE = "open", "passed", "failed", "superseded", "in force"
DRAFT, NOTICE, CLOSED, DECIDED = "draft", "notice", "closed", "decided"
EFFECTIVE, WITHDRAWN, EXPIRED, LAPSED = "effective", "withdrawn", "expired", "lapsed"
SECOND_CALL, FALLBACK, RE_VOTE, RENEWAL, VERSION = "second call", "fallback", "re-vote", "renewal", "version"
"""Why a matter opened by itself."""
BEFORE = (DRAFT, NOTICE)
"""A matter in one of these is not open yet."""


class RuleText(Struct, kw_only=True):
    """A version of the share rule, word for word."""

    number: int
    text: str
    title: str


class Objection(Struct, kw_only=True):
    """A reasoned no in a decision by consent; it stands until its author lifts it or a new version answers it."""

    by: str
    index: int
    answer: str = ""  # how the proposer answered: integrate, amend or withdraw
    lifted: int | None = None  # the entry with which its author took it back

    @property
    def stands(self) -> bool:
        """Whether nobody has answered it or taken it back."""
        return self.lifted is None and not self.answer


class Course(Struct, kw_only=True, omit_defaults=True):
    """How a matter has gone so far, beyond what every proposal has. Empty for proposals of the first form."""

    moved: bool = False  # of the second form: with terms, and every way of deciding
    reason: str = ""  # why it came to nothing, beyond what the count says
    why: str = ""  # why it opened by itself: "second call", "fallback", "re-vote", "renewal", "version"
    before: str = ""  # the proposal it follows
    after: str = ""  # the one that follows it
    put: int = 0  # ms; when it was put forward
    opens: int | None = None  # ms; when notice ends
    waivers: dict[str, int] = field(default_factory=dict)  # member -> entry: short notice is enough
    size: int | None = None  # entries in the log when it opened: the keys of that moment are on the roll
    ring: list[str] = field(default_factory=list)  # of a secret vote: a public key (hex) of each who is asked
    recused: list[str] = field(default_factory=list)
    aside: dict[str, int] = field(default_factory=dict)  # who stood aside -> entry
    struck: dict[str, int] = field(default_factory=dict)  # expelled meanwhile -> ms
    struck_said: list[str] = field(default_factory=list)  # those whose striking stands in the log
    roles: dict[str, list[str]] = field(default_factory=dict)  # role -> those of the roll at work in it
    extended: bool = False
    quorum_at: int | None = None  # ms; when the quorum was first reached
    opened_said: int | None = None  # the entry that published the roll
    late: dict[str, int] = field(default_factory=dict)  # person -> entry of a ballot that came after the end
    assisted: dict[str, int] = field(default_factory=dict)  # person -> entry of the ballot cast with help
    waits: int | None = None  # ms; until when ballots may be contested that it rests on
    counted: int | None = None  # entries in the log when it was counted, where it had to wait for that
    boxes: dict[str, str] = field(default_factory=dict)  # person -> sealed ballot, hex
    secret: str = ""  # hex; opens the boxes, once published
    mailed_by: dict[str, int] = field(default_factory=dict)  # who published secret ballots -> how many
    mailed_at: int | None = None  # ms; when the first of them were published
    mailed: list[str] = field(default_factory=list)  # sealed secret ballots, hex, as the mailbox published them
    opened: list[str] = field(default_factory=list)  # what the secret ballots say, once opened
    void: int = 0  # sealed ballots that held nothing that counts
    ended: int | None = None  # ms; when the ballot box closed
    held: int | None = None  # entries in the log when it closed
    root: str = ""  # hex; of all that was received before the end: what a lot is drawn by
    decided: int | None = None  # ms; when it was counted
    decision: Decision | None = None
    named: dict[str, Named] = field(default_factory=dict)  # who let whom vote, as it stood at the end
    carried: dict[str, str] = field(default_factory=dict)  # who did not vote -> who voted for them
    made: str = ""  # the rule that a vote on a number made
    objections: dict[str, Objection] = field(default_factory=dict)  # entry id -> objection
    challenges: dict[str, int] = field(default_factory=dict)  # member -> entry
    told: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)  # person -> (ms, how, what)
    told_by: dict[str, int] = field(default_factory=dict)  # who told others of it -> how many times in all
    outcome: int | None = None  # the entry with the outcome in words
    undo: str = ""  # what held before, for the day this lapses

    @property
    def ring_keys(self) -> list[bytes]:
        """The public keys of a secret vote, as its signatures are made and checked with."""
        return [bytes.fromhex(key) for key in self.ring]


class Proposal(Struct, kw_only=True):
    """A matter before the members, or decided.

    `status` is "open", then "failed" or "passed"; a rule that passed is "in force" in the end, or "superseded" where
    the rule it replaces no longer was the current one; a role, where by then it could not be given or ended any more.
    A matter of the second form begins as "draft" or "notice" where it has such a time; it is "closed" while sealed
    ballots wait to be opened, "decided" while it may be challenged, or before that while ballots cast with help may be
    contested that it rests on (then it is not counted yet), and "effective" once it has acted.
    """

    number: int
    id: str
    index: int
    by: str
    matter: Matter
    options: list[str]  # ids of text entries
    profile_name: str
    profile: Profile
    replaces: str | None
    opened: int
    closes: int
    roll: list[str]
    ballots: dict[str, str]
    status: str = OPEN
    since: int | None = None  # from when what was decided holds, or the instant it was superseded
    result: Result | None = None
    published: int | None = None  # index of the entry that published the outcome
    terms: Terms = Terms()
    course: Course = field(default_factory=Course)

    @property
    def is_decided(self) -> bool:
        """Whether it was counted."""
        return self.result is not None or self.course.decision is not None

    @property
    def passed(self) -> bool:
        """Whether the members said yes."""
        found = self.course.decision or self.result
        return found is not None and found.passed

    @property
    def voters(self) -> list[str]:
        """Those of the roll whose ballots count: without who is recused, stood aside or is struck."""
        out = {*self.course.recused, *self.course.aside, *self.course.struck}
        return [one for one in self.roll if one not in out] if out else self.roll

    @property
    def own_ballots(self) -> dict[str, str]:
        """The ballots that were cast without help: nobody else can have made them up."""
        return {one: said for one, said in self.ballots.items() if one not in self.course.assisted}

    @property
    def size(self) -> int:
        """Entries in the log when it opened; one of the first form opens with the entry that puts it."""
        return self.index if self.course.size is None else self.course.size


class Delegation(Struct, kw_only=True):
    """Somebody votes for another where she does not vote herself."""

    to: str
    scope: str  # "all", "topic", "role" or "proposal"
    of: str  # which topic, role or proposal; "" for all
    until: int | None  # ms
    index: int
    id: str

    def holds(self, at: int) -> bool:
        """Whether its last day is not over at this instant."""
        return self.until is None or self.until > at


class State(Struct, kw_only=True):
    """Everything the governance room knows."""

    rules: dict[str, RuleText] = field(default_factory=dict)  # SHA-256 of the text -> version
    force: list[tuple[int, str]] = field(default_factory=list)  # (from this instant, rule), oldest first
    waiting: list[str] = field(default_factory=list)  # proposals whose rule was passed and does not hold yet
    scheduled: list[tuple[int, str]] = field(default_factory=list)  # (from this instant, text) of a fallback
    profiles: dict[str, Profile] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # entry id -> text
    loose: dict[str, str] = field(default_factory=dict)  # text that no proposal names -> who put it down
    proposals: dict[str, Proposal] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)  # proposals that are not open and for which a day is set
    delegations: dict[str, list[Delegation]] = field(default_factory=dict)  # who -> to whom, by entry


def of(book: Book) -> State:
    """This room's part."""
    found: State = book.parts["governance"]
    return found
