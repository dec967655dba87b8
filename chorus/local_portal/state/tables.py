"""The tables of the store. Days are texts, instants are milliseconds since 1970 UTC."""

# A state file says by these that it is one, and of which form.
APPLICATION_ID = 0x43504C50
VERSION = 1


# Real Chorus Pro ids have seven digits or more; low ones would be taken for row numbers.
FIRST_IDS = {
    "structures": 25_700_000,
    "services": 10_600_000,
    "bank_accounts": 5_100_000,
    "invoices": 4_300_000,
    "status_changes": 8_500_000,
    "attachments": 30_400_000,
    "user_actions": 9_100_000,
    "events": 9_600_000,
}

SCHEMA = """
CREATE TABLE applications (client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL);
CREATE TABLE structures (
    id INTEGER PRIMARY KEY, siret TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'recipient')), identifier_type TEXT NOT NULL,
    active INTEGER NOT NULL, service_required INTEGER NOT NULL, commitment_required INTEGER NOT NULL,
    payment_hidden INTEGER NOT NULL, street TEXT, postcode TEXT, city TEXT, country TEXT NOT NULL
);
CREATE TABLE services (
    id INTEGER PRIMARY KEY, structure_id INTEGER NOT NULL REFERENCES structures, code TEXT NOT NULL,
    name TEXT NOT NULL, active INTEGER NOT NULL, commitment_required INTEGER NOT NULL, UNIQUE (structure_id, code)
);
CREATE TABLE bank_accounts (
    id INTEGER PRIMARY KEY, structure_id INTEGER NOT NULL REFERENCES structures, name TEXT NOT NULL, iban TEXT NOT NULL,
    bic TEXT
);
CREATE TABLE accounts (login TEXT PRIMARY KEY, password TEXT NOT NULL, password_expires_on TEXT);
CREATE TABLE account_structures (
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
    status_comment TEXT, mandate_number TEXT, payment_mode TEXT, details TEXT NOT NULL
);
CREATE INDEX invoices_by_number ON invoices (supplier_id, number);
CREATE INDEX invoices_by_flow ON invoices (supplier_id, flow_number);
CREATE INDEX invoices_by_change ON invoices (supplier_id, status_at, deposited_on);
CREATE INDEX invoices_by_recipient ON invoices (recipient_id, status_at, deposited_on);
CREATE TABLE status_changes (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices, status TEXT NOT NULL,
    at INTEGER NOT NULL, comment TEXT, author TEXT
);
CREATE INDEX status_changes_by_invoice ON status_changes (invoice_id, at);
CREATE TABLE user_actions (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices, code TEXT NOT NULL, at INTEGER NOT NULL,
    author TEXT NOT NULL
);
CREATE INDEX user_actions_by_invoice ON user_actions (invoice_id, at);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices, label TEXT NOT NULL, at INTEGER NOT NULL,
    author TEXT NOT NULL
);
CREATE INDEX events_by_invoice ON events (invoice_id, at);
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY, login TEXT, name TEXT NOT NULL, mime_type TEXT NOT NULL, extension TEXT NOT NULL,
    content BLOB NOT NULL, added_at INTEGER NOT NULL
);
CREATE TABLE invoice_attachments (
    invoice_id INTEGER NOT NULL REFERENCES invoices, attachment_id INTEGER NOT NULL REFERENCES attachments,
    role TEXT NOT NULL CHECK (role IN ('main', 'additional')), type TEXT NOT NULL, designation TEXT NOT NULL,
    line_number INTEGER, PRIMARY KEY (invoice_id, attachment_id)
);
-- The content of a flow is kept until it was read.
CREATE TABLE flows (
    number TEXT PRIMARY KEY, login TEXT NOT NULL, syntax TEXT NOT NULL, interface TEXT NOT NULL,
    file_name TEXT NOT NULL, content BLOB, deposited_at INTEGER NOT NULL, state TEXT NOT NULL,
    state_at INTEGER NOT NULL, treated INTEGER NOT NULL
);
CREATE INDEX flows_to_treat ON flows (treated, deposited_at);
CREATE TABLE flow_errors (
    flow_number TEXT NOT NULL REFERENCES flows, place INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'technical')), number TEXT, supplier TEXT, recipient TEXT,
    code TEXT, nature TEXT, text TEXT NOT NULL, PRIMARY KEY (flow_number, place)
);
CREATE TABLE planned_moves (
    invoice_id INTEGER PRIMARY KEY REFERENCES invoices, due_at INTEGER NOT NULL, status TEXT NOT NULL, comment TEXT,
    author TEXT NOT NULL
);
CREATE INDEX planned_moves_by_date ON planned_moves (due_at);
-- One row at most: the scenario that the buyers follow.
CREATE TABLE life (scenario TEXT, seed INTEGER NOT NULL);
-- Every join is a LEFT JOIN on a primary key: SQLite leaves out those that a query does not use.
CREATE VIEW full_invoices AS
SELECT i.*, supplier.siret AS supplier_siret, supplier.name AS supplier_name,
    supplier.identifier_type AS supplier_identifier_type, supplier.country AS supplier_country,
    recipient.siret AS recipient_siret, recipient.name AS recipient_name,
    supplier_service.code AS supplier_service_code, supplier_service.name AS supplier_service_name,
    service.code AS service_code, service.name AS service_name
FROM invoices i
LEFT JOIN structures supplier ON supplier.id = i.supplier_id
LEFT JOIN structures recipient ON recipient.id = i.recipient_id
LEFT JOIN services supplier_service ON supplier_service.id = i.supplier_service_id
LEFT JOIN services service ON service.id = i.service_id;
"""
