from __future__ import annotations

import pytest

from chorus.models import Company
from tests.admin.builders import make_company


@pytest.fixture
def company(db: None) -> Company:
    return make_company()
