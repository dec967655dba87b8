"""The paths that PISTE's gateway knows."""

from chorus.local_portal.operations import OPERATIONS

TOKEN = "/api/oauth/token"  # noqa: S105 - a path  # nosec B105
HEALTH_CHECK = "/cpro/transverses/v1/health-check"
SEARCH = "/cpro/factures/v1/rechercher/fournisseur"

API = frozenset({HEALTH_CHECK, *OPERATIONS})
ALL = frozenset({TOKEN, *API})
