"""Takes pictures of the main screens into docs/screens, in both languages: `python -m tests.browser.screens`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ViewportSize, expect

from chorus.local_portal.faults import Latency
from tests.batches.processes import ROOT
from tests.browser.seeding import make_seed
from tests.browser.site import served
from tests.browser.visiting import Visit, visit
from tests.browsing import PHONE, launched

SCREENS = ROOT / "docs" / "screens"
DESK = ViewportSize(width=1440, height=1080)
SUFFIXES = {"en-GB": "", "fr-FR": "-fr"}
LATENCY_MS = 1500
"""So slow is the portal in the picture of a run, which would be over before it is seen."""
FILE = """company;number;date;customer;amount_incl_tax
ACME;F2026-9001;22/11/2026;Commune de Saint-Aubin;1 250,00
ACME;{known};02/11/2026;Commune de Saint-Aubin;980,50
ACME;F2026-9002;31/02/2026;Commune de Saint-Aubin;640,00
NOBODY;F2026-9003;22/11/2026;Université des Deux-Rives;75,00
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="screens-") as folder, launched() as browser:
        seed = make_seed(Path(folder) / "seed")
        for locale, suffix in SUFFIXES.items():
            with served(seed, Path(folder) / locale) as site:
                with visit(browser, site, "ada", locale=locale, viewport=DESK) as desk:
                    for name, show in SHOWN.items():
                        show(desk)
                        take(desk, f"{name}{suffix}")
                    wait_for_the_run(desk)
                with visit(browser, site, "ada", locale=locale, viewport=PHONE) as phone:
                    phone.open()
                    take(phone, f"dashboard-phone{suffix}")


def take(person: Visit, name: str) -> None:
    person.page.mouse.move(0, 0)
    person.page.screenshot(path=SCREENS / f"{name}.png")
    print(f"{name}.png")


def show_new_batch(person: Visit) -> None:
    page = person.open("batches/batch/add/")
    page.locator("#choice_template, #id_template").first.select_option("CheckFacturesClientChorus")
    expect(page.get_by_label("BATCH_MAIL", exact=True)).to_be_visible()


def show_invoice(person: Visit) -> None:
    [[key]] = person.site.rows("SELECT id FROM chorus_invoice WHERE chorus_status = 'SUSPENDUE' ORDER BY id LIMIT 1")
    person.open(f"chorus/invoice/{key}/change/")


def show_import(person: Visit) -> None:
    [[known]] = person.site.rows(
        "SELECT number FROM chorus_invoice JOIN chorus_company ON chorus_company.id = company_id"
        " WHERE code = 'ACME' ORDER BY chorus_invoice.id LIMIT 1"
    )
    content = FILE.format(known=known).encode()
    page = person.open("chorus/invoice/import/")
    page.locator("input[type=file]").set_input_files(
        {"name": "invoices.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()


def show_run(person: Visit) -> None:
    """Start a run, and look at it while it works."""
    slowly = Latency(ms=LATENCY_MS)
    person.site.portal.faults.add([slowly])
    page = person.open("batches/run/launch/1/")
    page.locator("main form [type=submit]").click()
    expect(page.locator("#run-log > div").nth(3)).to_be_visible(timeout=60_000)


def wait_for_the_run(person: Visit) -> None:
    """Wait until the run has ended: it still asks the portal."""
    while person.site.rows("SELECT id FROM batches_run WHERE ended_at IS NULL"):
        person.page.wait_for_timeout(200)


SHOWN: dict[str, Callable[[Visit], object]] = {
    "dashboard": lambda person: person.open(),
    "batches": lambda person: person.open("batches/batch/"),
    "new-batch": show_new_batch,
    "invoices": lambda person: person.open("chorus/invoice/"),
    "invoice": show_invoice,
    "import": show_import,
    "connection": lambda person: person.open("chorus/chorusconnection/1/change/"),
    "run": show_run,
}
"""What each picture shows; that of a run comes last, since it goes on."""


if __name__ == "__main__":
    main()
