"""System checks of the trade's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from chorus.statuses import ChorusStatus


@register()
def check_final_statuses(**_kwargs: Any) -> list[CheckMessage]:
    """Any code of the portal may be final; one that this version does not know is more likely a slip."""
    unknown = [code for code in settings.CHORUS_FINAL_STATUSES if code not in ChorusStatus.values]
    if not unknown:
        return []
    return [
        Warning(
            f"CHORUS_FINAL_STATUSES names {', '.join(unknown)}, which is no known Chorus status.",
            hint=f"Known ones: {', '.join(ChorusStatus.values)}.",
            id="chorus.W001",
        )
    ]
