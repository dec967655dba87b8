from __future__ import annotations

import pytest

from chorus.models import Company
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, make_company, make_invoice
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


@pytest.fixture
def portal() -> SimulatedPortal:
    return SimulatedPortal(Manners(page_cap=PAGE))


@pytest.fixture
def company(db: None) -> Company:
    return make_company("ACME", SIRET)


@pytest.fixture
def invoice(company: Company) -> MakeInvoice:
    """Make a followed invoice of the company."""
    return lambda number, **values: make_invoice(company, number, **values)
