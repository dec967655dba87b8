"""Conditions on invoices in SQL, of which the searches are made."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chorus.local_portal import dates

Body = Mapping[str, Any]
Condition = tuple[str, list[Any]]

AT_LEAST = {
    "montantHTMin": "amount_excl_tax",
    "montantTTCMin": "amount_incl_tax",
    "montantApayerMin": "amount_payable",
}
AT_MOST = {
    "montantHTMax": "amount_excl_tax",
    "montantTTCMax": "amount_incl_tax",
    "montantApayerMax": "amount_payable",
}

NOTHING: Condition = ("FALSE", [])


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Return the condition that all of these hold; of none, every invoice meets it."""
    return _joined(" AND ", list(conditions), "TRUE")


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Return the condition that one of these holds at least; of none, no invoice meets it."""
    return _joined(" OR ", [(f"({sql})", values) for sql, values in conditions], "FALSE")


def _joined(word: str, conditions: Sequence[Condition], otherwise: str) -> Condition:
    sql = word.join(sql for sql, _ in conditions) or otherwise
    return (f"({sql})" if word == " OR " else sql), [value for _, values in conditions for value in values]


def among(column: str, values: Collection[Any]) -> Condition:
    if len(values) == 1:
        return f"{column} = ?", list(values)
    return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(sorted(values))]  # noqa: S608 - our own column  # nosec B608


def compared(body: Body, operator: str, columns: Mapping[str, str]) -> Iterator[Condition]:
    """Yield a comparison for each of these members that the body has."""
    for name, column in columns.items():
        if name in body:
            yield f"{column} {operator} ?", [body[name]]


def listed(body: Body, columns: Mapping[str, str]) -> Iterator[Condition]:
    """Yield a condition for each of these lists that the body has; an empty one lets every invoice through."""
    for name, column in columns.items():
        if body.get(name):
            yield among(column, body[name])


def amounts(body: Body) -> Iterator[Condition]:
    yield from compared(body, ">=", AT_LEAST)
    yield from compared(body, "<=", AT_MOST)


def periods(body: Body) -> Iterator[Condition]:
    """Yield the conditions on the days of deposit and invoice, and on the instant of the present status."""
    for period, column in (("periodeDateDepot", "deposited_on"), ("periodeDateFacture", "date")):
        if f"{period}Du" in body:
            yield f"{column} >= ?", [dates.bound_day(body[f"{period}Du"])]
        if f"{period}Au" in body:
            yield f"{column} <= ?", [dates.bound_day(body[f"{period}Au"])]
    if "periodeDateHeureEtatCourantDu" in body:
        yield "status_at >= ?", [dates.first_instant(body["periodeDateHeureEtatCourantDu"])]
    if "periodeDateHeureEtatCourantAu" in body:
        yield "status_at <= ?", [dates.last_instant(body["periodeDateHeureEtatCourantAu"])]


def structure(column: str, structure_id: int, whole_siren: bool) -> Condition:
    """Return the condition that a party is this structure, or any that has the same SIREN."""
    if not whole_siren:
        return f"{column} = ?", [structure_id]
    same = (
        "SELECT same.id FROM structures asked"
        " JOIN structures same ON substr(same.siret, 1, 9) = substr(asked.siret, 1, 9) WHERE asked.id = ?"
    )
    return f"{column} IN ({same})", [structure_id]


def named(column: str, name: str) -> Condition:
    """Return the condition that a party's name has this in it, in upper or lower case."""
    named_so = "SELECT id FROM structures WHERE instr(upper(name), upper(?)) > 0"
    return f"{column} IN ({named_so})", [name]
