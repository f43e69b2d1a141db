"""What the commands of this room do at the desk: log, time, take back, confirm; each says what was understood."""

from datetime import date, datetime, timedelta
from typing import Any

from contributions import state
from contributions.handing_in import Typed, check_circle, item, pick_kind, sentence, show_points, usual_role, week_of
from contributions.timer import Running, Timer
from ledger.assist_desk import say_for, told
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.localtime import local
from ledger.spans import parse_day, parse_minutes, show_minutes

MINUTE = 60_000


def log_one(desk: Desk, typed: Typed, day: str) -> None:
    """Record one piece of the person's own work and say what was understood."""
    _, person = desk.me
    today = desk.today
    made = item(desk.book, person, parse_day(day, today), today, typed)
    entry = desk.record("contributions.logged", {"items": [made]}).entry
    _tell_logged(desk, f"{entry.index}.1", person)


def log_for(desk: Desk, typed: Typed, day: str, helped: dict[str, str | None]) -> None:
    """Record a piece of somebody else's work as her own words, with a witness."""
    person = desk.names.person(helped["for_"] or "")
    today = desk.today
    made = item(desk.book, person, parse_day(day, today), today, typed)
    if made["note"] is not None or made["evidence"] is not None:
        raise Usage("What is logged for somebody has no note: the paper says it.", "Leave the words out.")
    entry = say_for(desk, person, "contributions.logged", {"items": [made]}, helped)
    if entry is not None:
        said = sentence(desk.book, desk.names, state.of(desk.book).work[f"{entry}.1"])
        desk.answer({"work": f"{entry}.1", "understood": said}, f"Logged {entry}.1: {said}", *told(desk, entry))


def _tell_logged(desk: Desk, key: str, person: str) -> None:
    book = desk.ledger.book
    work = state.of(book).work[key]
    minutes, points = week_of(book, person, datetime.fromisoformat(work.date).date())
    text = sentence(book, desk.names, work)
    monday = date.fromisoformat(work.date) - timedelta(days=date.fromisoformat(work.date).weekday())
    whose = "Week so far" if monday <= desk.today <= monday + timedelta(days=6) else f"Week of {monday}"
    week = f"{whose}: {show_minutes(minutes)}, {show_points(points)} points."
    data = {
        "work": key,
        "who": desk.names.of(person),
        "date": work.date,
        "role": work.role,
        "kind": work.kind,
        "qty": work.qty,
        "unit": work.unit,
        "circle": work.circle,
        "understood": text,
        "week": {"minutes": minutes, "points": str(points)},
    }
    desk.answer(data, f"Logged {key}: {text}", week)


def timer_of(desk: Desk) -> Timer:
    """The timer of the person at this desk."""
    person = desk.whoami
    return Timer(desk.home.kept(desk.ledger.known.founding, f"timer-{person}.json"))


def start_timer(desk: Desk, note: str | None, role: str | None, kind: str | None, circle: str, ago: str | None) -> None:
    """Begin to count, perhaps some minutes back."""
    person = desk.whoami
    check_circle(circle)
    chosen = role or usual_role(desk.book, person)
    name, measure = pick_kind(desk.book.ledger.catalogue, chosen, kind)
    if measure.unit != "minute":
        raise Usage(f"A {name} is not measured in time.", f"Log it when it is done: tally log --kind {name}")
    since = desk.now - (parse_minutes(ago) * MINUTE if ago else 0)
    timer_of(desk).start(Running(since=since, note=note, role=chosen, kind=name, circle=circle))
    data = {"since": since, "role": chosen, "kind": name, "circle": circle, "note": note}
    desk.answer(data, f"Started at {_clock(desk, since)}: {chosen}/{name}. `tally stop` logs it.")


