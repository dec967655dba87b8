"""What buyers write when they send an invoice back, in the words of those who do."""

REJECTIONS = (
    "Facture déjà transmise : doublon.",
    "Montant différent de celui de l'engagement.",
    "Prestation non commandée par nos services.",
    "Le marché cité est échu ; merci d'établir une nouvelle facture sur le marché en cours.",
    "Taux de TVA erroné : 20 % au lieu de 10 %.",
    "Coordonnées bancaires différentes de celles du marché.",
    "Facture adressée au nom d'une autre collectivité.",
    "Quantités facturées supérieures aux quantités livrées (BL du mois précédent).",
    "L'acompte versé n'a pas été déduit.",
)
SUSPENSIONS = (
    "Bon de livraison signé manquant.",
    "Merci de joindre le procès-verbal de réception.",
    "RIB à fournir : le compte indiqué n'est pas connu du comptable.",
    "Attestation de vigilance URSSAF expirée, à joindre.",
    "Détail des heures à joindre pour la période facturée.",
    "Justificatifs des frais de déplacement manquants.",
    "Révision de prix : calcul et indices à joindre.",
)
REROUTINGS = (
    "Mauvais service exécutant : adresser la facture au service des marchés.",
    "Numéro d'engagement absent ou inconnu : à corriger puis à renvoyer.",
    "Destinataire erroné : la dépense relève du budget annexe.",
    "Code service fermé depuis le 1er janvier.",
    "Numéro de marché à renseigner.",
)
SENDING_BACK = {"REJETEE": REJECTIONS, "SUSPENDUE": SUSPENSIONS, "A_RECYCLER": REROUTINGS}
"""Reasons, by the status that they are given for."""
