-- The warehouse's records as they are synchronized with QuickBooks Desktop.
--
-- `id` is the warehouse's own. `qb_list_id` and `qb_txn_id` are QuickBooks', empty for
-- what it does not know yet; the synchronization fills them in, and `qb_line_id` and
-- `qb_deleted_at`. Who changes a record sets its `updated_at`. A reference is
-- `customer_id`; `customer_qb_id` beside it is what QuickBooks said, and counts where
-- there is no `customer_id`. Lines are ordered by `position`.

CREATE TABLE IF NOT EXISTS customers (
    id varchar(64) PRIMARY KEY,
    qb_list_id varchar(64) UNIQUE,
    name varchar(255) NOT NULL,
    full_name varchar(255),
    company_name varchar(255),
    first_name varchar(255),
    last_name varchar(255),
    billing_address_line1 varchar(255),
    billing_address_line2 varchar(255),
    billing_address_line3 varchar(255),
    billing_address_line4 varchar(255),
    billing_address_line5 varchar(255),
    billing_address_city varchar(255),
    billing_address_state varchar(255),
    billing_address_postal_code varchar(255),
    billing_address_country varchar(255),
    shipping_address_line1 varchar(255),
    shipping_address_line2 varchar(255),
    shipping_address_line3 varchar(255),
    shipping_address_line4 varchar(255),
    shipping_address_line5 varchar(255),
    shipping_address_city varchar(255),
    shipping_address_state varchar(255),
    shipping_address_postal_code varchar(255),
    shipping_address_country varchar(255),
    phone varchar(255),
    email text,
    is_active boolean NOT NULL DEFAULT true,
    custom_fields jsonb,
    balance numeric(15, 2),
    total_balance numeric(15, 2),
    currency_id varchar(255),
    currency_full_name varchar(255),
    customer_type_id varchar(255),
    customer_type_full_name varchar(255),
    sales_representative_id varchar(255),
    sales_representative_initial varchar(255),
    terms_id varchar(255),
    terms_name varchar(255),
    preferred_payment_method_id varchar(255),
    preferred_payment_method_name varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE TABLE IF NOT EXISTS vendors (
    id varchar(64) PRIMARY KEY,
    qb_list_id varchar(64) UNIQUE,
    name varchar(255) NOT NULL,
    company_name varchar(255),
    first_name varchar(255),
    last_name varchar(255),
    billing_address_line1 varchar(255),
    billing_address_line2 varchar(255),
    billing_address_line3 varchar(255),
    billing_address_line4 varchar(255),
    billing_address_line5 varchar(255),
    billing_address_city varchar(255),
    billing_address_state varchar(255),
    billing_address_postal_code varchar(255),
    billing_address_country varchar(255),
    shipping_address_line1 varchar(255),
    shipping_address_line2 varchar(255),
    shipping_address_line3 varchar(255),
    shipping_address_line4 varchar(255),
    shipping_address_line5 varchar(255),
    shipping_address_city varchar(255),
    shipping_address_state varchar(255),
    shipping_address_postal_code varchar(255),
    shipping_address_country varchar(255),
    phone varchar(255),
    email text,
    is_active boolean NOT NULL DEFAULT true,
    custom_fields jsonb,
    balance numeric(15, 2),
    total_balance numeric(15, 2),
    currency_id varchar(255),
    currency_full_name varchar(255),
    terms_id varchar(255),
    terms_name varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE TABLE IF NOT EXISTS items (
    id varchar(64) PRIMARY KEY,
    kind varchar(32) NOT NULL,
    qb_list_id varchar(64) UNIQUE,
    name varchar(255) NOT NULL,
    full_name varchar(255),
    is_active boolean NOT NULL DEFAULT true,
    custom_fields jsonb,
    sales_tax_code_id varchar(255),
    sales_tax_code_full_name varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE TABLE IF NOT EXISTS inventory_items (
    item_id varchar(64) PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    sales_description text,
    purchase_description text,
    sales_price numeric(15, 5),
    purchase_cost numeric(15, 5),
    quantity_on_hand numeric(15, 5),
    quantity_on_order numeric(15, 5),
    quantity_on_sales_order numeric(15, 5),
    reorder_point numeric(15, 5),
    asset_account_id varchar(255),
    asset_account_full_name varchar(255),
    cogs_account_id varchar(255),
    cogs_account_full_name varchar(255),
    income_account_id varchar(255),
    income_account_full_name varchar(255),
    unit_of_measure_set_id varchar(255),
    unit_of_measure_set_full_name varchar(255),
    purchase_tax_code_id varchar(255),
    purchase_tax_code_full_name varchar(255),
    preferred_vendor_id varchar(64) REFERENCES vendors (id) ON DELETE SET NULL,
    preferred_vendor_qb_id varchar(64),
    preferred_vendor_full_name varchar(255)
);

CREATE INDEX IF NOT EXISTS inventory_items_preferred_vendor_id
    ON inventory_items (preferred_vendor_id);

CREATE INDEX IF NOT EXISTS inventory_items_preferred_vendor_qb_id
    ON inventory_items (preferred_vendor_qb_id) WHERE preferred_vendor_id IS NULL;

CREATE TABLE IF NOT EXISTS non_inventory_items (
    item_id varchar(64) PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    description text,
    price numeric(15, 5),
    price_percentage numeric(15, 5),
    posting_account_id varchar(255),
    posting_account_full_name varchar(255),
    sales_description text,
    sales_price numeric(15, 5),
    income_account_id varchar(255),
    income_account_full_name varchar(255),
    purchase_description text,
    purchase_cost numeric(15, 5),
    purchase_tax_code_id varchar(255),
    purchase_tax_code_full_name varchar(255),
    expense_account_id varchar(255),
    expense_account_full_name varchar(255),
    preferred_vendor_id varchar(64) REFERENCES vendors (id) ON DELETE SET NULL,
    preferred_vendor_qb_id varchar(64),
    preferred_vendor_full_name varchar(255),
    unit_of_measure_set_id varchar(255),
    unit_of_measure_set_full_name varchar(255)
);

CREATE INDEX IF NOT EXISTS non_inventory_items_preferred_vendor_id
    ON non_inventory_items (preferred_vendor_id);

CREATE INDEX IF NOT EXISTS non_inventory_items_preferred_vendor_qb_id
    ON non_inventory_items (preferred_vendor_qb_id) WHERE preferred_vendor_id IS NULL;

CREATE TABLE IF NOT EXISTS service_items (
    item_id varchar(64) PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    description text,
    price numeric(15, 5),
    price_percentage numeric(15, 5),
    posting_account_id varchar(255),
    posting_account_full_name varchar(255),
    sales_description text,
    sales_price numeric(15, 5),
    income_account_id varchar(255),
    income_account_full_name varchar(255),
    purchase_description text,
    purchase_cost numeric(15, 5),
    purchase_tax_code_id varchar(255),
    purchase_tax_code_full_name varchar(255),
    expense_account_id varchar(255),
    expense_account_full_name varchar(255),
    preferred_vendor_id varchar(64) REFERENCES vendors (id) ON DELETE SET NULL,
    preferred_vendor_qb_id varchar(64),
    preferred_vendor_full_name varchar(255),
    unit_of_measure_set_id varchar(255),
    unit_of_measure_set_full_name varchar(255)
);

CREATE INDEX IF NOT EXISTS service_items_preferred_vendor_id
    ON service_items (preferred_vendor_id);

CREATE INDEX IF NOT EXISTS service_items_preferred_vendor_qb_id
    ON service_items (preferred_vendor_qb_id) WHERE preferred_vendor_id IS NULL;

CREATE TABLE IF NOT EXISTS discount_items (
    item_id varchar(64) PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    description text,
    discount_rate numeric(15, 5),
    discount_rate_percent numeric(15, 5),
    account_id varchar(255),
    account_full_name varchar(255)
);

CREATE TABLE IF NOT EXISTS inventory_assembly_items (
    item_id varchar(64) PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    sales_description text,
    purchase_description text,
    sales_price numeric(15, 5),
    purchase_cost numeric(15, 5),
    quantity_on_hand numeric(15, 5),
    quantity_on_order numeric(15, 5),
    quantity_on_sales_order numeric(15, 5),
    reorder_point numeric(15, 5),
    asset_account_id varchar(255),
    asset_account_full_name varchar(255),
    cogs_account_id varchar(255),
    cogs_account_full_name varchar(255),
    income_account_id varchar(255),
    income_account_full_name varchar(255),
    unit_of_measure_set_id varchar(255),
    unit_of_measure_set_full_name varchar(255),
    purchase_tax_code_id varchar(255),
    purchase_tax_code_full_name varchar(255),
    preferred_vendor_id varchar(64) REFERENCES vendors (id) ON DELETE SET NULL,
    preferred_vendor_qb_id varchar(64),
    preferred_vendor_full_name varchar(255)
);

CREATE INDEX IF NOT EXISTS inventory_assembly_items_preferred_vendor_id
    ON inventory_assembly_items (preferred_vendor_id);

CREATE INDEX IF NOT EXISTS inventory_assembly_items_preferred_vendor_qb_id
    ON inventory_assembly_items (preferred_vendor_qb_id) WHERE preferred_vendor_id IS NULL;

CREATE TABLE IF NOT EXISTS inventory_assembly_item_lines (
    inventory_assembly_item_id varchar(64) NOT NULL REFERENCES inventory_assembly_items (item_id) ON DELETE CASCADE,
    position integer NOT NULL,
    qb_line_id varchar(64),
    item_id varchar(64) REFERENCES items (id) ON DELETE SET NULL,
    item_qb_id varchar(64),
    item_full_name varchar(255),
    quantity numeric(15, 5),
    PRIMARY KEY (inventory_assembly_item_id, position),
    UNIQUE (inventory_assembly_item_id, qb_line_id)
);

CREATE INDEX IF NOT EXISTS inventory_assembly_item_lines_item_id
    ON inventory_assembly_item_lines (item_id);

CREATE INDEX IF NOT EXISTS inventory_assembly_item_lines_item_qb_id
    ON inventory_assembly_item_lines (item_qb_id) WHERE item_id IS NULL;

CREATE TABLE IF NOT EXISTS sales_orders (
    id varchar(64) PRIMARY KEY,
    qb_txn_id varchar(64) UNIQUE,
    ref_number varchar(255),
    customer_id varchar(64) REFERENCES customers (id) ON DELETE SET NULL,
    customer_qb_id varchar(64),
    customer_full_name varchar(255),
    transaction_date date,
    due_date date,
    billing_address_line1 varchar(255),
    billing_address_line2 varchar(255),
    billing_address_line3 varchar(255),
    billing_address_line4 varchar(255),
    billing_address_line5 varchar(255),
    billing_address_city varchar(255),
    billing_address_state varchar(255),
    billing_address_postal_code varchar(255),
    billing_address_country varchar(255),
    shipping_address_line1 varchar(255),
    shipping_address_line2 varchar(255),
    shipping_address_line3 varchar(255),
    shipping_address_line4 varchar(255),
    shipping_address_line5 varchar(255),
    shipping_address_city varchar(255),
    shipping_address_state varchar(255),
    shipping_address_postal_code varchar(255),
    shipping_address_country varchar(255),
    total_amount numeric(15, 2),
    is_fully_invoiced boolean,
    is_manually_closed boolean,
    memo text,
    sales_representative_id varchar(255),
    sales_representative_initial varchar(255),
    sales_tax_code_id varchar(255),
    sales_tax_code_full_name varchar(255),
    sales_tax_item_id varchar(255),
    sales_tax_item_full_name varchar(255),
    sales_tax_percentage numeric(15, 5),
    sales_tax_total numeric(15, 2),
    terms_id varchar(255),
    terms_name varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE INDEX IF NOT EXISTS sales_orders_customer_id
    ON sales_orders (customer_id);

CREATE INDEX IF NOT EXISTS sales_orders_customer_qb_id
    ON sales_orders (customer_qb_id) WHERE customer_id IS NULL;

CREATE TABLE IF NOT EXISTS sales_order_lines (
    sales_order_id varchar(64) NOT NULL REFERENCES sales_orders (id) ON DELETE CASCADE,
    position integer NOT NULL,
    qb_line_id varchar(64),
    item_id varchar(64) REFERENCES items (id) ON DELETE SET NULL,
    item_qb_id varchar(64),
    item_full_name varchar(255),
    quantity numeric(15, 5),
    unit_price numeric(15, 5),
    amount numeric(15, 2),
    description text,
    PRIMARY KEY (sales_order_id, position),
    UNIQUE (sales_order_id, qb_line_id)
);

CREATE INDEX IF NOT EXISTS sales_order_lines_item_id
    ON sales_order_lines (item_id);

CREATE INDEX IF NOT EXISTS sales_order_lines_item_qb_id
    ON sales_order_lines (item_qb_id) WHERE item_id IS NULL;

CREATE TABLE IF NOT EXISTS purchase_orders (
    id varchar(64) PRIMARY KEY,
    qb_txn_id varchar(64) UNIQUE,
    ref_number varchar(255),
    vendor_id varchar(64) REFERENCES vendors (id) ON DELETE SET NULL,
    vendor_qb_id varchar(64),
    vendor_full_name varchar(255),
    transaction_date date,
    due_date date,
    expected_date date,
    total_amount numeric(15, 2),
    is_fully_received boolean,
    is_manually_closed boolean,
    memo text,
    shipping_address_line1 varchar(255),
    shipping_address_line2 varchar(255),
    shipping_address_line3 varchar(255),
    shipping_address_line4 varchar(255),
    shipping_address_line5 varchar(255),
    shipping_address_city varchar(255),
    shipping_address_state varchar(255),
    shipping_address_postal_code varchar(255),
    shipping_address_country varchar(255),
    terms_id varchar(255),
    terms_name varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE INDEX IF NOT EXISTS purchase_orders_vendor_id
    ON purchase_orders (vendor_id);

CREATE INDEX IF NOT EXISTS purchase_orders_vendor_qb_id
    ON purchase_orders (vendor_qb_id) WHERE vendor_id IS NULL;

CREATE TABLE IF NOT EXISTS purchase_order_lines (
    purchase_order_id varchar(64) NOT NULL REFERENCES purchase_orders (id) ON DELETE CASCADE,
    position integer NOT NULL,
    qb_line_id varchar(64),
    item_id varchar(64) REFERENCES items (id) ON DELETE SET NULL,
    item_qb_id varchar(64),
    item_full_name varchar(255),
    quantity numeric(15, 5),
    unit_cost numeric(15, 5),
    amount numeric(15, 2),
    description text,
    PRIMARY KEY (purchase_order_id, position),
    UNIQUE (purchase_order_id, qb_line_id)
);

CREATE INDEX IF NOT EXISTS purchase_order_lines_item_id
    ON purchase_order_lines (item_id);

CREATE INDEX IF NOT EXISTS purchase_order_lines_item_qb_id
    ON purchase_order_lines (item_qb_id) WHERE item_id IS NULL;

CREATE TABLE IF NOT EXISTS inventory_adjustments (
    id varchar(64) PRIMARY KEY,
    qb_txn_id varchar(64) UNIQUE,
    ref_number varchar(255),
    transaction_date date,
    account_id varchar(255),
    account_full_name varchar(255),
    memo text,
    covers_from varchar(255),
    covers_to varchar(255),
    covered_by varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE TABLE IF NOT EXISTS inventory_adjustment_lines (
    inventory_adjustment_id varchar(64) NOT NULL REFERENCES inventory_adjustments (id) ON DELETE CASCADE,
    position integer NOT NULL,
    qb_line_id varchar(64),
    item_id varchar(64) REFERENCES items (id) ON DELETE SET NULL,
    item_qb_id varchar(64),
    item_full_name varchar(255),
    quantity_difference numeric(15, 5),
    value_difference numeric(15, 2),
    PRIMARY KEY (inventory_adjustment_id, position),
    UNIQUE (inventory_adjustment_id, qb_line_id)
);

CREATE INDEX IF NOT EXISTS inventory_adjustment_lines_item_id
    ON inventory_adjustment_lines (item_id);

CREATE INDEX IF NOT EXISTS inventory_adjustment_lines_item_qb_id
    ON inventory_adjustment_lines (item_qb_id) WHERE item_id IS NULL;

CREATE TABLE IF NOT EXISTS invoices (
    id varchar(64) PRIMARY KEY,
    qb_txn_id varchar(64) UNIQUE,
    ref_number varchar(255),
    customer_id varchar(64) REFERENCES customers (id) ON DELETE SET NULL,
    customer_qb_id varchar(64),
    customer_full_name varchar(255),
    transaction_date date,
    due_date date,
    total_amount numeric(15, 2),
    balance_remaining numeric(15, 2),
    is_paid boolean,
    billing_address_line1 varchar(255),
    billing_address_line2 varchar(255),
    billing_address_line3 varchar(255),
    billing_address_line4 varchar(255),
    billing_address_line5 varchar(255),
    billing_address_city varchar(255),
    billing_address_state varchar(255),
    billing_address_postal_code varchar(255),
    billing_address_country varchar(255),
    shipping_address_line1 varchar(255),
    shipping_address_line2 varchar(255),
    shipping_address_line3 varchar(255),
    shipping_address_line4 varchar(255),
    shipping_address_line5 varchar(255),
    shipping_address_city varchar(255),
    shipping_address_state varchar(255),
    shipping_address_postal_code varchar(255),
    shipping_address_country varchar(255),
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    qb_deleted_at timestamptz
);

CREATE INDEX IF NOT EXISTS invoices_customer_id
    ON invoices (customer_id);

CREATE INDEX IF NOT EXISTS invoices_customer_qb_id
    ON invoices (customer_qb_id) WHERE customer_id IS NULL;

CREATE TABLE IF NOT EXISTS invoice_lines (
    invoice_id varchar(64) NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    position integer NOT NULL,
    qb_line_id varchar(64),
    item_id varchar(64) REFERENCES items (id) ON DELETE SET NULL,
    item_qb_id varchar(64),
    item_full_name varchar(255),
    quantity numeric(15, 5),
    unit_price numeric(15, 5),
    amount numeric(15, 2),
    PRIMARY KEY (invoice_id, position),
    UNIQUE (invoice_id, qb_line_id)
);

CREATE INDEX IF NOT EXISTS invoice_lines_item_id
    ON invoice_lines (item_id);

CREATE INDEX IF NOT EXISTS invoice_lines_item_qb_id
    ON invoice_lines (item_qb_id) WHERE item_id IS NULL;

-- What both sides agreed on last, values and lines; it stays when a record is deleted.

CREATE TABLE IF NOT EXISTS wms_base (
    kind varchar(32) NOT NULL,
    wms_id varchar(64) NOT NULL,
    qb_id varchar(64),
    revision_number varchar(32),
    wms_updated_at timestamptz,
    qbd_updated_at timestamptz,
    qbd_edited_at timestamptz,
    agreed_at timestamptz,
    flips integer,
    before_digest varchar(32),
    agreed jsonb NOT NULL,
    PRIMARY KEY (kind, wms_id)
);

CREATE INDEX IF NOT EXISTS wms_base_qb_id
    ON wms_base (kind, qb_id);
