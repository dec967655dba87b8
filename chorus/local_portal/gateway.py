"""The HTTP side of the local Chorus Pro: PISTE's token, its refusals, and the API's envelope."""

import json
import logging
import time
from typing import Any, NoReturn

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from chorus.local_portal.checks import MalformedError
from chorus.local_portal.life import due
from chorus.local_portal.operations import OPERATIONS, Call, Operation, RefusedError
from chorus.local_portal.search import Caps
from chorus.local_portal.store import Store
from chorus.local_portal.tokens import INVALID_CLIENT, LIFETIME, TokenError, Tokens, client_credentials, read_pair

LOGGER = logging.getLogger("chorus.local_portal")
OAUTH_PATH = "/api/oauth/token"
HEALTH_CHECK_PATH = "/cpro/transverses/v1/health-check"
HEALTHY = {
    "body": "L'API CPRO est actuellement disponible et fonctionnel.",
    "statusCode": "OK",
    "statusCodeValue": 200,
}
# Base64 of AIFE's largest request, a compressed deposit of 30 MB.
MAX_BODY = 42 * 1024 * 1024

MISSING_BEARER = (
    'Bearer realm="DefaultRealm", error="invalid_request", error_description="Unable to find token in the message"'
)
BAD_BEARER = 'Bearer realm="PISTE",error="invalid_token",error_description="The access token is unknown or expired"'
BAD_ACCOUNT = 'Bearer realm="PISTE",error="Unauthorized",error_description="login or password incorrects"'


class GatewayError(Exception):
    """A request is answered before it reaches an operation."""

    def __init__(self, status: int, challenge: str = "") -> None:
        super().__init__(status, challenge)
        self.status = status
        self.challenge = challenge


def create_app(store: Store, tokens: Tokens, latency_ms: int = 0, page_cap: int | None = None) -> Flask:
    """Return the WSGI application; every answer waits `latency_ms`, no page has more than `page_cap` rows."""
    app = Flask("chorus.local_portal", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    _add_hooks(app, store, tokens, latency_ms)
    _add_error_handlers(app)

    @app.post(OAUTH_PATH)
    def token() -> Response:
        credentials = client_credentials(request.form.to_dict(flat=False), request.headers.get("Authorization", ""))
        if not store.is_application(*credentials):
            raise TokenError("invalid_client", INVALID_CLIENT)
        body = {"access_token": tokens.issue(), "token_type": "Bearer", "expires_in": LIFETIME, "scope": "openid"}
        answer = _json(200, body)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.get(HEALTH_CHECK_PATH)
    def health_check() -> Response:
        return _json(200, HEALTHY)

    def answer(operation: Operation) -> Response:
        body = _read_body()
        operation.check(body)
        due.catch_up(store)
        return _json(200, operation.answer(Call(store, g.caller, body, Caps(page_cap))))

    for path, operation in OPERATIONS.items():
        app.add_url_rule(path, path, answer, methods=["POST"], defaults={"operation": operation})
    return app


def _add_hooks(app: Flask, store: Store, tokens: Tokens, latency_ms: int) -> None:
    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        time.sleep(latency_ms / 1000)

    @app.before_request
    def authenticate() -> None:
        if request.path != OAUTH_PATH:
            _authenticate(store, tokens)

    @app.after_request
    def log(response: Response) -> Response:
        elapsed = (time.perf_counter() - g.started) * 1000
        LOGGER.info("%s %a %d %.1f ms", request.method, request.path, response.status_code, elapsed)
        return response


def _authenticate(store: Store, tokens: Tokens) -> None:
    """Stop what PISTE would stop, in its order: no token, bad token, unknown route, bad technical account."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GatewayError(400, MISSING_BEARER)
    if not tokens.is_valid(token):
        raise GatewayError(401, BAD_BEARER)
    if request.url_rule is None:
        raise GatewayError(403)
    account = read_pair(request.headers.get("cpro-account", ""))
    g.caller = store.caller(*account) if account else None
    if g.caller is None:
        raise GatewayError(401, BAD_ACCOUNT)


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(GatewayError)
    def stopped(error: GatewayError) -> Response:
        return _empty(error.status, error.challenge)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        # PISTE knows routes with their methods, and answers 403 to any other.
        return _empty(403 if error.code in (404, 405) else error.code or 500)

    @app.errorhandler(TokenError)
    def token_refused(error: TokenError) -> Response:
        return _json(400, {"error": error.error, "error_description": error.description})

    @app.errorhandler(MalformedError)
    def malformed(error: MalformedError) -> Response:
        return _json(400, {"codeRetour": 400, "libelle": f"GCU_MSG_01_400 - {error}"})

    @app.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Response:
        return _json(200, {"codeRetour": error.code, "libelle": error.label})


def _read_body() -> Any:
    """Return the JSON of the request; an empty body stands for {}, since AIFE's Swagger requires none."""
    if request.mimetype != "application/json":
        raise GatewayError(415)
    content = request.get_data()
    if not content:
        return {}
    try:
        return json.loads(content.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON in UTF-8") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _json(status: int, body: Any) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair in a text cannot be UTF-8, but as an escape it is JSON.
    encoded = content.encode(errors="backslashreplace")
    return Response(encoded, status, content_type="application/json;charset=utf-8")


def _empty(status: int, challenge: str = "") -> Response:
    answer = Response(status=status)
    del answer.headers["Content-Type"]
    if challenge:
        answer.headers["WWW-Authenticate"] = challenge
    return answer
