import pytest

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.pages.visitor import Visitor


@pytest.fixture
def visitor(portal: LocalPortal) -> Visitor:
    """Someone who reads English, in front of the portal with the default seed."""
    return Visitor(portal.url)


@pytest.fixture
def visiteur(portal: LocalPortal) -> Visitor:
    """Someone who reads French."""
    return Visitor(portal.url, "fr-FR,fr;q=0.9,en;q=0.5")
