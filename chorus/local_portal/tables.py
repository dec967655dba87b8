"""The tables of the store. Days are texts, instants are milliseconds since 1970 UTC."""

# Real Chorus Pro ids have seven digits or more; low ones would be taken for row numbers.
FIRST_IDS = {
    "structures": 25_700_000,
    "services": 10_600_000,
    "invoices": 4_300_000,
    "status_changes": 8_500_000,
}

SCHEMA = """
CREATE TABLE applications (client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL);
CREATE TABLE structures (
    id INTEGER PRIMARY KEY, siret TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'recipient'))
);
CREATE TABLE services (
    id INTEGER PRIMARY KEY, structure_id INTEGER NOT NULL REFERENCES structures, code TEXT NOT NULL,
    name TEXT NOT NULL, UNIQUE (structure_id, code)
);
CREATE TABLE accounts (login TEXT PRIMARY KEY, password TEXT NOT NULL);
CREATE TABLE attachments (
    login TEXT NOT NULL REFERENCES accounts, structure_id INTEGER NOT NULL REFERENCES structures,
    PRIMARY KEY (login, structure_id)
);
CREATE TABLE invoices (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL, supplier_id INTEGER NOT NULL REFERENCES structures,
    supplier_service_id INTEGER REFERENCES services, recipient_id INTEGER NOT NULL REFERENCES structures,
    service_id INTEGER REFERENCES services, type TEXT NOT NULL, billing_frame TEXT NOT NULL,
    deposit_mode TEXT NOT NULL, date TEXT NOT NULL, deposited_at INTEGER NOT NULL, deposited_on TEXT NOT NULL,
    due_on TEXT, amount_excl_tax REAL, amount_incl_tax REAL, amount_payable REAL, currency TEXT NOT NULL,
    commitment_number TEXT, contract_number TEXT, original_number TEXT, flow_number TEXT, comment TEXT,
    rejection_handled INTEGER NOT NULL, size INTEGER, creator_id INTEGER, validator_id INTEGER,
    bank_account_id INTEGER, other_members TEXT NOT NULL, status TEXT NOT NULL, status_at INTEGER NOT NULL,
    status_comment TEXT, mandate_number TEXT
);
CREATE INDEX invoices_by_number ON invoices (supplier_id, number);
CREATE INDEX invoices_by_flow ON invoices (supplier_id, flow_number);
CREATE INDEX invoices_by_change ON invoices (supplier_id, status_at, deposited_on);
CREATE TABLE status_changes (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices, status TEXT NOT NULL,
    at INTEGER NOT NULL, comment TEXT, author TEXT
);
CREATE INDEX status_changes_by_invoice ON status_changes (invoice_id, at);
-- Every join is a LEFT JOIN on a primary key: SQLite leaves out those that a query does not use.
CREATE VIEW full_invoices AS
SELECT i.*, supplier.siret AS supplier_siret, supplier.name AS supplier_name,
    recipient.siret AS recipient_siret, recipient.name AS recipient_name,
    supplier_service.code AS supplier_service_code, supplier_service.name AS supplier_service_name,
    service.code AS service_code, service.name AS service_name
FROM invoices i
LEFT JOIN structures supplier ON supplier.id = i.supplier_id
LEFT JOIN structures recipient ON recipient.id = i.recipient_id
LEFT JOIN services supplier_service ON supplier_service.id = i.supplier_service_id
LEFT JOIN services service ON service.id = i.service_id;
"""
