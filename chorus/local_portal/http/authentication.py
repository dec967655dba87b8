"""Who calls: PISTE's credentials on the token's path, a token and a technical account on every other one."""

from flask import request

from chorus.local_portal.http.replies import BAD_BEARER
from chorus.local_portal.http.tokens import INVALID_CLIENT, TokenError, Tokens, client_credentials, read_pair
from chorus.local_portal.state.records import Caller
from chorus.local_portal.state.store import Store

MISSING_BEARER = (
    'Bearer realm="DefaultRealm", error="invalid_request", error_description="Unable to find token in the message"'
)
BAD_ACCOUNT = 'Bearer realm="PISTE",error="Unauthorized",error_description="login or password incorrects"'


class GatewayError(Exception):
    """A request is answered before it reaches an operation."""

    def __init__(self, status: int, challenge: str = "") -> None:
        super().__init__(status, challenge)
        self.status = status
        self.challenge = challenge


def client_id(store: Store) -> str:
    """Return the application that asks for a token. Raises TokenError."""
    credentials = client_credentials(request.form.to_dict(flat=False), request.headers.get("Authorization", ""))
    if not store.is_application(*credentials):
        raise TokenError("invalid_client", INVALID_CLIENT)
    return credentials[0]


def authenticate(store: Store, tokens: Tokens) -> Caller:
    """Return who makes a call; stop what PISTE would stop, in its order: no token, bad token, unknown route, bad
    technical account. Raises GatewayError.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GatewayError(400, MISSING_BEARER)
    if not tokens.use(token):
        raise GatewayError(401, BAD_BEARER)
    if request.url_rule is None:
        raise GatewayError(403)
    account = read_pair(request.headers.get("cpro-account", ""))
    caller = store.caller(*account) if account else None
    if caller is None:
        raise GatewayError(401, BAD_ACCOUNT)
    return caller
