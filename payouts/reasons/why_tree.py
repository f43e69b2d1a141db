"""The reasons for an amount, drawn as a tree: each line can be redone by calculator from the lines below it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from rich.text import Text
from rich.tree import Tree

from governance.rule import BALANCE
from ledger.spans import show_minutes
from payouts.amounts import number, read_back, readable
from payouts.taken_off.deductions_words import bank_words


def why_tree(data: dict[str, Any]) -> Tree:
    """The answer of `why_data` as a tree."""
    tree = _root(data, data["period"], [_capital(bank_words(data["bank"], data["currency"]))])
    _income(tree, data["income"], data["currency"])
    _pots(tree, data)
    if data["early"]:
        _early(tree, data["early"])
    _together(tree, data, [])
    for one in data["corrections_before"]:
        _correction(tree, one, "Before this run, and in what lay there: ")
    for row in data["lies_on"]:
        if row["account"] == BALANCE:
            continue  # the first line says it
        _add(tree, f"{_capital(row['account'])}: {row['opening']} before + {row['shares']} = {row['closing']} now")
    for one in data["corrections"]:
        _correction(tree, one, "Corrected by ")
    for row in data["lies_on"] if data["corrections"] else ():
        if row["account"] != BALANCE:
            after = f"{row['closing']} then + {row['corrections']} corrections = {row['corrected']}"
            _add(tree, f"{_capital(row['account'])} as corrected: {after}")
    return tree


def _correction(tree: Tree, one: dict[str, Any], ahead: str) -> None:
    """An amendment and what it changed for the person, pot by pot."""
    node = _add(tree, f"{ahead}{one['amendment']} (entry {one['entry']}): {one['change']}; {one['words']}")
    for pot, amount in one["pots"].items():
        _add(node, f"{amount} from {pot}")


def year_tree(data: dict[str, Any]) -> Tree:
    """The answer of `why_year` as a tree."""
    tree = _root(data, f"book year {data['year']}", [])
    branch = _add(tree, _capital(data["result"]))
    for one in data["bears"]:
        _add(branch, f"The result bears {one['more']} tax of {one['year']}, set right in entry {one['entry']}")
    _add(branch, _capital(data["outcome"]))
    for one in data["interest"]:
        words = f"{one['rate']} of {one['opening']} that lay on {one['account']} when the year began, rounded down"
        _add(tree, f"Interest {one['amount']}: {words}")
    _pots(tree, data)
    _together(tree, data, [f"{one['amount']} (interest)" for one in data["interest"]])
    for row in data["lies_on"]:
        interest = f" + {row['interest']} interest" if Fraction(row["interest"]) else ""
        taken = f" - {row['taken']} taken off" if Fraction(row["taken"]) else ""
        sums = f"{row['opening']} before the close{interest} + {row['shares']}{taken} = {row['closing']} after it"
        _add(tree, f"{_capital(row['account'])}: {sums}")
    for row in data["capital"]:
        sums = f"{row['opening']} + {row['periods']} of the periods + {row['interest']} interest + {row['share']} share"
        seldom = (one for one in ("corrected", "redeemed", "lapsed") if Fraction(row[one]))
        sums += "".join(f" {'-' if row[one][0] == '-' else '+'} {row[one].lstrip('-')} {one}" for one in seldom)
        _add(tree, f"{_capital(row['account'])} over the year: {sums} = {row['closing']}")
    return tree


def _root(data: dict[str, Any], of: str, first: list[str]) -> Tree:
    tree = Tree(Text(f"{data['name']}, {of}: {data['total']} {data['currency']}", style="bold"))
    for words in [*first, f"By {data['rule']['words']}"]:
        _add(tree, words)
    return tree


def _pots(tree: Tree, data: dict[str, Any]) -> None:
    """The pots on the way with the person's shares, and those that gave nothing."""
    shares = {share["pot"]: share for share in data["shares"]}
    for pot in data["pots"]:
        _pot(tree, pot, shares.get(pot["pot"]))
    for one in data["nothing"]:
        _add(tree, f"Nothing from {one['pot']}: {one['why']}")


