"""The warehouse's synchronization: which module belongs to which step.

what is synchronized: fields, records (the CSVs), wire (cells and bodies), states, keys
fetch: fetching, mirror, pairs, export; store, query, sql, sql_base (the warehouse)
plan: planning, sides, alike, fates, truth (who wins), comparing, lines, matching, limits,
    brakes, levels and movements (stock), cards, offers (words of decision), names,
    freshness, covering
apply: deciding, applying, here (the warehouse alone), arriving; outgoing, placing,
    carrying, sending (QuickBooks); receiving, finishing, levelling; looking, doubting,
    recovering (after a kill); kept, views
undo: undoing, undoing_cards (the reverse plan of a run), undoing_writes, undoing_lines
sessions: counting, shown (the rest is in kit)
demo: demo, demo_cases
"""
