"""The directory of recipients: a CSV file of the public structures and their services, in a ZIP."""

import csv
import io

from chorus.local_portal.deposits.records import File
from chorus.local_portal.downloads.bundle import zipped
from chorus.local_portal.state.store import Store

HEADINGS = (
    *("Identifiant", "Type identifiant", "Raison sociale", "Code service", "Nom service", "Service actif"),
    *("Code service obligatoire", "Engagement obligatoire", "Mise en paiement remontée", "Code postal", "Ville"),
)
ROWS = """
SELECT siret, identifier_type, structures.name AS name, code, services.name AS service,
    services.active AS service_active, service_required, payment_hidden, postcode, city,
    structures.commitment_required OR coalesce(services.commitment_required, 0) AS commitment
FROM structures LEFT JOIN services ON structure_id = structures.id
WHERE kind = 'recipient' AND structures.active ORDER BY siret, code
"""


def render(store: Store) -> bytes:
    """Return a ZIP with `annuaire.csv`: UTF-8, separated by semicolons, one row a service, or a structure without."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in store.rows(ROWS):
        writer.writerow(
            (
                *(row["siret"], row["identifier_type"], row["name"], row["code"], row["service"]),
                "" if row["code"] is None else _yes_or_no(row["service_active"]),
                *(_yes_or_no(row["service_required"]), _yes_or_no(row["commitment"])),
                *(_yes_or_no(not row["payment_hidden"]), row["postcode"], row["city"]),
            )
        )
    return zipped({"": [File("annuaire.csv", text.getvalue().encode(), "text/csv")]}, store.clock.now())


def _yes_or_no(value: object) -> str:
    return "OUI" if value else "NON"
