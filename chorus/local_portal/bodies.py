"""The request bodies of the operations, by AIFE's Swagger "Factures"; what is needed there is what the portal needs."""

from chorus.local_portal import codes
from chorus.local_portal.checks import (
    INT32,
    Check,
    any_object,
    boolean,
    date,
    integer,
    list_of,
    number,
    one_of,
    record,
    text,
    text_up_to,
)

int64 = integer()
int32 = integer(-INT32, INT32 - 1)
# The answer repeats it in 32 bits.
count = integer(1, INT32 - 1)

LEGACY_PAGING: dict[str, Check] = {
    "champsDeTri": any_object,
    "ordreTriGenerique": one_of(codes.DIRECTIONS),
    "taillePageGenerique": int64,
    "indexPageGenerique": int64,
}

SEARCH = record(
    {
        "idUtilisateurCourant": int64,
        "listeDestinataire": list_of(
            record({"idDestinataire": int64, "listeIdServiceExecutant": list_of(int64), "raisonSocialeStuctDmd": text}),
            at_most=100,
        ),
        "rechercheSirenDestinataire": boolean,
        "numeroFacture": text,
        "periodeDateDepotDu": date,
        "periodeDateDepotAu": date,
        "typeFacture": one_of(codes.INVOICE_TYPES),
        "idFournisseur": int64,
        "idServiceFournisseur": int64,
        "idStructureValideur": int64,
        "cadreFacturation": one_of(codes.BILLING_FRAMES),
        "statutCourant": list_of(one_of(codes.KNOWN_STATUSES)),
        "periodeDateFactureDu": date,
        "periodeDateFactureAu": date,
        "montantHTMin": number,
        "montantHTMax": number,
        "montantTTCMin": number,
        "montantTTCMax": number,
        "montantApayerMin": number,
        "montantApayerMax": number,
        "coordonneeBancaire": int64,
        "idUtilisateurCreateur": list_of(int64),
        "numeroMarche": text,
        "numeroBonCommande": text,
        "numeroFactureOrigine": text,
        "modeDepot": one_of(codes.DEPOSIT_MODES),
        "numeroFluxDepot": text,
        "rechercheFactureParFournisseur": record(
            {
                "nbResultatsMaximum": count,
                "pageResultatDemandee": count,
                "nbResultatsParPage": count,
                "triSens": one_of(codes.DIRECTIONS),
                "triColonne": one_of(codes.SEARCH_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "recupererTaille": boolean,
        "periodeDateHeureEtatCourantDu": date,
        "periodeDateHeureEtatCourantAu": date,
        "rejetTraite": boolean,
    }
)

READ = record(
    {
        "idUtilisateurCourant": int64,
        "identifiantFactureCPP": int64,
        "codeLangue": text,
        "getpLigneRecapTva": record(
            {
                "pageResultatDemandeeListeRecapitulatifTVA": int32,
                "nbResultatsParPageListeListeRecapitulatifTVA": int32,
                "triSensListeRecapitulatifTVA": one_of(codes.DIRECTIONS),
                "triColonneListeRecapitulatifTVA": one_of(codes.VAT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "getpListePiecesJointes": record(
            {
                "pageResultatDemandeeListePieceJointe": int64,
                "nbResultatsParPageListePieceJointe": int64,
                "triSensListePiecesJointes": one_of(codes.DIRECTIONS),
                "triColonneListePiecesJointes": one_of(codes.ATTACHMENT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "getpLignesPoste": record(
            {
                "pageResultatDemandeeLignesPoste": int32,
                "nbResultatsParPageLignesPoste": int32,
                "triSensListeLignesPoste": one_of(codes.DIRECTIONS),
                "triColonneListeLignesPoste": one_of(codes.LINE_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
    },
    needed=["identifiantFactureCPP"],
)

HISTORY = record(
    {
        "idUtilisateurCourant": int64,
        "idFacture": int64,
        "idEspace": int64,
        "nbResultatsMaximum": int32,
        "paramRechercheHistoStatuts": record(
            {
                "pageResultatDemandeeListeHistoStatut": count,
                "nbResultatsParPageListeHistoStatut": count,
                "triSensListeHistoStatut": one_of(codes.DIRECTIONS),
                "triColonneListeHistoStatut": one_of(codes.HISTORY_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "paramRechercheHistoEvenementsComplementaires": record(
            {
                "pageResultatDemandeeListeHistoEvenement": int32,
                "nbResultatsParPageListeHistoEvenement": int32,
                "triSensListeHistoEvenement": one_of(codes.DIRECTIONS),
                "triColonneListeHistoEvenement": one_of(codes.EVENT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "paramRechercheHistoActionsUtilisateurs": record(
            {
                "pageResultatDemandeeListeHistoAction": int32,
                "nbResultatsParPageListeHistoAction": int32,
                "triSensListeHistoAction": one_of(codes.DIRECTIONS),
                "triColonneListeHistoAction": one_of(codes.ACTION_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
    },
    needed=["idFacture"],
)

TREAT = record(
    {
        "idUtilisateurCourant": int64,
        "idFacture": int64,
        "nouveauStatut": one_of(codes.STATUSES),
        "motif": text_up_to(255),
        "numeroDPMandat": text,
    },
    needed=["idFacture", "nouveauStatut"],
)