def _together(tree: Tree, data: dict[str, Any], before: list[str]) -> None:
    sums = before + [f"{share['amount']} ({share['pot']})" for share in data["shares"]]
    _add(tree, f"Together {' + '.join(sums) or 'nothing'} = {data['total']} {data['currency']}")


def _capital(words: str) -> str:
    """Words that begin a line; all letters but the first stay as the rule has them."""
    return words[0].upper() + words[1:]


def _add(tree: Tree, words: str) -> Tree:
    return tree.add(Text(words))


def _income(tree: Tree, income: dict[str, Any], currency: str) -> None:
    sums = f"{income['total_received']} received - {income['total_spent']} spent"
    branch = _add(tree, f"Income {sums} = {income['income']} {currency}")
    for sign, key in (("+", "received"), ("-", "spent")):
        for one in income[key]:
            ref = f", {one['ref']}" if one["ref"] else ""
            ref += f", {one['foreign']}" if one["foreign"] else ""
            # What a supplier took off its bills is a cost below zero.
            is_credit = one["amount"].startswith("-")
            amount = f"+ {one['amount'][1:]} credited by" if is_credit else f"{sign} {one['amount']}"
            _add(branch, f"{amount} {one['party']}{ref}, booked {one['booked']} (entry {one['entry']})")
    for one in income["went_back"]:
        ref = f", {one['ref']}" if one["ref"] else ""
        back = f"{one['amount']} went back to {one['party']}{ref} (entry {one['entry']})"
        _add(branch, f"of entry {one['receipt']} {back}, and is not in it any more")


def _pot(tree: Tree, pot: dict[str, Any], share: dict[str, Any] | None) -> None:
    """A pot on the way: what it held and from where, its clause of the rule, and its parts or the person's share."""
    carried = [{"from": "carried from before", "amount": pot["carried"]}] if Fraction(pot["carried"]) else []
    branch = _add(tree, f"Pot {pot['pot']} held {pot['amount']}{_given(carried + pot['inflows'])}")
    _add(branch, _capital(pot["clause"]))
    for part in pot["parts"]:
        said = "before rounding" if read_back(part["exact"]) is None else "exactly"
        exact = "" if Fraction(part["amount"]) == read_back(part["exact"]) else f", {said} {part['exact']}"
        to = "" if part["to"] == "rest" else f" to {part['to']}"
        _add(branch, f"{part['amount']}: {part['words']}{to}{exact}")
    if share is not None:
        _share(branch, share)


def _given(sources: list[dict[str, str]]) -> str:
    """Where the money of a pot came from: ", from income", or " = 4200.00 receipts - 350.00 costs"."""
    if len(sources) == 1 and (sources[0]["amount"][0] != "-" or sources[0]["from"] not in ("refunds", "costs")):
        return f", from {sources[0]['from'].removeprefix('carried from ')}"
    said = [f"{'- ' if one['amount'][0] == '-' else '+ '}{one['amount'].lstrip('-')} {one['from']}" for one in sources]
    return f" = {' '.join(said).removeprefix('+ ')}" if said else ""


def _share(branch: Tree, share: dict[str, Any]) -> None:
    """The person's share: weight, exact share, left-over cent, and where it lies."""
    node = branch.add(Text(f"Share {share['amount']}", style="bold"))
    measure = share["measure"]
    people = "nobody else shares" if share["people"] == 1 else f"{share['people']} people share"
    weight = _add(
        node, f"Weighs {_both(share['weight'])} {measure}, all together {_both(share['together'])} ({people})"
    )
    for words, pieces in _weighing(share["weighing"], measure):
        _pieces(_add(weight, words), pieces)
    _add(node, _formula(share))
    cent = "a left-over cent" if Fraction(share["cent"]) else "no left-over cent"
    drift = f"rounding over all time {share['drift_before']} before, {share['drift_after']} now"
    _add(node, f"{share['rounded_down']} + {share['cent']} ({cent}) = {share['amount']}; {drift}")
    if list(share["into"]) != ["balance"]:
        parts = [f"{amount} on {account}" for account, amount in share["into"].items()]
        _add(node, f"Lies: {' + '.join(parts) or 'nowhere'}")


def _pieces(row: Tree, pieces: list[dict[str, Any]]) -> None:
    for piece in pieces:
        note = f' "{piece["note"]}"' if piece["note"] else ""
        _add(row, f"{piece['piece']}  {piece['date']}  {piece['quantity']}{note}")


