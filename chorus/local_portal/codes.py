"""The codes of the Chorus Pro API, as AIFE's Swagger "Factures" spells them."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STATUSES = _words(
    """
    BROUILLON A_VALIDER_1 ERREUR_FOURNISSEUR_SUR_VALIDEUR REFUSEE_1 VALIDEE_1 ABSENCE_VALIDATION_1_HORS_DELAI
    A_VALIDER_2 ERREUR_COTRAITANT_SUR_VALIDEUR REFUSEE_2 VALIDEE_2 ABSENCE_VALIDATION_2_HORS_DELAI DEPOSEE
    ERREUR_FOURNISSEUR_SUR_MOE EN_COURS_ACHEMINEMENT MISE_A_DISPOSITION A_RECYCLER SUSPENDUE REJETEE MANDATEE
    MISE_EN_PAIEMENT COMPTABILISEE MISE_A_DISPOSITION_COMPTABLE ABANDONNEE SUPPRIMEE ASSOCIEE
    EN_COURS_TRAITEMENT_PIVOT_S A_VALIDER_MOE REFUSEE_MOE EN_ATTENTE_RECYCLAGE_FOURNISSEUR
    ERREUR_MOE_SUR_FOURNISSEUR ERREUR_MOA_SUR_FOURNISSEUR INTERPRETEE_OCR COMPLETEE ERREUR_FOURNISSEUR_SUR_MOA
    ERREUR_MOE_SUR_MOA ERREUR_DESTINATAIRE_PD ERREUR_DESTINATAIRE_EA SERVICE_FAIT NON_CONFORME A_ASSOCIER_MOE
    ERREUR_DE_MOE MISE_A_DISPOSITION_MOE PRISE_EN_COMPTE_MOE A_ASSOCIER_MOA ERREUR_DE_MOA REFUSEE_MOA
    A_ASSOCIER_FOURNISSEUR REFUSEE_FOURNISSEUR A_COMPLETER TRANSMISE_MOA PRISE_EN_COMPTE_DESTINATAIRE
    REMPLACEE_PAR_A22 DUPLIQUE_APRES_REFUS MISE_A_DISPOSITION_MOA PRISE_EN_COMPTE_MOA TECHNIQUE_INCONNU
    """
)
# Clients of the live API know one status more than the published Swagger.
KNOWN_STATUSES = (*STATUSES, "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE")

BILLING_FRAMES = _words(
    """
    A1_FACTURE_FOURNISSEUR A2_FACTURE_FOURNISSEUR_DEJA_PAYEE A3_MEMOIRE_JUSTICE
    A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR A5_ETAT_ACOMPTE_FOURNISSEUR A6_ETAT_ACOMPTE_VALIDE_FOURNISSEUR
    A7_PROJET_DECOMPTE_FINAL_FOURNISSEUR A8_DECOMPTE_GENERAL_DEFINITIF_FOURNISSEUR A9_FACTURE_SOUSTRAITANT
    A10_PROJET_DECOMPTE_MENSUEL_SOUSTRAITANT A11_PROJET_DECOMPTE_FINAL_SOUSTRAITANT A12_FACTURE_COTRAITANT
    A13_PROJET_DECOMPTE_MENSUEL_COTRAITANT A14_PROJET_DECOMPTE_FINAL_COTRAITANT A15_ETAT_ACOMPTE_MOE
    A16_ETAT_ACOMPTE_VALIDE_MOE A17_PROJET_DECOMPTE_GENERAL_MOE A18_DECOMPTE_GENERAL_MOE
    A19_ETAT_ACOMPTE_VALIDE_MOA A20_DECOMPTE_GENERAL_MOA A21_DEMANDE_REMBOURSEMENT_TIC
    A22_PROJET_DECOMPTE_GENERAL_FOURNISSEUR_PROCEDURE_TACITE A23_DECOMPTE_GENERAL_DEFINITIF_TACITE_FOURNISSEUR
    A24_DECOMPTE_GENERAL_DEFINITIF_TACITE_MOE A25_DECOMPTE_GENERAL_DEFINITIF_MOE_PROCEDURE_TACITE
    """
)
# Those that consulter/fournisseur can say, too.
READABLE_BILLING_FRAMES = tuple(frame for frame in BILLING_FRAMES if not frame.startswith(("A3_", "A11_", "A21_")))

INVOICE_TYPES = ("FACTURE", "AVOIR", "ACOMPTE")
IDENTIFIER_TYPES = ("SIRET", "UE_HORS_FRANCE", "HORS_UE", "RIDET", "TAHITI", "AUTRE", "PARTICULIER")
DIRECTIONS = ("Descendant", "Ascendant")

DEPOSIT_MODES = _words(
    """
    SAISIE_WEB PORTAIL_PDF EDI_XML_STRUCT EDI_MIXTE EDI_PDF_ARCHIVE SAISIE_PORTAIL SAISIE_API DEPOT_PDF_PORTAIL
    DEPOT_PDF_SIGNE_PORTAIL DEPOT_PDF_API DEPOT_PDF_SIGNE_API EDI UPLOAD_PORTAIL UPLOAD_API EDI_NUMERISATION
    """
)

PAYMENT_MODES = ("CHEQUE", "PRELEVEMENT", "VIREMENT", "ESPECE", "AUTRE", "REPORT")

SEARCH_COLUMNS = _words(
    """
    TypeDemandePaiement CodeFournisseur TypeIdentifiantFournisseur DesignationFournisseur CodeServiceFournisseur
    NomServiceFournisseur CodeDestinataire DesignationDestinataire CodeServiceExecutant NomServiceExecutant
    TypeFacture NumeroFacture DateFacture DateDepot MontantHT MontantTTC MontantAPayer Devise Statut NumeroMarche
    NumeroBonCommande NumeroFluxDepot TypeIdentifiantValideur1 CodeValideur1 RaisonSocialeValideur1 NomValideur1
    PrenomValideur1 DateValidation1 TypeIdentifiantValideur2 CodeValideur2 RaisonSocialeValideur2 NomValideur2
    PrenomValideur2 DateValidation2 NumeroFactureOrigine ModeDepot CoordBancairesFournisseurCleIban
    CoordBancairesFournisseurCleRib CoordBancairesFournisseurCodeBanque CoordBancairesFournisseurCodePays
    CoordBancairesFournisseurCompteBancaire CoordBancairesFournisseurNomCb AffactureurCode
    AffactureurTypeIdentifiant AffactureurRaisonSociale NomPrenomUtilisateurCreateur
    """
)
HISTORY_COLUMNS = _words(
    """
    HistoStatutCode HistoStatutDatePassage HistoStatutCommentaire HistoStatutUtilisateurPrenom
    HistoStatutUtilisateurNom HistoStatutUtilisateurEmail HistoStatutUtilisateurTelephone
    """
)
EVENT_COLUMNS = ("EvenementLibelle", "EvenementQui", "EvenementDateHeure")
ACTION_COLUMNS = _words(
    """
    HistoActionDateHeure HistoActionCode HistoAction HistoActionUtilisateurPrenom HistoActionUtilisateurNom
    HistoActionUtilisateurEmail HistoActionUtilisateurTelephone
    """
)
USER_ACTIONS = ("TELECHARGEMENT_FACTURE", "ACQUITTEMENT_REJET", "ACQUITTEMENT_SUSPENSION", "TRAITEMENT_REJET")
VAT_COLUMNS = _words(
    """
    LigneTvaMontantTvaParTaux LigneTvaTauxRefCode LigneTvaTauxRefLibelle LigneTvaTauxRefValeur LigneTvaTauxManuel
    LigneTvaMontantBaseHtParTaux
    """
)
ATTACHMENT_COLUMNS = _words(
    """
    PieceJointeTypeCode PieceJointeTypeLibelle PieceJointeDesignation PieceJointeNumeroLigneFacture
    PieceJointeExtension
    """
)
LINE_COLUMNS = _words(
    """
    LignePosteNumero LignePosteReference LignePosteDenomination LignePosteQuantite LignePosteUniteCode
    LignePosteUniteLibelle LignePosteMontantUnitaireHT LignePosteMontantRemiseHT LignePosteTauxTva
    LignePosteTauxTvaManuel LignePosteMontantHtApresRemise LignePosteMontantTva LignePosteMontantTtcApresRemise
    """
)

RECEIVED_COLUMNS = _words(
    """
    TypeDemandePaiement CodeFournisseur TypeIdentifiantFournisseur Fournisseur CodeServiceFournisseur
    NomServiceFournisseur CodeDestinataire Destinataire CodeServiceExecutant NomServiceExecutant TypeFacture
    TypeFactureTravaux NumeroFacture DateFacture DateDepot MontantHT MontantTTC MontantAPayer Devise Statut
    NumeroMarche NumeroBonCommande FactureTelechargeeParDestinataire
    """
)
TO_TREAT_COLUMNS = SEARCH_COLUMNS[:21]
STRUCTURE_COLUMNS = ("IdentifiantStructure", "DesignationStructure", "TypeIdentifiantStructure", "Statut")
SERVICE_COLUMNS = ("CodeService", "LibelleService", "DateDbtService", "DateFinService", "EstActif")
WORKS_TYPES = _words(
    """
    DP_DE_SOUSTRAITANT_TRAVAUX PROJET_DECOMPTE_MENSUEL ETAT_ACOMPTE ETAT_ACOMPTE_VALIDE PROJET_DECOMPTE_FINAL
    PROJET_DECOMPTE_GENERAL PROJET_DECOMPTE_GENERAL_PROCEDURE_TACITE DECOMPTE_GENERAL DECOMPTE_GENERAL_SIGNE
    DECOMPTE_GENERAL_DEFINITIF_TACITE DECOMPTE_GENERAL_DEFINITIF_PROCEDURE_TACITE
    """
)
VAT_KINDS = ("TVA_SUR_DEBIT", "TVA_SUR_ENCAISSEMENT", "EXONERATION", "SANS_TVA")

LINE_MEMBERS = (
    *("lignePosteNumero", "lignePosteReference", "lignePosteDenomination", "lignePosteQuantite"),
    *("lignePosteUniteCode", "lignePosteUniteLibelle", "lignePosteMontantUnitaireHT", "lignePosteMontantRemiseHT"),
    *("lignePosteTauxTva", "lignePosteTauxTvaManuel", "lignePosteMontantHtApresRemise", "lignePosteMontantTva"),
    "lignePosteMontantTtcApresRemise",
)
VAT_MEMBERS = (
    *("ligneTvaTauxRefId", "ligneTvaTauxRefCode", "ligneTvaTauxRefLibelle", "ligneTvaTauxRefValeur"),
    *("ligneTvaTauxManuel", "ligneTvaMontantBaseHtParTaux", "ligneTvaMontantTvaParTaux"),
)
"""Members of the lines and of the VAT of an invoice, in the answers of consulter/…."""

VALIDATOR_MEMBERS = tuple(
    f"{name}{rank}"
    for rank in (1, 2)
    for name in (
        "typeIdentifiantValideur",
        "codeValideur",
        "raisonSocialeValideur",
        "nomValideur",
        "prenomValideur",
        "dateValidation",
    )
)
BANK_MEMBERS = (
    "coordBancairesFournisseurCleIban",
    "coordBancairesFournisseurCleRib",
    "coordBancairesFournisseurCodeBanque",
    "coordBancairesFournisseurCodePays",
    "coordBancairesFournisseurCompteBancaire",
)
FACTOR_MEMBERS = ("affactureurCode", "affactureurTypeIdentifiant", "affactureurRaisonSociale")
OTHER_MEMBERS = (
    *VALIDATOR_MEMBERS,
    *BANK_MEMBERS,
    "coordBancairesFournisseurNomCb",
    *FACTOR_MEMBERS,
    "nomPrenomUtilisateurCreateur",
)
"""Members of a search row of which the server only repeats what it was given."""
