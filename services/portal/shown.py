"""How values are written in a language of the interface: dates as precise as they are known, sums, times. Pure."""

from datetime import UTC, datetime
from datetime import date as Date

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from services.portal.upstream import Json


def date(value: str | None, lang: str) -> str:
    """Write `2005`, `2005-12`, `2005-12-11` or a time of RFC 3339; as it is where it is none of these."""
    if not value:
        return ""
    try:
        match value[:10].split("-"):
            case [year]:
                return year
            case [year, month]:
                return format_skeleton("yMMMM", Date(int(year), int(month), 1), locale=lang)
            case [year, month, day]:
                return format_date(Date(int(year), int(month), int(day)), "long", locale=lang)
    except ValueError:
        pass
    return value


def number(value: float, lang: str) -> str:
    """Write a number."""
    return format_decimal(value, locale=lang)


def percent(value: float, lang: str) -> str:
    """Write so many per cent, to 0.01 at most."""
    return format_percent(value / 100, "#,##0.##%" if lang == "en" else "#,##0.##\u00a0%", locale=lang)


def money(amount: Json, lang: str) -> str:
    """Write a sum: `amount` and its `currency` (ISO 4217)."""
    sum = float(amount["amount"])
    digits = "#,##0" if sum == int(sum) else "#,##0.00"
    return format_currency(sum, amount["currency"], format=f"¤ {digits}", locale=lang, currency_digits=False)


def ago(value: str, lang: str, now: datetime | None = None) -> str:
    """Write how long ago a time of RFC 3339 was."""
    then = datetime.fromisoformat(value)
    return format_timedelta(then - (now or datetime.now(UTC)), add_direction=True, locale=lang)


def moment(value: str, lang: str) -> str:
    """Write a time of RFC 3339 with its hour, in UTC as the base counts."""
    return f"{format_datetime(datetime.fromisoformat(value).astimezone(UTC), 'medium', locale=lang)} UTC"


def lasting(value: str, lang: str, now: datetime | None = None) -> str:
    """Write how long it is since a time of RFC 3339."""
    return format_timedelta((now or datetime.now(UTC)) - datetime.fromisoformat(value), locale=lang)
