"""What identifies a person's customer, and an effect on it."""

from src.kit.memory import key_of


def create_key(type_: str, mis_id: str) -> str:
    """Return the key of a person's customer: its create, and the mark that it carries."""
    return key_of(("mis", type_, mis_id))


def update_key(mark: str, sync_token: str, payload: str) -> str:
    """Return the key of a change: customer, revision before it, and the new values."""
    return key_of(("mis update", mark, sync_token, payload))


def installation(machine: str, log_dir: str) -> str:
    """Return what stands for the runs of one log folder on one machine, in a lease."""
    return key_of(("mis installation", machine, log_dir))[1:9]


def installation_of(owner: str) -> str:
    """Return whose run a lease names.

    >>> installation_of("20261121T200000-1@0a1b2c3d")
    '0a1b2c3d'
    """
    return owner.rpartition("@")[2]
