"""Invoice two customers with Tryton, let its scheduler send and follow the invoices: tryton_client URL

Runs in Tryton's own environment, on a new database in the folder that the environment names; the base URLs are the
only thing that is not Tryton's own. Prints, in JSON, what Tryton then knows of each invoice.
"""

import datetime
import json
import sys
from decimal import Decimal
from functools import partial
from typing import Any

from proteus import Model
from trytond.cron import run_cron
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules

from tests.clients.tryton_portal import use_portal

MODULES = ["account_fr_chorus", "edocument_uncefact", "account_fr"]
SUPPLIER = "81234567600017"
RECIPIENT = "12345678200036"  # demands a commitment number
COMMITMENT = "1000054370"
INVOICE, INVOICE_WITHOUT_COMMITMENT, CREDIT_NOTE = "TRY-2026-1", "TRY-2026-2", "TRY-2026-3"


def configure_chorus() -> None:
    configuration = Model.get("account.configuration")(1)
    configuration.chorus_piste_client_id = "local"
    configuration.chorus_piste_client_secret = "local-secret"
    configuration.chorus_login = "TECH_2_00002@cpro.fr"
    configuration.chorus_password = "local-password-2"
    configuration.chorus_service = "service-qualif"
    configuration.chorus_syntax = "edocument.uncefact.invoice"
    configuration.save()


def give_siret(party: Any, siret: str) -> None:
    (address,) = party.addresses
    address.street, address.postal_code, address.city = "1 rue de la Paix", "75002", "Paris"
    identifier = party.identifiers.new(type="fr_siret")
    identifier.code = siret
    identifier.address = address
    party.save()


def french_vat() -> int:
    """Return the id of the sale tax of the normal rate, with the UNECE codes that Chorus Pro demands."""
    (tax,) = Model.get("account.tax").find([("group.kind", "=", "sale"), ("name", "ilike", "%normal%")], limit=1)
    for one in (tax, *tax.childs):
        one.template_override = True
        one.unece_code, one.unece_category_code = "VAT", "S"
    tax.save()
    return int(tax.id)


def post_invoice(context: Any, customer: Any, tax_id: int, number: str, quantity: int, reference: str | None) -> None:
    invoices = Model.get("account.invoice")
    invoice = invoices(type="out", party=customer, reference=reference)
    line = invoice.lines.new()
    line.account = get_accounts()["revenue"]
    line.description = "Conseil"
    line.quantity, line.unit_price = quantity, Decimal("125.5000")
    line.taxes.append(Model.get("account.tax")(tax_id))
    invoice.save()
    own = {"number": number, "invoice_date": datetime.date.today()}
    invoices.write([invoice], own, {**context, "_check_access": False})
    invoice.click("post")


def run_scheduler() -> None:
    """Let trytond's scheduler do what is due; sending and following always are."""
    crons = Model.get("ir.cron").find([("method", "like", "account.invoice.chorus|%")])
    for cron in crons:
        cron.companies.extend([] if cron.companies else Model.get("company.company").find([]))
        cron.next_call = datetime.datetime.now() - datetime.timedelta(minutes=1)
        cron.save()
    run_cron(DB_NAME)


def main(url: str) -> None:
    use_portal(url)
    config = activate_modules(MODULES, create_company, partial(create_chart, chart="account_fr.root"))
    set_fiscalyear_invoice_sequences(create_fiscalyear()).click("create_period")
    give_siret(get_company().party, SUPPLIER)
    customer = Model.get("party.party")(name="Ville de Paris", chorus=True)
    customer.save()
    give_siret(customer, RECIPIENT)
    configure_chorus()
    tax_id = french_vat()
    for number, quantity, reference in [
        (INVOICE, 4, COMMITMENT),
        (INVOICE_WITHOUT_COMMITMENT, 1, None),
        (CREDIT_NOTE, -1, COMMITMENT),
    ]:
        post_invoice(config._context, customer, tax_id, number, quantity, reference)

    deposits = Model.get("account.invoice.chorus")
    run_scheduler()
    run_scheduler()  # the second follows what the first has sent, whichever order they have
    known = {
        deposit.invoice.number: {"state": deposit.state, "flow": deposit.number, "file": deposit.filename}
        for deposit in deposits.find([])
    }
    json.dump(known, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
