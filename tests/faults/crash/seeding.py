"""Makes the database that every crash begins with: `python -m tests.faults.crash.seeding`, where its files are."""

from __future__ import annotations

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_setup", "setup.toml")
    call_command("import_invoices", "invoices.csv")
    call_command("run_batch", "CHORUS")
    call_command("import_invoices", "latecomers.csv")


if __name__ == "__main__":
    main()
