"""Someone who reads the pages, without a browser: what a test needs to know of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import requests
from lxml import html


@dataclass(frozen=True)
class Page:
    answer: requests.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """All its words, with single blanks."""
        return words(self._tree())

    def texts(self, path: str) -> list[str]:
        """The words of each element that an XPath finds."""
        return [words(element) for element in self._elements(path)]

    def values(self, path: str) -> list[str]:
        """The attributes that an XPath finds."""
        found = self._tree().xpath(path)
        assert isinstance(found, list)
        return [str(value) for value in found]

    def _elements(self, path: str) -> Sequence[html.HtmlElement]:
        found = self._tree().xpath(path)
        assert isinstance(found, list)
        return [element for element in found if isinstance(element, html.HtmlElement)]

    def _tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.answer.content.decode())


def words(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


@dataclass
class Visitor:
    url: str
    languages: str = "en"
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **headers: str) -> Page:
        sent = {"Accept-Language": self.languages, **headers}
        return Page(self.session.get(self.url + path, headers=sent, timeout=10))

    def send(self, path: str, form: dict[str, str], **headers: str) -> Page:
        """Send a form as a browser does from one of our own pages; headers may say otherwise."""
        sent = {"Accept-Language": self.languages, "Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value}
        return Page(self.session.post(self.url + path, data=form, headers=kept, timeout=10))

    def numbers(self, path: str) -> list[str]:
        """The numbers of the invoices that a page lists."""
        return self.get(path).texts("//table//tbody/tr/th/a")