def _early(tree: Tree, early: dict[str, Any]) -> None:
    """Work that weighs nothing in any pot, whatever else there is."""
    words = f"Weighs nothing, being dated before {early['weighs_from']}, when {early['began']} began:"
    _pieces(_add(tree, words), early["pieces"])


def _both(exact: str) -> str:
    return f"{readable(exact)} (= {exact})" if "/" in exact else exact


def _weighing(weighing: dict[str, Any], measure: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lines under a weight: words, and the pieces below them."""
    if "open_before" in weighing:
        new = [f"{amount} claimed anew ({life})" for life, amount in weighing["claimed"].items()]
        lapsed = weighing["lapsed"]
        beyond = "" if read_back(lapsed) == 0 else f" - {lapsed} beyond what can ever be booked, which lapses"
        yield " + ".join([f"= {weighing['open_before']} open from before", *new]) + beyond, []
    if "balanced" in weighing:
        how = weighing["balanced"]
        yield f"= {how['ever']} ever given × {how['own']} own - {how['given_before']} given × {how['all']} of all", []
    for row in weighing.get("work", ()):
        yield _work(row, measure if measure in ("points", "hours") else ""), row["pieces"]
    for one in weighing.get("thanks", ()):
        yield f"{one['weighs']}: thanked in entry {one['entry']}", []
    for one in weighing.get("receipts", ()):
        yield f"{one['amount']} received for {', '.join(one['deals'])} × {one['part']} (entry {one['entry']})", []


def _work(row: dict[str, Any], points: str) -> str:
    """One kind of work: "code/hour: 12.5 h × 10 per 1h = 125 points"."""
    circle = f" in {row['circle']}" if row["circle"] else ""
    back = "" if row["age"] == 0 else f", {row['period']}, {row['age']} {'run' if row['age'] == 1 else 'runs'} back"
    when = f", {row['period']}" if row["of_year"] else back
    faded = f" × {row['fade']} (faded)" if row["fade"] != "1" else ""
    late = ", by the rule of its own date" if row["other_rule"] else ""
    late += ", disputed" if row.get("disputed") else ""
    came = (
        f" received (entry {row['receipt']['entry']}) for {', '.join(row['receipt']['deals'])}"
        if "receipt" in row
        else ""
    )
    unit = _quantity(row["quantity"], row["unit"]) + came
    each, _, per = row["measure"].partition(" per ")
    measure = f"{each} each" if per == "1" else row["measure"]
    exact = read_back(row["weighs"])
    weighs = f"{row['weighs'] if exact is None else _both(number(exact))} {points}".strip()
    return f"{row['role']}/{row['kind']}{circle}{when}{late}: {unit} × {measure}{faded} = {weighs}"


def _quantity(exact: str, unit: str) -> str:
    """How much it was: "2 h", and "6h38 (199/30 h)" where the hours are not whole: as people write, and exactly."""
    said, value = f"{exact} {unit}".strip(), read_back(exact)
    if unit != "h" or value is None or value.denominator == 1:
        return said
    return f"{show_minutes(int(value * 60))} ({said})"


def _formula(share: dict[str, Any]) -> str:
    """How the weight becomes the exact share."""
    exact = share["exact"]
    if exact.endswith("…") and not share["exact_fraction"].endswith("…"):
        exact += f" (exactly {share['exact_fraction']})"
    rate = share["rate"]
    if rate is None:
        return f"{exact}: {share['held_at'] or 'in proportion to the floors, which exceed the pot'}"
    in_short = rate["base"].endswith("…") and not rate["base_fraction"].endswith("…")
    base = f"({rate['base_fraction']})" if in_short else rate["base"]
    without = f" (without {rate['fixed']} at caps and floors)" if Fraction(rate["fixed"].rstrip("…")) else ""
    if rate["as_if_uncapped"]:
        without = " (as if nobody were capped)"
    return f"{base}{without} × {_bracketed(share['weight'])} / {_bracketed(rate['free'])} = {exact}"


def _bracketed(exact: str) -> str:
    return f"({exact})" if "/" in exact else exact
