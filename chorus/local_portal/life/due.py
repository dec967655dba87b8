"""What is due is done before anybody looks."""

from chorus.local_portal import dates
from chorus.local_portal.deposits import treatment
from chorus.local_portal.life import planned
from chorus.local_portal.state.store import Store


def catch_up(store: Store) -> None:
    """Do all that is due on the portal's clock: called before each call of the API and before each page."""
    now = dates.to_instant(store.clock.now())
    # Deposited flows come first: they bring invoices, whose moves may be due as well.
    treatment.treat_all(store, now)
    planned.do_all(store, now)
