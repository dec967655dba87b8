"""The languages of the pages: texts from our own catalogue, dates and amounts as their readers write them."""

import datetime
import gettext
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chorus.local_portal import dates

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"
COOKIE = "local_chorus_pro_language"
# Where no currency symbol is known, the code is shown.
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "XPF": "F CFP"}


@dataclass(frozen=True)
class Language:
    """A language with its forms; `group` parts thousands, `point` parts the cents."""

    code: str
    name: str
    months: str
    group: str
    point: str

    def texts(self) -> gettext.NullTranslations:
        """Return the catalogue; the texts of the code are English, which has none."""
        return gettext.translation("django", CATALOGUES, [self.code], fallback=self.code == "en")

    def moment(self, instant: int) -> str:
        """Return a Paris time to the second."""
        at = dates.in_paris(instant)
        return f"{self.day(at.date().isoformat())}, {at:%H:%M:%S}"

    def day(self, iso_day: str) -> str:
        day = datetime.date.fromisoformat(iso_day)
        return f"{day.day} {self.months.split()[day.month - 1]} {day.year}"

    def amount(self, amount: float, currency: str) -> str:
        grouped = f"{amount:,.2f}".translate({ord(","): self.group, ord("."): self.point, ord("-"): "−"})
        return f"{grouped}\u00a0{SYMBOLS.get(currency, currency)}"

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", self.group)


ENGLISH = Language("en", "English", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", ",", ".")
FRENCH = Language("fr", "Français", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", "\u202f", ",")
LANGUAGES = {language.code: language for language in (ENGLISH, FRENCH)}


def choose(cookie: str | None, accepted: Iterable[tuple[str, float]]) -> Language:
    """Return the language that a person chose here, else the first that the browser accepts, else English."""
    if cookie in LANGUAGES:
        return LANGUAGES[cookie]
    codes = (tag.partition("-")[0].lower() for tag, quality in accepted if quality)
    return next((LANGUAGES[code] for code in codes if code in LANGUAGES), ENGLISH)
