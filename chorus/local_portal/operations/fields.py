"""Checks of members that many request bodies have, by AIFE's Swagger files."""

from chorus.local_portal import codes
from chorus.local_portal.checks import INT32, Check, any_object, integer, one_of

int64 = integer()
int32 = integer(-INT32, INT32 - 1)
# The answer repeats it in 32 bits.
count = integer(1, INT32 - 1)

CURRENT_USER: dict[str, Check] = {"idUtilisateurCourant": int64}
LEGACY_PAGING: dict[str, Check] = {
    "champsDeTri": any_object,
    "ordreTriGenerique": one_of(codes.DIRECTIONS),
    "taillePageGenerique": int64,
    "indexPageGenerique": int64,
}


def paging(*columns: str) -> dict[str, Check]:
    """Return the members of a request's paging block, which may be sorted by these columns."""
    return {
        "nbResultatsMaximum": count,
        "pageResultatDemandee": count,
        "nbResultatsParPage": count,
        "triSens": one_of(codes.DIRECTIONS),
        "triColonne": one_of(columns),
        **LEGACY_PAGING,
    }
