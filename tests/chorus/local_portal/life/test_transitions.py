import pytest

from chorus.local_portal.life import transitions


def test_the_buyer_may_set_what_the_matrix_says() -> None:
    assert transitions.following("COMPTABILISEE") == ("MISE_EN_PAIEMENT",)
    assert transitions.following("REJETEE") == ()
    assert transitions.may_follow("SUSPENDUE", "COMPLETEE")
    assert not transitions.may_follow("MANDATEE", "REJETEE")


@pytest.mark.parametrize("status", transitions.FOLLOWING)
def test_a_buyer_whose_payments_are_hidden_never_sets_that_one(status: str) -> None:
    hidden = transitions.following(status, payment_hidden=True)
    assert set(transitions.following(status)) - set(hidden) <= {"MISE_EN_PAIEMENT"}
    assert "MISE_EN_PAIEMENT" not in hidden


def test_only_the_platform_and_the_buyer_move_an_invoice_that_waits_for_nobody_else() -> None:
    assert transitions.FOLLOWING.keys() >= transitions.ON_THE_PLATFORM
    assert not transitions.ON_THE_PLATFORM & transitions.WAITS_FOR_SUPPLIER.keys()
