from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batches.parameters import (
    COMMON_PARAMETERS,
    LOG_LEVELS,
    Boolean,
    Choices,
    DirectoryName,
    Email,
    Emails,
    FileNamePart,
    Kind,
    Parameter,
    ParameterError,
    Text,
)


def refusal(kind: Kind, text: str, **options: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        Parameter("CODE", kind, **options).parse(text)
    assert caught.value.code == "CODE"
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("True", True), ("vrai", True), ("1", True), (" FALSE ", False), ("Faux", False), ("0", False), ("", False)],
)
def test_a_boolean_is_read_in_english_french_and_digits(text: str, value: bool) -> None:
    assert Parameter("CODE", Boolean()).parse(text) is value


def test_a_refused_boolean_names_parameter_value_and_what_is_accepted() -> None:
    assert refusal(Boolean(), "yes") == (
        "CODE=“yes” is refused: it is not a boolean. Accepted: True or False (also Vrai or Faux, 1 or 0)."
    )


def test_a_required_boolean_may_be_false() -> None:
    assert Parameter("CODE", Boolean(), required=True).parse("False") is False


def test_a_list_tolerates_blanks_case_empty_items_and_duplicates() -> None:
    levels = Parameter("BATCH_LOG_LEVEL", Choices(LOG_LEVELS))
    assert levels.parse(" warn ; LOG;;Warn ") == ("WARN", "LOG")


def test_f36_a_list_refuses_an_unknown_item_with_the_accepted_ones() -> None:
    words = refusal(Choices(LOG_LEVELS), "LOG;WARNING")
    assert "“WARNING” is unknown" in words
    assert "DEBUG, LOG, WARN, ERROR" in words


def test_several_addresses_are_separated_by_semicolons() -> None:
    assert Parameter("CODE", Emails()).parse("a@example.org; b@example.org;a@example.org") == (
        "a@example.org",
        "b@example.org",
    )


@pytest.mark.parametrize(
    "text",
    [
        "support",
        "a@example.org,b@example.org",
        "a@example.org\nBcc: spy@example.org",
        "a@example.org\r;b@example.org\x00",
        '"a\x0bb"@example.org',
    ],
)
def test_s04_an_address_that_could_forge_a_header_is_refused(text: str) -> None:
    assert "is not an e-mail address" in refusal(Emails(), text)
    assert "is not one e-mail address" in refusal(Email(), text)


def test_one_address_means_one() -> None:
    assert Parameter("CODE", Email()).parse("a@example.org ") == "a@example.org"
    assert "“a@example.org;b@example.org”" in refusal(Email(), "a@example.org;b@example.org")


def test_a_text_has_no_line_breaks() -> None:
    assert "“a\\nb” is refused" in refusal(Text(), "a\nb")


def test_a_required_parameter_is_not_empty() -> None:
    assert refusal(Emails(), " ; ", required=True).startswith("CODE is required. Accepted: One or several e-mail")


def test_an_empty_value_means_the_default() -> None:
    assert Parameter("CODE", Choices(("A", "B")), default="b").parse("  ") == ("B",)
    assert Parameter("CODE", Emails()).parse("") == ()


def test_a_refused_secret_is_not_shown() -> None:
    words = refusal(Text(), "canary\nsecret", secret=True)
    assert "canary" not in words
    assert words.startswith("The value of CODE is refused.")


def test_the_blanks_around_a_secret_belong_to_it() -> None:
    assert Parameter("CODE", Text(), secret=True).parse(" two words ") == " two words "


@pytest.mark.parametrize("text", ["chorus", "chorus/hourly", ".", "not..up"])
def test_a_directory_is_named_relative_to_the_log_root(text: str) -> None:
    assert Parameter("CODE", DirectoryName()).parse(text) == text


@pytest.mark.parametrize("text", ["/etc", "../etc", "a/../../etc", "..", "a\\..\\b", "a\x00b"])
def test_s05_a_directory_outside_of_the_log_root_is_refused(text: str, places: Path) -> None:
    assert str(places / "logs") in refusal(DirectoryName(), text)


def test_s05_a_link_that_leads_out_of_the_log_root_is_refused(places: Path) -> None:
    (places / "logs").mkdir()
    (places / "logs" / "link").symlink_to("/tmp")  # noqa: S108 - where it leads to is never used
    assert "leads out of" in refusal(DirectoryName(), "link/deeper")


@pytest.mark.parametrize("text", [".hidden", "a/b", "a b", "x" * 65, "é", "a\nb"])
def test_s05_what_could_lead_elsewhere_is_no_part_of_a_file_name(text: str) -> None:
    assert str(FileNamePart().accepted) in refusal(FileNamePart(), text)


def test_a_part_of_a_file_name_is_letters_digits_and_few_signs() -> None:
    assert Parameter("CODE", FileNamePart()).parse("Night_1.2-b") == "Night_1.2-b"


def test_every_template_takes_the_twelve_parameters_of_the_reference() -> None:
    assert [parameter.code for parameter in COMMON_PARAMETERS] == [
        "BATCH_DEBUG_PARAMS",
        "BATCH_LOG_CONSOLE",
        "BATCH_LOG_FILE",
        "BATCH_LOG_ID",
        "BATCH_LOG_LEVEL",
        "BATCH_MAIL",
        "BATCH_MAIL_CC",
        "BATCH_MAIL_CCI",
        "BATCH_MAIL_FROM",
        "BATCH_MAIL_REPLY_TO",
        "BATCH_PWD",
        "BATCH_USER",
    ]
    assert [parameter.code for parameter in COMMON_PARAMETERS if parameter.required] == [
        "BATCH_MAIL",
        "BATCH_PWD",
        "BATCH_USER",
    ]


def test_the_log_level_is_log_warn_and_error_unless_set() -> None:
    levels = next(parameter for parameter in COMMON_PARAMETERS if parameter.code == "BATCH_LOG_LEVEL")
    assert levels.parse("") == ("LOG", "WARN", "ERROR")


def test_every_common_parameter_has_a_help_and_a_default_that_it_accepts() -> None:
    for parameter in COMMON_PARAMETERS:
        assert parameter.help
        if not parameter.required:
            parameter.parse("")
