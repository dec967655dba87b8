"""Short lists that are sorted and cut here, not in the database."""

from collections.abc import Sequence
from typing import Any

from chorus.local_portal.operations.call import Answer
from chorus.local_portal.searches import search
from chorus.local_portal.searches.filters import Body
from chorus.local_portal.searches.search import Caps


def listed(member: str, items: Sequence[Answer], asked: Body, caps: Caps) -> Answer:
    """Return the page that is asked for of the items under this member, with its `parametresRetour`.

    `triColonne` names a member of the items with a capital letter; by any other the order stays as it is.
    """
    in_order = list(items)
    column = asked.get("triColonne", "")
    name = column[:1].lower() + column[1:]
    in_order.sort(key=lambda item: by_value(item.get(name)))
    if asked.get("triSens") == "Descendant":
        in_order.reverse()
    page = search.page(asked, len(in_order), caps)
    return {member: page.cut(in_order), "parametresRetour": page.answer()}


def by_value(value: Any) -> tuple[bool, Any]:
    """Return a key by which no value comes before any value; lists have no order, and count as none."""
    comparable = isinstance(value, str | int | float)
    return comparable, value if comparable else 0
