-- SalesPro's users and appointments, and the history of their imports.
--
-- The indexes of the first two tables are made at the end of their first import, when
-- they are made once instead of being changed with every batch.

CREATE TABLE IF NOT EXISTS salespro_users (
    user_object_id varchar(50) PRIMARY KEY,
    first_name varchar(100),
    last_name varchar(100),
    username varchar(255),
    email varchar(254),
    last_login date,
    is_active boolean,
    send_credit_apps boolean,
    search_other_users_estimates boolean,
    assigned_office varchar(255),
    office_id varchar(50),
    license_number varchar(100),
    additional_amount numeric(15, 2),
    unique_identifier varchar(255),
    job_representative_id varchar(50),
    is_manager boolean,
    source_data jsonb NOT NULL,
    created_at timestamptz,
    updated_at timestamptz,
    imported_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS salespro_appointment (
    id varchar(50) PRIMARY KEY,
    created_at timestamptz,
    updated_at timestamptz,
    is_sale boolean,
    result_full_string text,
    customer_last_name varchar(100),
    customer_first_name varchar(100),
    customer_estimate_name varchar(255),
    salesrep_email varchar(254),
    salesrep_first_name varchar(100),
    salesrep_last_name varchar(100),
    sale_amount numeric(15, 2),
    source_data jsonb NOT NULL,
    imported_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS salespro_sync_history (
    id bigint PRIMARY KEY,
    run_id varchar(64) NOT NULL,
    sync_type varchar(50) NOT NULL,
    status varchar(20) NOT NULL,
    is_dry_run boolean NOT NULL,
    file_path text NOT NULL,
    file_sha256 varchar(64),
    batch_size integer NOT NULL,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    completed_at timestamptz,
    records_processed integer NOT NULL,
    records_created integer NOT NULL,
    records_updated integer NOT NULL,
    records_unchanged integer NOT NULL,
    records_stale integer NOT NULL,
    records_rejected integer NOT NULL,
    records_held integer NOT NULL,
    records_failed integer NOT NULL,
    error_message text
);

CREATE INDEX IF NOT EXISTS salespro_sync_history_started ON salespro_sync_history (started_at);
CREATE INDEX IF NOT EXISTS salespro_sync_history_hash ON salespro_sync_history (file_sha256);
