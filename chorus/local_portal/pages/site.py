"""The routes of the pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for

from chorus.local_portal import dates
from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.life import due, planned
from chorus.local_portal.pages import calls, connecting, languages, listing, protection, treating, words
from chorus.local_portal.state.store import Store

CALLS_SHOWN = 50
LARGEST_ID = 2**63 - 1
YEAR = 365 * 24 * 60 * 60


def blueprint(store: Store, recorder: Recorder, secrets_in: Path | None = None) -> Blueprint:
    """Return the routes. The secrets of the accounts are shown, unless they are those of the file `secrets_in`."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="assets", static_url_path="/assets")
    _add_hooks(pages, store)
    _add_invoices(pages, store)

    @pages.get("/flows")
    def flows() -> str:
        found = listing.find_flows(store, _page())
        return render_template("flows.html", found=found, errors=listing.errors_of(store, found.rows), kept={})

    @pages.get("/calls")
    def received() -> str:
        return render_template("calls.html", calls=[calls.shown(each) for each in recorder.last(CALLS_SHOWN)])

    @pages.get("/connect")
    def connect() -> str:
        return render_template("connect.html", **connecting.facts(store, request.host_url.rstrip("/"), secrets_in))

    @pages.post("/language")
    def language() -> Response:
        code = request.form.get("language", "")
        if code not in languages.LANGUAGES:
            abort(400, "Choose a language that there is.")
        answer = make_response(redirect(_own_path(request.form.get("back", "")), 303))
        answer.set_cookie(languages.COOKIE, code, max_age=YEAR, httponly=True, samesite="Lax")
        return answer

    return pages


def _add_invoices(pages: Blueprint, store: Store) -> None:
    @pages.get("/")
    def invoices() -> str:
        text, status = request.args.get("q", "").strip(), request.args.get("status", "")
        found = listing.find_invoices(store, text, status, _page())
        kept = {"q": text or None, "status": status or None}
        return render_template(
            "invoices.html", found=found, text=text, status=status, statuses=words.STATUSES, kept=kept
        )

    @pages.get(f"/invoices/<int(max={LARGEST_ID}):invoice_id>")
    def invoice(invoice_id: int) -> str | tuple[str, int]:
        return _invoice_page(store, invoice_id, moved="moved" in request.args)

    @pages.post(f"/invoices/<int(max={LARGEST_ID}):invoice_id>")
    def move(invoice_id: int) -> Any:
        wish = treating.Wish.read(request.form)
        problem = treating.treat(store, invoice_id, wish)
        if problem:
            return _invoice_page(store, invoice_id, wish, problem)
        return redirect(url_for("pages.invoice", invoice_id=invoice_id, moved="yes"), 303)


def _invoice_page(
    store: Store,
    invoice_id: int,
    wish: treating.Wish = treating.NO_WISH,
    problem: treating.Problem | None = None,
    moved: bool = False,
) -> tuple[str, int]:
    facts = treating.facts(store, invoice_id)
    if facts is None:
        return render_template("unknown.html", invoice_id=invoice_id), 404
    page = render_template("invoice.html", **facts, wish=wish, problem=problem, moved=moved)
    return page, 200


def _add_hooks(pages: Blueprint, store: Store) -> None:
    @pages.before_request
    def prepare() -> None:
        g.language = languages.choose(request.cookies.get(languages.COOKIE), request.accept_languages)
        if request.method == "POST" and not protection.is_of_our_own(request):
            abort(403, "This form was not sent from a page of this server.")
        due.catch_up(store)

    pages.after_request(protection.add_headers)

    @pages.context_processor
    def add_words() -> dict[str, Any]:
        return _words(g.language) | {
            "clock": store.clock,
            "now": dates.to_instant(store.clock.now()),
            "scenario": planned.scenario_name(store),
            "languages": languages.LANGUAGES.values(),
            "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        }


def _words(language: languages.Language) -> dict[str, Any]:
    """Return what a template says in the reader's language."""
    translations = language.texts()
    _, ngettext = translations.gettext, translations.ngettext

    def counted(form: str, count: int) -> str:
        return form % {"count": language.number(count)}

    def found_word(count: int) -> str:
        return counted(ngettext("%(count)s invoice", "%(count)s invoices", count), count)

    def integrated_word(count: int) -> str:
        return counted(ngettext("%(count)s invoice integrated", "%(count)s invoices integrated", count), count)

    def size_word(size: int) -> str:
        return counted(ngettext("%(count)s byte", "%(count)s bytes", size), size)

    return {
        "_": _,
        "language": language,
        "iso": dates.exact,
        "found_word": found_word,
        "integrated_word": integrated_word,
        "size_word": size_word,
        "status_word": _translated(words.STATUSES, _),
        "flow_word": _translated(words.FLOW_STATES, _),
        "type_word": _translated(words.INVOICE_TYPES, _),
        "kind_word": _translated(words.KINDS, _),
        "duty_word": _translated(words.DUTIES, _),
        "problem_word": _translated(treating.PROBLEMS, _),
        "look": lambda status: words.LOOKS.get(status, "other"),
        "flow_look": lambda state: words.FLOW_LOOKS.get(state, "travelling"),
    }


def _translated(known: dict[str, str], translate: Callable[[str], str]) -> Callable[[str], str]:
    return lambda code: translate(known[code]) if code in known else code


def _page() -> int:
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _own_path(path: str) -> str:
    """Return a path of this server, whatever was asked for: “//host” and “/\\host” lead elsewhere.

    Browsers leave tabs and line ends out, and take “/<tab>/host” for the former.
    """
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
