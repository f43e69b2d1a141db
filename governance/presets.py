"""The ways of deciding a cooperative begins with. Starting points, not legal advice; members change them by vote."""

from msgspec.structs import replace

from governance.profile import PLAIN, Quorum

DAY = 24  # hours
ALL_AGREE = (1, 1)
JOINING = "joining"
"""The profile of votes that a joiner's own statement opens."""

HALF = replace(PLAIN, base="for+against", quorum=Quorum(kind="participation", number=0, fraction=(1, 2)))

CORE = {
    "simple-majority": PLAIN,
    "two-thirds": replace(PLAIN, threshold=(2, 3), strict=False, length_hours=14 * DAY),
    JOINING: replace(PLAIN, length_hours=14 * DAY, early=True),
}
"""What every ledger has from its founding: the program itself opens votes by them."""

PRESETS = CORE | {
    # Model rules of worker co-operatives in the UK (Co-operatives UK; freerange/coop-model-documents): half of the
    # members, two at least; fourteen clear days, fewer where nine in ten agree; those present decide at the second.
    "uk-worker-coop-meeting": replace(
        PLAIN,
        base="cast",
        quorum=Quorum(kind="max", number=2, fraction=(1, 2)),
        notice_days=14,
        length_hours=2 * DAY,
        waiver=(9, 10),
        second_call=Quorum(kind="fixed", number=1, fraction=(0, 1)),
        roll_min=2,
    ),
    # Companies Act 2006, s. 282 and 297: a majority of all who may vote, within 28 days, agreed once it is reached.
    "uk-written-resolution": replace(PLAIN, length_hours=28 * DAY, early=True, delegation_cap=0),
    # Debian Constitution, section 6 and appendix A: two weeks, a quorum of 3/2 of the square root, status quo listed.
    "debian-options": replace(
        PLAIN,
        method="cssd",
        base="for+against",
        quorum=Quorum(kind="sqrt", number=0, fraction=(0, 1)),
        length_hours=14 * DAY,
    ),
    # Silence is consent: what should not pass in a quiet week is left to votes, until members say otherwise.
    "consent": replace(PLAIN, method="consent", fallback="two-thirds", decides=("text", "role")),
    "entrenched-100": replace(
        PLAIN,
        threshold=ALL_AGREE,
        strict=False,
        notice_days=14,
        length_hours=28 * DAY,
        delegation_cap=0,
        entrenched=True,
    ),
    "pilot-unit": replace(
        PLAIN,
        base="for+against",
        quorum=Quorum(kind="participation", number=2, fraction=(1, 3)),
        length_hours=3 * DAY,
        extension_hours=DAY,
        second_call=Quorum(kind="fixed", number=2, fraction=(0, 1)),
        challenge_hours=3 * DAY,
        challengers=2,
        decides=("text",),
    ),
    # The ways of voting that no by-law above uses, each as a profile to start from: half of the members take part.
    "approval": replace(HALF, method="approval"),
    "score": replace(HALF, method="score"),
    "star": replace(HALF, method="star"),
    "instant-runoff": replace(HALF, method="irv"),
    "scottish-stv": replace(HALF, method="stv", tie="lot", length_hours=14 * DAY),
    "median": replace(HALF, method="median"),
    "split-the-pot": replace(HALF, method="pot"),
    "sealed": replace(PLAIN, secrecy="sealed"),
    "secret": replace(HALF, secrecy="secret", delegation_cap=0, roll_min=5),
}
