"""A login at a simulated company, where the person at the browser consents at once."""

from __future__ import annotations

from pathlib import Path

from src.adapters.callback import pasted
from src.adapters.qbo_oauth import (
    App,
    Authority,
    TokenFile,
    authorization_url,
    discover,
)
from src.kit import net
from src.kit.clock import REAL

PLACE = "this machine"  # where its logins are good
CLIENT = "proof"  # whose logins they are; its secret is the same word


def log_in(url: str, kept_in: Path) -> None:
    """Log in as a browser would, at the company that is served there."""
    app = App(CLIENT, CLIENT, "http://localhost/callback")
    endpoints = discover(url, "sandbox")
    asked = authorization_url(app, endpoints, CLIENT).removeprefix(url)
    client = net.Client(url)
    answer = client.send(net.Request("GET", asked))
    client.close()
    consent = pasted(answer.headers["location"], CLIENT)
    authority = Authority(app, lambda: endpoints, REAL)
    tokens = authority.exchange(consent.code, consent.realm_id, PLACE)
    TokenFile(kept_in, consent.realm_id, PLACE).write(tokens)
