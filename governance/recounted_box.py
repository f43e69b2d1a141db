"""The ballot box of a vote filled again from what its members said: what could be said, when, and what counts.

Pure.
"""

# What was said.


def _check_said(export: Export, book: Book, proposal: Proposal, one: Stated, marks: tuple[str, ...]) -> None:
    """Raise NotRecounted unless this could be said, by this person, at this time."""
    why = _fault(export, book, proposal, one) or _time_fault(export, one)
    late = isinstance(one.fact, Voted | BallotCast | BallotSealed) and one.index >= export.vote.held
    expected = (*((LATE,) if late else ()), *((ASSISTED,) if one.is_assisted else ()))
    if not why and marks != expected:
        why = f"it is marked {', '.join(marks) or 'as usual'}, and is {', '.join(expected) or 'as usual'}"
    if why:
        raise NotRecounted(name_of(BALLOTS, one.index), why)


def _fault(export: Export, book: Book, proposal: Proposal, one: Stated) -> str:
    """Why this is nothing that is said in this vote; "" where it is."""
    fact, profile = one.fact, export.profile
    if isinstance(fact, Lifted):
        return "" if profile.method == CONSENT else "nobody objects in this vote"
    if not isinstance(fact, Voted | BallotCast | BallotSealed | BallotsMailed | Objected):
        return "it is no ballot"
    if fact.proposal != export.vote.id:
        return "it is of another vote"
    if not isinstance(fact, BallotsMailed) and one.author not in proposal.roll:
        return "its author is not on the roll"
    if not isinstance(fact, BallotsMailed) and one.author in proposal.course.recused:
        return "its author was recused"
    if type(fact) is not _kind_of(profile):
        return "it is not how members vote in this vote"
    if isinstance(fact, Voted | BallotCast):
        return _spelling_fault(export, book, proposal, fact.choice)
    return ""


def _kind_of(profile: Profile) -> type:
    if profile.method == CONSENT:
        return Objected
    if profile.secrecy != "open":
        return BallotSealed if profile.secrecy == "sealed" else BallotsMailed
    return Voted if profile.method == YES_NO else BallotCast


def _spelling_fault(export: Export, book: Book, proposal: Proposal, choice: str) -> str:
    try:
        check_spelled(book, proposal, choice)
    except TallyError as error:
        return f"it says nothing that counts: {error.message.rstrip('.')}"
    return ""


def _time_fault(export: Export, one: Stated) -> str:
    """Why this came at another time than it had to; "" where it came in time. Late ballots come after the end."""
    vote, received = export.vote, one.entry.received
    if one.index < vote.size or one.index <= vote.first or received < vote.opened:
        return "it came before the vote opened"
    if isinstance(one.fact, BallotsMailed):
        return "" if one.index >= vote.held and received >= vote.ended else "it was published before the end"
    in_time = received <= vote.ended if _is_early(export) else received < vote.ended
    if one.index < vote.held and not in_time:
        return "it came after the end, and is counted"
    if one.index >= vote.held and received < vote.ended:
        return "it came before the end, and is not counted"
    if one.index >= vote.held and isinstance(one.fact, Objected | Lifted):
        return "it came after the end"
    return ""


def _usual_end(export: Export) -> int:
    return export.vote.opened + export.profile.length_hours * HOUR


def _is_early(export: Export) -> bool:
    return export.vote.ended < _usual_end(export)


def _fill(export: Export, book: Book, proposal: Proposal) -> None:
    """The box as it was at the end: of each person the last ballot that somebody stood by."""
    course, disputed = proposal.course, book.ledger.disputed
    if not export.is_moved:
        proposal.ballots = first_ballots(export, book)
    for one, _ in export.leaves.said:
        fact = one.fact
        if isinstance(fact, BallotsMailed):
            course.mailed += fact.boxes
            course.mailed_at = one.entry.received if course.mailed_at is None else course.mailed_at
        elif one.entry.id in disputed or one.index >= export.vote.held:
            continue
        elif isinstance(fact, Voted | BallotCast):
            proposal.ballots[one.author] = fact.choice
        elif isinstance(fact, BallotSealed):
            course.boxes[one.author] = fact.box
        elif isinstance(fact, Objected):
            course.objections[one.entry.id] = Objection(by=one.author, index=one.index)
    _lift(export, proposal)
    if export.vote.follows == () and proposal.id in disputed:
        proposal.ballots, course.boxes, course.ring = {}, {}, []


def _lift(export: Export, proposal: Proposal) -> None:
    """Objections that their authors took back stand no more."""
    for one, _ in export.leaves.said:
        if isinstance(one.fact, Lifted):
            found = proposal.course.objections.get(one.fact.objection)
            if found is not None and found.by == one.author:
                found.lifted = one.index


def _check_end(export: Export, book: Book, proposal: Proposal) -> None:
    """Raise NotRecounted unless the vote could end when it did, and open what was sealed."""
    vote, profile, usual = export.vote, export.profile, _usual_end(export)
    longer = usual + profile.extension_hours * HOUR
    if not export.first.entry.received <= vote.opened <= vote.ended or vote.held < vote.size:
        raise NotRecounted(PROPOSAL, "it ends before it opens")
    if vote.ended not in (usual, longer) and not (_is_early(export) and _ended_early(export, book, proposal)):
        raise NotRecounted(PROPOSAL, "the vote did not end when its profile says")
    if any(at > vote.ended for at in export.roll.struck.values()):
        raise NotRecounted(ROLL, "somebody is struck after the end")
    proposal.course.ended = vote.ended
    if profile.secrecy != "open":
        _open(export, book, proposal)


def _ended_early(export: Export, book: Book, proposal: Proposal) -> bool:
    """Whether nothing could change the result any more, and that came to be with a statement at that instant."""
    if not export.profile.early or export.vote.ended not in _instants(export):
        return False
    if export.is_moved:
        return tally.is_settled(box_of(book, proposal, export.vote.ended))
    return first_form.decided_early(export.profile, proposal.voters, proposal.ballots)


def _instants(export: Export) -> Iterable[int]:
    return (one.entry.received for one in export.leaves.all if one.index < export.vote.held)


def _open(export: Export, book: Book, proposal: Proposal) -> None:
    """Open the sealed ballots with what was published after the end."""
    found = of_fact(export.leaves.statements, Unsealed)
    lock = proposal.terms.sealing
    if len(found) != 1 or lock is None:
        raise NotRecounted(STATEMENTS, "nothing opens the sealed ballots")
    one, secret = found[0], found[0].fact
    where = name_of(STATEMENTS, one.index)
    proposal.status = CLOSED
    if not isinstance(secret, Unsealed) or secret.proposal != proposal.id or one.index < export.vote.held:
        raise NotRecounted(where, "it does not open the ballots of this vote after its end")
    if not sealing.matches(bytes.fromhex(secret.secret), bytes.fromhex(lock.public)):
        raise NotRecounted(where, "it does not open the ballots of this vote")
    check_opening_time(proposal, one.entry.received)
    for mailed, _ in export.leaves.said:
        if isinstance(mailed.fact, BallotsMailed):
            check_mail_time(proposal, mailed.entry.received)
    proposal.course.secret = secret.secret
    unseal(book, proposal)


