"""Puts invoices into the benchmark's database, as an import would have left them: `python load_invoices.py COUNT`."""

import itertools
import sys

import django

AT_ONCE = 1000


def main(count: int) -> None:
    django.setup()
    from benchmarks import scenario
    from chorus.models import Company, Invoice
    from chorus.statuses import DematerializationStatus

    company = Company.objects.get(code=scenario.COMPANY)
    invoices = (
        Invoice(
            company=company,
            number=scenario.number(place),
            date=scenario.deposited_at(place, count).date(),
            customer=scenario.BUYER.name,
            customer_siret=scenario.BUYER.siret,
            amount_excl_tax="1041.67",
            amount_incl_tax="1250.00",
            dematerialization_status=DematerializationStatus.TRANSMITTED,
            flow_number=scenario.flow_number(place),
        )
        for place in range(count)
    )
    for chunk in iter(lambda: list(itertools.islice(invoices, AT_ONCE)), []):
        Invoice.objects.bulk_create(chunk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
