"""recuperer/…: the reference lists of Transverses."""

from collections.abc import Callable, Iterable, Mapping

from chorus.local_portal import codes
from chorus.local_portal.checks import Check, one_of, record, text
from chorus.local_portal.life import transitions
from chorus.local_portal.operations import reference_lists
from chorus.local_portal.operations.call import DONE, READ, Answer, Call, Operation
from chorus.local_portal.operations.fields import CURRENT_USER, language
from chorus.local_portal.operations.reference_lists import Entry

TRANSVERSES = "/cpro/transverses/v1/recuperer"

LANGUAGE: dict[str, Check] = {"codeLangue": language}

Items = Callable[[Call], Iterable[Answer]]
request_type = one_of(reference_lists.REQUEST_TYPES)


def _operation(member: str, items: Items, asked: Mapping[str, Check] = LANGUAGE, envelope: Answer = READ) -> Operation:
    """Return an operation that answers a list under this member."""

    def answer(call: Call) -> Answer:
        return envelope | {member: list(items(call))}

    return Operation(record({**CURRENT_USER, **asked}), answer)


def _asked_language(call: Call) -> str:
    return str(call.body.get("codeLangue", "FR"))


def _codes(name: str, values: Iterable[str]) -> Items:
    return lambda _: [{name: value} for value in values]


def _words(entries: Iterable[Entry], code: str, words: str) -> Items:
    return lambda call: [{code: entry.code, words: entry.words(_asked_language(call))} for entry in entries]


def vat_rates(call: Call) -> list[Answer]:
    return [
        {
            "codeTauxTva": rate.code,
            "libelleTauxTva": rate.words(_asked_language(call)),
            "valeurTauxTva": reference_lists.VAT_PERCENTAGES[rate.code],
        }
        for rate in reference_lists.VAT_RATES
    ]


def attachment_types(call: Call) -> list[Answer]:
    asked = call.body.get("typeObjet")
    return [
        {
            "idTypePieceJointe": int(entry.code),
            "codeTypePieceJointe": entry.code,
            "libelleTypePieceJointe": entry.words(_asked_language(call)),
            "typeObjet": owner,
        }
        for owner, entries in reference_lists.ATTACHMENT_TYPES.items()
        if asked in (None, owner)
        for entry in entries
    ]


def refusal_reasons(call: Call) -> list[Answer]:
    return [
        {"idMotif": place, "codeMotif": entry.code, "libelleMotif": entry.words(_asked_language(call))}
        for place, entry in enumerate(reference_lists.REFUSAL_REASONS, 1)
    ]


def statuses(call: Call) -> list[Answer]:
    asked = reference_lists.statuses(call.body.get("typeDemandePaiement"))
    return [{"etatDemandePaiement": status} for status in asked]


def billing_frames(call: Call) -> list[Answer]:
    asked = reference_lists.billing_frames(call.body.get("typeDemandePaiement"))
    return [{"codeCadreFacturation": frame} for frame in asked]


def next_statuses(call: Call) -> list[Answer]:
    """Return what a recipient may set after a status; without one, all that a recipient may ever set."""
    if "statutCourant" in call.body:
        following = transitions.following(call.body["statutCourant"])
    else:
        ever = {status for some in transitions.FOLLOWING.values() for status in some}
        following = tuple(status for status in codes.STATUSES if status in ever)
    return [{"statutPossiblePourTraitement": status} for status in following]


OPERATIONS = {
    f"{TRANSVERSES}/tauxtva": _operation("listeTauxTva", vat_rates),
    f"{TRANSVERSES}/devises": _operation(
        "listeDevises", _words(reference_lists.CURRENCIES, "codeDevise", "libelleDevise")
    ),
    f"{TRANSVERSES}/pays": _operation("listePays", _words(reference_lists.COUNTRIES, "codePays", "libellePays")),
    f"{TRANSVERSES}/motifs/exonerationtva": _operation(
        "listeMotifsExonerationTva",
        _words(reference_lists.EXEMPTION_REASONS, "codeMotifExonerationTva", "libelleMotifExonerationTva"),
    ),
    f"{TRANSVERSES}/motifs/refus/Facture/AValider": _operation(
        "listeMotifRefusFactureAValider",
        refusal_reasons,
        {**LANGUAGE, "codeCadreFacturationAValider": one_of(codes.BILLING_FRAMES)},
    ),
    f"{TRANSVERSES}/typespj": _operation("listeTypePieceJointe", attachment_types, {**LANGUAGE, "typeObjet": text}),
    f"{TRANSVERSES}/modereglements": _operation(
        "listeModePaiement", _codes("modePaiement", codes.PAYMENT_MODES), envelope=DONE
    ),
    f"{TRANSVERSES}/modedepot": _operation("listeModeDepot", _codes("modeDepot", codes.DEPOSIT_MODES)),
    f"{TRANSVERSES}/formatflux": _operation("listeFormatFlux", _codes("formatFlux", reference_lists.FLOW_FORMATS)),
    f"{TRANSVERSES}/typedp": _operation(
        "listeTypeDemandePaiement", _codes("typeDemandePaiement", reference_lists.REQUEST_TYPES)
    ),
    f"{TRANSVERSES}/typeidentifiant/structure": _operation(
        "listeTypeIdentifiant", _codes("typeIdentifiantStructure", codes.IDENTIFIER_TYPES)
    ),
    f"{TRANSVERSES}/cadrefacturation": _operation(
        "listeCadreFacturation", billing_frames, {**LANGUAGE, "typeDemandePaiement": request_type}
    ),
    f"{TRANSVERSES}/etat/typedp": _operation(
        "listeEtatDemandePaiement", statuses, {"typeDemandePaiement": request_type}
    ),
    f"{TRANSVERSES}/etats/traitement": _operation(
        "listeStatutsPossiblesPourTraitement", next_statuses, {"statutCourant": one_of(codes.KNOWN_STATUSES)}
    ),
}
