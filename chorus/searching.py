"""Finding invoices by what people know of them: number, customer, SIRET, flow number, Chorus id."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower

M = TypeVar("M", bound=Model)

SEARCHED = Lower(
    Concat(
        "number",
        Value(" "),
        "customer",
        Value(" "),
        "customer_siret",
        Value(" "),
        "flow_number",
        Value(" "),
        Coalesce(Cast("chorus_id", CharField(max_length=20)), Value("")),
    )
)
"""What the database keeps in a column of its own: to look into five columns takes it several times as long."""

MOST_WORDS = 20
"""More are not searched for: nobody types them, and a database refuses very many."""


def with_words(invoices: QuerySet[M], text: str) -> QuerySet[M]:
    """Return those that have all the words, in whatever case; digits are one word, with blanks or without."""
    digits = "".join(text.split())
    for word in [digits] if digits.isdecimal() else text.split()[:MOST_WORDS]:
        invoices = invoices.filter(search_text__contains=Lower(Value(word)))
    return invoices
