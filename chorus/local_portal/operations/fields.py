"""Checks of members that many request bodies have, by AIFE's Swagger files."""

from chorus.local_portal import codes
from chorus.local_portal.checks import INT32, Check, any_object, integer, one_of, record, text

int64 = integer()
int32 = integer(-INT32, INT32 - 1)
# The answer repeats it in 32 bits.
count = integer(1, INT32 - 1)

# Clients in production write it in small letters, too.
language = one_of(("FR", "EN", "fr", "en"))
yes_or_no = one_of(("OUI", "NON"))

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


# No Swagger says by which columns the lists of Transverses and Utilisateurs may be sorted.
any_paging = record({**paging(), "triColonne": text})
