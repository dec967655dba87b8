"""The reference lists of the portal: codes with their French and English words.

The portal's own lists were never published. These are true values of France and of ISO, in moderate number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chorus.local_portal import codes


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    french: str
    english: str

    def words(self, language: str) -> str:
        """Return its words in a language of `codeLangue`."""
        return self.english if language.upper() == "EN" else self.french


def _entries(lines: str) -> tuple[Entry, ...]:
    return tuple(Entry(*(part.strip() for part in line.split("|"))) for line in lines.strip().splitlines())


# Public clients have seen TVA1; the other codes are ours.
VAT_RATES = _entries(
    """
    TVA1 | Art 293B(FranchiseEnBase) | Art 293B (small business exemption)
    TVA2 | 0 % | 0 %
    TVA3 | 0,9 % (départements d'outre-mer) | 0.9 % (overseas departments)
    TVA4 | 1,05 % (départements d'outre-mer) | 1.05 % (overseas departments)
    TVA5 | 1,75 % (départements d'outre-mer) | 1.75 % (overseas departments)
    TVA6 | 2,1 % (taux particulier) | 2.1 % (special rate)
    TVA7 | 5,5 % (taux réduit) | 5.5 % (reduced rate)
    TVA8 | 8,5 % (départements d'outre-mer) | 8.5 % (overseas departments)
    TVA9 | 10 % (taux intermédiaire) | 10 % (intermediate rate)
    TVA10 | 13 % (Corse) | 13 % (Corsica)
    TVA11 | 20 % (taux normal) | 20 % (standard rate)
    """
)
VAT_PERCENTAGES = dict(
    zip(
        (rate.code for rate in VAT_RATES),
        (0.0, 0.0, 0.9, 1.05, 1.75, 2.1, 5.5, 8.5, 10.0, 13.0, 20.0),
        strict=True,
    )
)

# Codes of the European list of exemption reasons (VATEX).
EXEMPTION_REASONS = _entries(
    """
    VATEX-FR-FRANCHISE | Franchise en base de TVA (293 B du CGI) | Small business exemption (article 293 B)
    VATEX-FR-CNWVAT | Avoir net de taxe | Credit note without VAT
    VATEX-EU-132 | Article 132 de la directive 2006/112/CE | Article 132 of directive 2006/112/EC
    VATEX-EU-AE | Autoliquidation | Reverse charge
    VATEX-EU-G | Exportation hors de l'Union européenne | Export outside the European Union
    VATEX-EU-IC | Livraison intracommunautaire | Intra-Community supply
    VATEX-EU-O | Hors du champ d'application de la TVA | Not subject to VAT
    """
)

CURRENCIES = _entries(
    """
    AUD | Dollar australien | Australian dollar
    BRL | Réal brésilien | Brazilian real
    CAD | Dollar canadien | Canadian dollar
    CHF | Franc suisse | Swiss franc
    CNY | Yuan chinois | Chinese yuan
    CZK | Couronne tchèque | Czech koruna
    DKK | Couronne danoise | Danish krone
    EUR | Euro | Euro
    GBP | Livre sterling | Pound sterling
    HUF | Forint hongrois | Hungarian forint
    INR | Roupie indienne | Indian rupee
    JPY | Yen japonais | Japanese yen
    MAD | Dirham marocain | Moroccan dirham
    MUR | Roupie mauricienne | Mauritian rupee
    NOK | Couronne norvégienne | Norwegian krone
    PLN | Zloty polonais | Polish zloty
    RON | Leu roumain | Romanian leu
    SEK | Couronne suédoise | Swedish krona
    TND | Dinar tunisien | Tunisian dinar
    USD | Dollar des États-Unis | United States dollar
    XAF | Franc CFA (BEAC) | Central African CFA franc
    XOF | Franc CFA (BCEAO) | West African CFA franc
    XPF | Franc Pacifique | CFP franc
    """
)

COUNTRIES = _entries(
    """
    AD | Andorre | Andorra
    AT | Autriche | Austria
    AU | Australie | Australia
    BE | Belgique | Belgium
    BG | Bulgarie | Bulgaria
    BL | Saint-Barthélemy | Saint Barthélemy
    BR | Brésil | Brazil
    CA | Canada | Canada
    CH | Suisse | Switzerland
    CI | Côte d'Ivoire | Côte d'Ivoire
    CN | Chine | China
    CY | Chypre | Cyprus
    CZ | Tchéquie | Czechia
    DE | Allemagne | Germany
    DK | Danemark | Denmark
    DZ | Algérie | Algeria
    EE | Estonie | Estonia
    ES | Espagne | Spain
    FI | Finlande | Finland
    FR | France | France
    GB | Royaume-Uni | United Kingdom
    GF | Guyane | French Guiana
    GP | Guadeloupe | Guadeloupe
    GR | Grèce | Greece
    HR | Croatie | Croatia
    HU | Hongrie | Hungary
    IE | Irlande | Ireland
    IN | Inde | India
    IS | Islande | Iceland
    IT | Italie | Italy
    JP | Japon | Japan
    LI | Liechtenstein | Liechtenstein
    LT | Lituanie | Lithuania
    LU | Luxembourg | Luxembourg
    LV | Lettonie | Latvia
    MA | Maroc | Morocco
    MC | Monaco | Monaco
    MF | Saint-Martin (partie française) | Saint Martin (French part)
    MQ | Martinique | Martinique
    MT | Malte | Malta
    MU | Maurice | Mauritius
    NC | Nouvelle-Calédonie | New Caledonia
    NL | Pays-Bas | Netherlands
    NO | Norvège | Norway
    PF | Polynésie française | French Polynesia
    PL | Pologne | Poland
    PM | Saint-Pierre-et-Miquelon | Saint Pierre and Miquelon
    PT | Portugal | Portugal
    RE | La Réunion | Réunion
    RO | Roumanie | Romania
    SE | Suède | Sweden
    SI | Slovénie | Slovenia
    SK | Slovaquie | Slovakia
    SN | Sénégal | Senegal
    TN | Tunisie | Tunisia
    US | États-Unis | United States
    WF | Wallis-et-Futuna | Wallis and Futuna
    YT | Mayotte | Mayotte
    """
)

# 01 and 02 are the types of main and additional attachments in the State's own exchange format; the others are ours.
ATTACHMENT_TYPES: Mapping[str, tuple[Entry, ...]] = {
    "FACTURE": _entries(
        """
        01 | Facture PDF | Invoice as PDF
        02 | Pièce jointe standard | Standard attachment
        03 | Bon de commande | Purchase order
        04 | Bon de livraison | Delivery note
        05 | Document annexe | Annex
        06 | Bordereau de suivi | Tracking slip
        """
    ),
    "STRUCTURE": _entries(
        """
        20 | Mandat de facturation | Billing mandate
        21 | Attestation fiscale | Tax certificate
        """
    ),
    "CB": _entries("30 | Relevé d'identité bancaire | Bank account details"),
}

REFUSAL_REASONS = _entries(
    """
    MONTANT | Montant erroné | Wrong amount
    REFERENCE | Référence de marché ou d'engagement erronée | Wrong contract or commitment number
    PRESTATION | Prestation non conforme ou non réalisée | Service not as agreed or not done
    DOUBLON | Facture déjà transmise | Invoice sent already
    AUTRE | Autre motif | Other reason
    """
)

FLOW_FORMATS = ("IN_DP_E1_STRUCT", "IN_DP_E2_MIXTE", "IN_DP_E2_FACTURX")
REQUEST_TYPES = ("FACTURE", "FACTURE_TRAVAUX", "MEMOIRE_JUSTICE", "DEMANDE_REMBOURSEMENT")


def billing_frames(request_type: str | None) -> tuple[str, ...]:
    """Return the billing frames of a type of payment request; None stands for every type."""
    simple = ("A1_FACTURE_FOURNISSEUR", "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "A9_FACTURE_SOUSTRAITANT")
    frames = {
        "FACTURE": (*simple, "A12_FACTURE_COTRAITANT"),
        "MEMOIRE_JUSTICE": ("A3_MEMOIRE_JUSTICE",),
        "DEMANDE_REMBOURSEMENT": ("A21_DEMANDE_REMBOURSEMENT_TIC",),
    }
    if request_type is None:
        return codes.BILLING_FRAMES
    others = {frame for some in frames.values() for frame in some}
    return frames.get(request_type) or tuple(frame for frame in codes.BILLING_FRAMES if frame not in others)


def statuses(request_type: str | None) -> tuple[str, ...]:
    """Return the statuses of a type of payment request: those of works have MOE or MOA in their names."""
    works = tuple(
        status for status in codes.STATUSES if {"MOE", "MOA"} & set(status.split("_")) and status != "TRANSMISE_MOA"
    )
    if request_type in (None, "FACTURE_TRAVAUX"):
        return codes.STATUSES
    return tuple(status for status in codes.STATUSES if status not in works)


def words(entries: Iterable[Entry], code: str, language: str) -> str | None:
    """Return the words of a code, if it is known."""
    return next((entry.words(language) for entry in entries if entry.code == code), None)
