"""ajouter/fichier: an account gives the portal a file, to name it in a later call."""

from chorus.local_portal import dates
from chorus.local_portal.checks import record, text, text_up_to
from chorus.local_portal.deposits import attachments
from chorus.local_portal.deposits.records import File
from chorus.local_portal.deposits.texts import file_name
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.contents import MAX_FILE, decoded
from chorus.local_portal.operations.fields import CURRENT_USER

BODY = record(
    {
        **CURRENT_USER,
        "pieceJointeFichier": text,
        "pieceJointeNom": text_up_to(50),
        "pieceJointeTypeMime": text_up_to(200),
        "pieceJointeExtension": text_up_to(20),
    },
    needed=["pieceJointeFichier", "pieceJointeNom", "pieceJointeTypeMime", "pieceJointeExtension"],
)


def add_file(call: Call) -> Answer:
    content = decoded(call.body, "pieceJointeFichier")
    if len(content) > MAX_FILE:
        raise RefusedError(20003, "TRA_MSG_00.903 - La pièce jointe dépasse 10 Mo.")
    file = File(file_name(call.body["pieceJointeNom"]), content, call.body["pieceJointeTypeMime"])
    with call.store.writing() as connection:
        now = dates.to_instant(call.store.clock.now())
        extension = call.body["pieceJointeExtension"].upper()
        attachment_id = attachments.add(connection, call.caller.login, file, now, extension)
    return READ | {"pieceJointeId": attachment_id}


OPERATIONS = {"/cpro/transverses/v1/ajouter/fichier": Operation(BODY, add_file)}
