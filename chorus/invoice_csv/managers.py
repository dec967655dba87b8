"""Invoice managers by login or e-mail."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from chorus.invoice_csv.cells import CellError


class Managers:
    """The active users, read once. A login as it is written wins over other spellings and over addresses."""

    def __init__(self) -> None:
        self._by_login: dict[str, int] = {}
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self._inactive: set[str] = set()
        users = get_user_model().objects.values_list("pk", "username", "email", "is_active")
        for pk, login, email, active in users:
            names = {name.casefold() for name in (login, email) if name}
            if not active:
                self._inactive |= names
                continue
            self._by_login[login] = pk
            for name in names:
                self._by_name[name].add(pk)

    def find(self, name: str) -> int:
        """Return the primary key of the user. Raises CellError when there is none, or more than one."""
        if name in self._by_login:
            return self._by_login[name]
        found = self._by_name.get(name.casefold(), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise CellError(_("%d users have this login or e-mail: write the exact login") % len(found))
        if name.casefold() in self._inactive:
            raise CellError(_("this user is not active"))
        raise CellError(_("no user has this login or e-mail"))
