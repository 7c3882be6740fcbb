"""The REST API: what programs may ask, start and stop.

operations (what describes an address) and schemas; customers, syncs, runs, health (what
answers); table (all addresses), routes and openapi (made from it); followed (sessions and
statuses that do not read the logs again).
"""
