"""The kind of parameter that names companies."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from batches.kinds import Options, split
from batches.parameters import Kind
from batches.plain_text import has_controls, quoted
from chorus.models import ALL_COMPANIES, Company


class CompanyCodes(Kind):
    """Codes of existing companies, separated by ";", or ***** for all: then, as for an empty text, the value is ()."""

    label = gettext_lazy("List of companies")
    accepted = gettext_lazy("Codes of existing companies separated by “;”, or ***** for all of them.")
    everything = ALL_COMPANIES
    empty = ()

    def parse(self, text: str) -> tuple[str, ...]:
        codes = list(dict.fromkeys(split(text)))
        if ALL_COMPANIES in codes:
            return ()
        askable = [code for code in codes if not has_controls(code)]  # a database cannot be asked for NUL
        known = set(Company.objects.filter(code__in=askable).values_list("code", flat=True))
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise ValueError(_("no company has the code %(codes)s") % {"codes": quoted(*unknown)})
        return tuple(codes)

    def options(self) -> Options:
        return [(ALL_COMPANIES, _("all companies")), *Company.objects.order_by("code").values_list("code", "name")]
