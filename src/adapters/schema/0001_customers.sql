-- QuickBooks customers, their companies, addresses, e-mail addresses and phone numbers.

CREATE TABLE IF NOT EXISTS companies (
    domain varchar(255) PRIMARY KEY,
    name varchar(255) NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS addresses (
    id varchar(32) PRIMARY KEY,
    line1 varchar(255) NOT NULL,
    line2 varchar(255) NOT NULL,
    line3 varchar(255) NOT NULL,
    city varchar(255) NOT NULL,
    state varchar(255) NOT NULL,
    postal_code varchar(64) NOT NULL,
    country varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS customers (
    id varchar(64) PRIMARY KEY,
    quickbooks_id varchar(64) UNIQUE,
    name varchar(255) NOT NULL,
    normalized_name text NOT NULL,
    company_domain varchar(255) REFERENCES companies (domain),
    company_name varchar(255) NOT NULL,
    first_name varchar(100) NOT NULL,
    middle_name varchar(100) NOT NULL,
    last_name varchar(100) NOT NULL,
    billing_address_id varchar(32) REFERENCES addresses (id),
    shipping_address_id varchar(32) REFERENCES addresses (id),
    status varchar(20) NOT NULL,
    account_number varchar(100) NOT NULL,
    customer_type varchar(100) NOT NULL,
    terms varchar(100) NOT NULL,
    tax_code varchar(100) NOT NULL,
    tax_item varchar(100) NOT NULL,
    resale_number varchar(100) NOT NULL,
    credit_limit numeric(15, 2),
    quickbooks_created_on date,
    quickbooks_modified_on date,
    source_data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS customers_name ON customers (name);
CREATE INDEX IF NOT EXISTS customers_normalized_name ON customers (normalized_name);
CREATE INDEX IF NOT EXISTS customers_company_domain ON customers (company_domain);

CREATE TABLE IF NOT EXISTS customer_emails (
    customer_id varchar(64) NOT NULL REFERENCES customers (id),
    email varchar(254) NOT NULL,
    type varchar(10) NOT NULL,
    is_primary boolean NOT NULL,
    PRIMARY KEY (customer_id, email)
);

CREATE INDEX IF NOT EXISTS customer_emails_email ON customer_emails (email);

CREATE TABLE IF NOT EXISTS customer_phones (
    customer_id varchar(64) NOT NULL REFERENCES customers (id),
    phone varchar(64) NOT NULL,
    type varchar(10) NOT NULL,
    is_primary boolean NOT NULL,
    PRIMARY KEY (customer_id, phone)
);

CREATE INDEX IF NOT EXISTS customer_phones_phone ON customer_phones (phone);
