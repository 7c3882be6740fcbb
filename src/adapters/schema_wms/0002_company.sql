-- Which company file of QuickBooks the warehouse is synchronized with: one row.

CREATE TABLE IF NOT EXISTS wms_company (
    end_user_id varchar(255) PRIMARY KEY,
    since timestamptz NOT NULL
);