def stop_timer(desk: Desk, note: str | None, role: str | None, drop: bool) -> None:
    """Log the minutes since the start, on the day it began; the timer is forgotten only after that."""
    timer = timer_of(desk)
    running = timer.must_run()
    if drop:
        timer.clear()
        desk.answer({"dropped": True}, "The timer is forgotten; nothing was logged.")
        return
    # Half a minute counts as one: nobody logs nothing by stopping quickly.
    minutes = max(1, (desk.now - running.since + MINUTE // 2) // MINUTE)
    if minutes > state.PER_ITEM_MAX:
        raise Refused(
            f"The timer has run for {show_minutes(minutes)}, more than 16 hours; it was forgotten, probably.",
            "`tally stop --drop`, then log what it was: tally log LENGTH NOTE --date DAY",
        )
    day = local(desk.ledger.book, running.since).date()
    words = (show_minutes(minutes), note or running.note)
    typed = Typed(
        words=tuple(word for word in words if word),
        role=role or running.role,
        kind=running.kind,
        amount=None,
        circle=running.circle,
        refs=(),
        beside=(),
        gift=False,
        evidence=None,
    )
    log_one(desk, typed, day.isoformat())
    timer.clear()


def show_status(desk: Desk) -> None:
    """What runs, and the week so far."""
    person = desk.whoami
    running = timer_of(desk).read()
    minutes, points = week_of(desk.book, person, desk.today)
    if running is None:
        first = "No timer is running."
    else:
        ran = max(0, desk.now - running.since) // MINUTE
        about = f": {running.note}" if running.note else ""
        first = (
            f"Running since {_clock(desk, running.since)} ({show_minutes(ran)}), {running.role}/{running.kind}{about}"
        )
    drafts = sum(work.who == person and not work.counts for work in state.of(desk.book).work.values())
    lines = [first, f"Week so far: {show_minutes(minutes)}, {show_points(points)} points."]
    lines += [f"{drafts} drafts of your work wait for your yes: tally work confirm"] if drafts else []
    data: dict[str, Any] = {
        "running": None
        if running is None
        else {"since": running.since, "role": running.role, "kind": running.kind, "note": running.note},
        "week": {"minutes": minutes, "points": str(points)},
        "drafts": drafts,
    }
    desk.answer(data, *lines)


def take_back(desk: Desk, wanted: str | None) -> None:
    """Retract what the person logged last, or an entry, or one item of it."""
    _, person = desk.me
    open_work = state.of(desk.book).work
    mine = [key for key, work in open_work.items() if person in (work.by, work.who)]
    if wanted is None:
        own = [key for key in mine if open_work[key].by == person]
        if not own:
            raise Refused("There is nothing of yours to take back: all of it lies in closed periods, or there is none.")
        entry = own[-1].partition(".")[0]
        keys = [key for key in own if key.partition(".")[0] == entry]
    else:
        keys = [key for key in mine if wanted in (key, key.partition(".")[0])]
        if not keys:
            raise Refused(
                f"{wanted} is no open work of yours.", "`tally work list` shows yours; a closed period is not changed."
            )
    told = [sentence(desk.book, desk.names, open_work[key]) for key in keys]
    desk.record("contributions.retracted", {"items": references(desk, keys)})
    lines = [f"Taken back {key}: {text}" for key, text in zip(keys, told, strict=True)]
    desk.answer({"taken_back": keys}, *lines)


def confirm_drafts(desk: Desk, wanted: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Let drafts of the person's own work count."""
    _, person = desk.me
    works = state.of(desk.book).work
    drafts = {key: work for key, work in works.items() if work.who == person and not work.counts}
    chosen = [key for key in drafts if everything or not wanted or key in wanted or key.partition(".")[0] in wanted]
    unknown = [one for one in wanted if not any(one in (key, key.partition(".")[0]) for key in drafts)]
    if unknown:
        raise Refused(f"{unknown[0]} is no draft of your work.", "`tally work list --drafts` shows what waits.")
    if not chosen:
        desk.answer({"confirmed": []}, "No drafts of your work wait for a yes.")
        return
    for key in chosen[:20] if not yes else ():
        desk.note(f"{key}: {sentence(desk.book, desk.names, drafts[key])}")
    if len(chosen) > 20 and not yes:
        desk.note(f"… and {len(chosen) - 20} more")
    desk.confirm(f"Are these {len(chosen)} yours, as they stand?", yes)
    for start in range(0, len(chosen), CONFIRM_AT_ONCE):
        desk.record("contributions.confirmed", {"items": references(desk, chosen[start : start + CONFIRM_AT_ONCE])})
    desk.answer({"confirmed": chosen}, f"Confirmed {len(chosen)}: they count from now on.")


CONFIRM_AT_ONCE = 2_000


def references(desk: Desk, keys: list[str]) -> list[dict[str, Any]]:
    """How an entry refers to these items: by the id of their entry and their numbers."""
    works = state.of(desk.ledger.book).work
    grouped: dict[str, list[int]] = {}
    for key in keys:
        grouped.setdefault(works[key].entry, []).append(int(key.partition(".")[2]))
    return [{"entry": entry, "items": sorted(numbers)} for entry, numbers in grouped.items()]


def _clock(desk: Desk, ms: int) -> str:
    return f"{local(desk.ledger.book, ms):%H:%M}"
