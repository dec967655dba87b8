"""Run the test by which Tryton's developers try their module on AIFE's qualification portal: tryton_scenario URL

Runs in Tryton's own environment, by Tryton's own loader; the base URLs are the only thing that is not Tryton's own.
The scenario is the file in the installed package, as it is; it takes credentials and SIRETs from the environment.
"""

import sys
import unittest

from tests.clients.tryton_portal import use_portal

if __name__ == "__main__":
    use_portal(sys.argv[1])
    unittest.main("trytond.modules.account_fr_chorus.tests.test_scenario", argv=sys.argv[:1], verbosity=2)
