"""Applicants and students of the MIS, as customers of QuickBooks Online.

The way through this room: tables and store (the MIS in SQL) → enriching (names for ids) →
records (the CSVs) → listing (who has which name in QuickBooks) → payload, notes and
custom_fields (what a customer is made of) → naming and planning (what is to be done) →
pushing, sending and looking (each exactly once) → statuses (back into the MIS);
customer_sync has the functions that people and programs call, counting how far a session
has come.
"""
