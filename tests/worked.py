"""Elections small enough to count on paper, as plain data: what members are shown is what is counted here."""

from fractions import Fraction
from typing import Any

WORKED: tuple[dict[str, Any], ...] = (
    {
        "name": "nine members, three places to meet",
        "method": "approval",
        "options": ("barn", "hall", "café"),
        "ballots": [[4, [["barn", "hall"]]], [3, [["hall", "café"]]], [2, [["café"]]]],
        "terms": {},
        "winners": ("hall",),
        "last": "Elected: hall (7 approvals).",
    },
    {
        "name": "a tie that what is in force now wins",
        "method": "approval",
        "options": ("as it is", "barn"),
        "ballots": [[3, [["barn"]]], [3, [["as it is"]]]],
        "terms": {"status_quo": "as it is"},
        "winners": ("as it is",),
        "last": "Elected: as it is (3 approvals: as it is and barn tie, and what is in force now wins a tie).",
    },
    {
        "name": "points for three machines",
        "method": "score",
        "options": ("lathe", "press", "saw"),
        "ballots": [[3, {"lathe": 5, "press": 4}], [2, {"press": 3, "saw": 5}]],
        "terms": {},
        "winners": ("press",),
        "last": "Elected: press (18 points).",
    },
    {
        "name": "STAR: three tie for two places, and the runoff ties twice",
        "method": "star",
        "options": ("A", "B", "C", "D"),
        "ballots": [
            [1, {"A": 1, "B": 2, "C": 4, "D": 2}],
            [3, {"A": 1, "B": 0, "C": 0, "D": 1}],
            [2, {"A": 4, "B": 5, "C": 4, "D": 2}],
        ],
        "terms": {},
        "winners": ("B",),
        "last": "Elected: B.",
    },
    {
        "name": "CSSD: a circle, and its weakest defeat",
        "method": "cssd",
        "options": ("A", "B", "C", "D"),
        "ballots": [
            [4, [["A"], ["B"], ["C"], ["D"]]],
            [3, [["B"], ["C"], ["A"], ["D"]]],
            [2, [["C"], ["A"], ["B"], ["D"]]],
        ],
        "terms": {"default": "D"},
        "winners": ("A",),
        "last": "Elected: A.",
    },
    {
        "name": "CSSD: a circle of equals is a tie",
        "method": "cssd",
        "options": ("A", "B", "C", "D"),
        "ballots": [
            [1, [["A"], ["B"], ["C"], ["D"]]],
            [1, [["B"], ["C"], ["A"], ["D"]]],
            [1, [["C"], ["A"], ["B"], ["D"]]],
        ],
        "terms": {"default": "D"},
        "winners": (),
        "last": "No result: A, B and C tie, and this way of counting alone cannot choose between them.",
    },
    {
        "name": "CSSD: two to one is not three to one",
        "method": "cssd",
        "options": ("articles", "paint", "as it is"),
        "ballots": [[6, [["articles"], ["paint"], ["as it is"]]], [3, [["as it is"], ["paint"], ["articles"]]]],
        "terms": {"default": "as it is", "ratios": {"articles": Fraction(3)}},
        "winners": ("paint",),
        "last": "Elected: paint.",
    },
    {
        "name": "a capital for Tennessee",
        "method": "irv",
        "options": ("Memphis", "Nashville", "Chattanooga", "Knoxville"),
        "ballots": [
            [42, [["Memphis"], ["Nashville"], ["Chattanooga"], ["Knoxville"]]],
            [26, [["Nashville"], ["Chattanooga"], ["Knoxville"], ["Memphis"]]],
            [15, [["Chattanooga"], ["Knoxville"], ["Nashville"], ["Memphis"]]],
            [17, [["Knoxville"], ["Chattanooga"], ["Nashville"], ["Memphis"]]],
        ],
        "terms": {},
        "winners": ("Knoxville",),
        "last": "Elected: Knoxville (58 of the 100 that count in round 3). "
        "Notice: Nashville would have beaten every other option one against one.",
    },
    {
        "name": "three seats, and a surplus that goes past somebody elected",
        "method": "stv",
        "options": ("A", "B", "C", "D"),
        "ballots": [
            [40, [["A"], ["B"], ["C"], ["D"]]],
            [35, [["B"], ["C"], ["A"], ["D"]]],
            [15, [["C"], ["D"], ["A"], ["B"]]],
            [10, [["D"], ["C"], ["B"], ["A"]]],
        ],
        "terms": {"seats": 3},
        "winners": ("A", "B", "C"),
        "last": "Elected: A, B and C.",
    },
    {
        "name": "an hourly rate, an odd number of members",
        "method": "median",
        "options": (),
        "ballots": [[1, 5], [1, 10], [1, 20]],
        "terms": {"status_quo": 7},
        "winners": ("10",),
        "last": "Elected: 10 (the middle).",
    },
    {
        "name": "two members, and what is in force now between them",
        "method": "median",
        "options": (),
        "ballots": [[1, 5], [1, 20]],
        "terms": {"status_quo": 7},
        "winners": ("7",),
        "last": "Elected: 7 (the middle).",
    },
    {
        "name": "two members, and what is in force now above both",
        "method": "median",
        "options": (),
        "ballots": [[1, 5], [1, 20]],
        "terms": {"status_quo": 30},
        "winners": ("20",),
        "last": "Elected: 20 (the middle).",
    },
    {
        "name": "two members who are near to one another",
        "method": "median",
        "options": (),
        "ballots": [[1, 5], [1, 6]],
        "terms": {"status_quo": 30},
        "winners": ("6",),
        "last": "Elected: 6 (the middle).",
    },
    {
        "name": "nobody named a number",
        "method": "median",
        "options": (),
        "ballots": [],
        "terms": {"status_quo": Fraction(15, 2)},
        "winners": ("15/2",),
        "last": "Elected: 15/2 (the middle).",
    },
)


def percents(**parts: int) -> dict[str, Fraction]:
    """Parts of the pot in percent."""
    return {option: Fraction(part, 100) for option, part in parts.items()}


POTS: tuple[tuple[str, list[Any], dict[str, Fraction]], ...] = (
    (
        "three all for A, two all for B",
        [[3, percents(A=100)], [2, percents(B=100)]],
        {"A": Fraction(3, 5), "B": Fraction(2, 5), "C": Fraction(0)},
    ),
    (
        "everybody for one thing only",
        [[2, percents(A=100)], [3, percents(B=100)], [1, percents(C=100)]],
        {"A": Fraction(1, 3), "B": Fraction(1, 2), "C": Fraction(1, 6)},
    ),
    ("all the same", [[4, percents(A=60, B=25, C=15)]], percents(A=60, B=25, C=15)),
    (
        "two who differ",
        [[1, percents(A=70, B=20, C=10)], [1, percents(A=50, B=30, C=20)]],
        percents(A=50, B=30, C=20),
    ),
    (
        "those two, and one for C",
        [[1, percents(A=70, B=20, C=10)], [1, percents(A=50, B=30, C=20)], [1, percents(A=20, B=20, C=60)]],
        percents(A=50, B=25, C=25),
    ),
    (
        "one for each",
        [[1, percents(A=50, B=25, C=25)], [1, percents(A=20, B=60, C=20)], [1, percents(C=100)]],
        dict.fromkeys("ABC", Fraction(1, 3)),
    ),
)
"""Split the pot: what is proposed, and what each option gets."""
