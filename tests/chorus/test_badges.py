"""Chorus statuses as badges: words, code, tone."""

from __future__ import annotations

import pytest

from chorus.screens.badges import BAD, GOOD, NEUTRAL, PROGRESS, WARN, badge, described, tone
from chorus.statuses import ChorusStatus


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("REJETEE", BAD),
        ("SUSPENDUE", WARN),
        ("A_RECYCLER", WARN),
        ("MISE_EN_PAIEMENT", GOOD),
        ("DEPOSEE", PROGRESS),
        ("", NEUTRAL),
        ("CODE_NOUVEAU", NEUTRAL),
    ],
)
def test_a_status_has_a_tone(code: str, expected: str) -> None:
    assert tone(code) == expected


def test_a_badge_is_short_and_has_all_words_and_the_code_as_title() -> None:
    assert badge("SUSPENDUE") == (
        '<span class="badge warn" title="suspended (document missing) (SUSPENDUE)">suspended</span>'
    )


@pytest.mark.parametrize("code", ChorusStatus.values)
def test_no_two_badges_have_the_same_text(code: str) -> None:
    texts = [badge(each).partition(">")[2] for each in ChorusStatus.values]
    assert texts.count(badge(code).partition(">")[2]) == 1


def test_hostile_codes_are_escaped() -> None:
    assert "<script>" not in badge("<script>")


def test_a_code_without_words_describes_itself() -> None:
    assert described("CODE_NOUVEAU") == "CODE_NOUVEAU"
    assert described("REJETEE") == "rejected (REJETEE)"
