"""A site with something on every page, and the addresses of all of them."""

from __future__ import annotations

from src.kit import receipts
from src.kit.sessions import FAILED, Count
from tests.office.pages import plans_made
from tests.office.pages.markup import EVIL
from tests.site import ServedSite
from tests.wms.control import attempt

LONG = "AVeryLongNameWithoutAnyPlaceToBreakItWhichComesFromAFileName" * 2
PLACES = (
    *("/", "/sync/wms", "/sync/mis", "/sync/wms/history", "/sync/wms/history/s1"),
    *("/plans", "/plans/wms_plan", "/logs", "/logs/wms_runlog", "/logs/wms_runlog?q=no"),
    *("/runs", "/runs/s1", "/nowhere"),
)
HOSTILE = ("/sync/wms", "/sync/wms/history/s1", "/plans/wms_plan", "/logs/wms_runlog")


def fill(site: ServedSite) -> None:
    """Let a session have failed on records with such names, as planned."""
    site.begin("s1", ("customers",))
    site.planned("s1", {"customers": Count(4)})
    cells = {"name": EVIL, "error": f"no: {EVIL} {LONG}"}
    site.wms.log(
        "s1",
        *(attempt(f"w{number}", "failed", **cells) for number in range(3)),
        attempt("w3", "updated", name=LONG),
    )
    site.end("s1", FAILED, Count(4, 1, 3))
    ended = "read=4 out=1 rejected=0 skipped=0 held=0 failed=3 not_attempted=0 exit=1"
    receipt = ("s1", "wms_apply", receipts.RUN, "", "4", "", ended)
    receipts.append(site.visitor.logs, (site.wms.clock.timestamp(), *receipt))
    rows = [
        plans_made.row("wms_plan", wms_id=f"w{number}", name=EVIL, after={"name": LONG})
        for number in range(3)
    ]
    plans_made.make(site.visitor, "wms_plan", *rows)
