"""How fast the back office answers with two years of invoices and runs. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.measuring import BENCHMARKS, MANAGE, MeasureError, Workplace

NO_PORTAL = "http://127.0.0.1:9"
OWN_DATABASE = "back_office_benchmark"


def main() -> None:
    options = _read_options()
    with tempfile.TemporaryDirectory(prefix="back-office-") as folder, _database(options.database_url) as variables:
        try:
            pages = _measure(Workplace(Path(folder), NO_PORTAL, 1000), variables, options)
        except MeasureError as error:
            sys.exit(str(error))
    print(json.dumps(pages, indent=2) if options.json else _table(pages, options))
    slow = [page["name"] for page in pages if page["median_ms"] > options.limit_ms]
    if slow:
        sys.exit(f"Slower than {options.limit_ms} ms: {'; '.join(slow)}")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", metavar="N", type=_count, default=200_000, help="invoices (200000)")
    parser.add_argument("--runs", metavar="N", type=_count, default=20_000, help="runs (20000)")
    parser.add_argument("--repeat", metavar="TIMES", type=_count, default=7, help="times that each page is asked (7)")
    parser.add_argument("--limit-ms", metavar="MS", type=_count, default=300, help="median that is slow (300)")
    parser.add_argument(
        "--database-url", metavar="URL", help=f"a PostgreSQL server, on which {OWN_DATABASE} is made and dropped"
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


@contextlib.contextmanager
def _database(url: str | None) -> Iterator[dict[str, str]]:
    """Yield the variables that name the database: without an address, the workplace's own SQLite file."""
    if url is None:
        yield {}
        return
    name = sql.Identifier(OWN_DATABASE)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{OWN_DATABASE}"))}
        finally:
            server.execute(sql.SQL("DROP DATABASE {}").format(name))


def _measure(workplace: Workplace, variables: dict[str, str], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Raises MeasureError where a program does not do its work."""
    counts = (str(options.invoices), str(options.runs))
    workplace.python(MANAGE, "migrate", "--verbosity", "0", **variables)
    workplace.python(str(BENCHMARKS / "load_back_office.py"), *counts, **variables)
    if variables:
        _tidy(variables["DATABASE_URL"])
    _cost, output = workplace.python(str(BENCHMARKS / "ask_pages.py"), str(options.repeat), **variables)
    pages: list[dict[str, Any]] = json.loads(output.splitlines()[-1])
    return pages


def _tidy(url: str) -> None:
    """Do at once what PostgreSQL's autovacuum would do within minutes of a load."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")


def _table(pages: list[dict[str, Any]], options: argparse.Namespace) -> str:
    kind = "PostgreSQL" if options.database_url else "SQLite"
    lines = [
        f"{kind}, {options.invoices} invoices, {options.runs} runs, {options.repeat} times each",
        "",
        "| page | median ms | max ms | queries |",
        "|---|---|---|---|",
        *(f"| {page['name']} | {page['median_ms']:.0f} | {page['max_ms']:.0f} | {page['queries']} |" for page in pages),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
