"""Faults and attacks: what the user must see under each (docs/reliability.md)."""

import pytest

pytest.register_assert_rewrite("tests.faults.portal_stage", "tests.faults.soak", "tests.faults.soak_checks")
