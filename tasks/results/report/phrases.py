"""Phrases about figures: counts with their noun, amounts, and how one figure became another.

A figure counts as unchanged if it reads the same: nobody can see a difference that is rounded away.
"""

from collections.abc import Sequence

from tasks.results.report.html import shown
from tasks.results.report.key_figures import ratio
from tasks.text.money import MILLION, Money

#: From here on amounts are written in millions with one decimal, from a tenth of a million with two.
_ONE_DECIMAL = 10 * MILLION
_TWO_DECIMALS = MILLION // 10


def people(count: float, noun: str = "employee") -> str:
    """Return a count with its noun: no employees, 1 employee, 2,000 employees, 12.5 employees."""
    text = shown(count, "count")
    if is_nothing(text):
        return f"no {noun}s"
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def amount(money: Money, value: float, *, sign: str = "") -> str:
    """Return an amount, in millions unless it is small."""
    if abs(value) < _TWO_DECIMALS:
        return money.without_cents(value, sign=sign)
    return money.millions(value, digits=1 if abs(value) >= _ONE_DECIMAL else 2, sign=sign)


def percent(before: float, after: float) -> str:
    """Return a change in brackets after a blank: (+4.1%); nothing if there is no number to compare with."""
    change = ratio(before, after)
    return "" if change is None else f" ({shown(change, 'change')})"


def is_nothing(text: str) -> bool:
    """Return whether a number reads as 0."""
    digits = [character for character in text if character.isdigit()]
    return bool(digits) and not any(character in "123456789" for character in digits)


def became(
    before: tuple[float, str], after: tuple[float, str], when: tuple[str, str], verbs: tuple[str, str, str]
) -> str:
    """Return how a figure became another, each with text and time, by verbs for up, down and no change."""
    up, down, same = verbs
    (first, first_text), (last, last_text) = before, after
    if first_text == last_text:
        return f"{same} {first_text} {when[0]} and {when[1]}"
    verb = up if last > first else down
    return f"{verb} from {first_text} {when[0]} to {last_text} {when[1]}{percent(first, last)}"


def more(difference: float, text: str, noun: str) -> str:
    """Return a difference in words: 3 more employees, 3 fewer employees, as many employees.

    `text` is the difference without its sign.
    """
    if is_nothing(text):
        return f"as many {noun}s"
    than = "more" if difference > 0 else "fewer"
    return f"{text} {than} {noun}{'' if text == '1' else 's'}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Join items for a sentence: a, b and c."""
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
