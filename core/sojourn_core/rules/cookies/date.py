"""The date of an Expires attribute (RFC 6265bis 5.1.1).

Servers write it in every way that a browser ever took. The algorithm cuts the text at delimiters
and takes the first token that can be a time, a day, a month or a year for what it can be; the name
of the weekday and the zone are never read.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from sojourn_core.values.expressions import expression

# The longest way to write a date that is in use has about 40 characters.
DATE_SIZE_MAX: Final = 80

_DELIMITERS: Final = expression(r"[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
# Text after a number in its token is ignored, if it does not start with a digit.
_TIME: Final = expression(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY: Final = expression(r"([0-9]{1,2})(?![0-9])")
_YEAR: Final = expression(r"([0-9]{2,4})(?![0-9])")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# The one form that servers should send (RFC 9110 section 5.6.7), and that with dashes. Any other
# word in front may be the month, such as "Mar," for a French Tuesday.
_USUAL: Final = expression(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}[ -][A-Z][a-z]{2}[ -][0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def parse_date(text: str) -> int | None:
    """Return the seconds since 1970 (UTC) of a cookie date, or None if it is not one.

    Text longer than 80 characters is not read; no real date is that long.
    """
    if len(text) > DATE_SIZE_MAX:
        return None
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        day, hour, minute, second = usual.groups()
        if day[3:6].lower() in _MONTHS:
            return _at(_days_of(day), int(hour), int(minute), int(second))
    return _from_tokens(text)


@lru_cache(64)  # Cookies that come together mostly end on the same few days.
def _days_of(day: str) -> int | None:
    """Return the days since 1970 of the day in a date of the usual form."""
    return _days(int(day[7:]), _MONTHS[day[3:6].lower()], int(day[:2]))


def _from_tokens(text: str) -> int | None:
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITERS.split(text):
        if time is None and (found := _TIME.match(token)) is not None:
            time = (int(found[1]), int(found[2]), int(found[3]))
        elif day is None and (found := _DAY.match(token)) is not None:
            day = int(found[1])
        elif month is None and (number := _MONTHS.get(token[:3].lower())) is not None:
            month = number
        elif year is None and (found := _YEAR.match(token)) is not None:
            year = int(found[1])
    if time is None or day is None or month is None or year is None:
        return None
    return _at(_days(year, month, day), *time)


def _days(year: int, month: int, day: int) -> int | None:
    if year < 70:
        year += 2000
    elif year < 100:
        year += 1900
    if year < 1601:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:  # Such as 30 February.
        return None


def _at(days: int | None, hour: int, minute: int, second: int) -> int | None:
    if days is None or hour > 23 or minute > 59 or second > 59:
        return None
    return ((days * 24 + hour) * 60 + minute) * 60 + second
