from __future__ import annotations

from collections.abc import Callable

import pytest

from chorus.models import Company, Invoice
from tests.chorus.tracking.helpers import SIRET, make_company, make_invoice


@pytest.fixture
def company(db: None) -> Company:
    return make_company("ACME", SIRET)


@pytest.fixture
def invoice(company: Company) -> Callable[..., Invoice]:
    """Make a followed invoice of the company."""
    return lambda number, **values: make_invoice(company, number, **values)
