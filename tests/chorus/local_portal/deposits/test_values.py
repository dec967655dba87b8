"""Values of a tree that its schema let through although they are none: another schema may be laxer."""

import pytest
from lxml import etree

from chorus.local_portal.deposits.reading.values import Node
from chorus.local_portal.deposits.records import UnreadableError


def node(content: str) -> Node:
    return Node(etree.fromstring(f"<a>{content}</a>"), {})


@pytest.mark.parametrize("value", ["douze", "NaN", "Infinity", "1e400", "10000000000000", "-10000000000000"])
def test_what_is_no_amount_of_the_api_is_refused(value: str) -> None:
    with pytest.raises(UnreadableError, match=f"ERR_VAL_001 IRRECEVABILITE: le nombre {value} n'est pas accepte"):
        node(f"<b>{value}</b>").number("b")


@pytest.mark.parametrize(("value", "expected"), [("9999999999999.99", 9999999999999.99), ("-0.5", -0.5), (" +1 ", 1.0)])
def test_amounts_have_room_for_thirteen_digits(value: str, expected: float) -> None:
    assert node(f"<b>{value}</b>").number("b") == expected


def test_a_file_that_is_not_base64_is_refused() -> None:
    with pytest.raises(UnreadableError, match="ERR_VAL_003"):
        node("<b>%%%</b>").embedded("b")


def test_a_file_without_name_gets_one_by_its_type() -> None:
    names = [file.name for file in node("<b mimeCode='application/pdf'/><b/><b filename=' .. '/>").embedded("b")]
    assert names == ["piece-jointe-1.pdf", "piece-jointe-2.bin", "sans-nom"]


def test_an_element_without_text_has_no_value_and_the_next_one_may() -> None:
    tree = node("<b> </b><b>x</b>")
    assert (tree.text("b"), tree.text("c"), tree.number("c"), tree.attribute("c", "d")) == ("x", None, None, None)
