"""The links of an attached file: where its content can be had, signed and for a while."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

LAST = "900"  # seconds, as Intuit's download links say


class Links:
    """Makes the links of the company at an address, and knows its own again."""

    def __init__(self, realm: str, base_url: str) -> None:
        self._company, self._base_url = f"/v3/company/{realm}", base_url
        self._secret = sha256(f"{realm}|{base_url}".encode()).hexdigest()

    def linked(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a record; an attached file's with the links to its content."""
        if "Size" not in record or "status" in record:
            return record
        found, name = record["Id"], quote(str(record["FileName"]), safe="", errors="replace")
        link = f"{self._base_url}/blob/{found}/{self.signature(found)}/{name}"
        link += f"?X-Amz-Expires={LAST}"
        linked = {
            **record,
            "FileAccessUri": f"{self._company}/download/{found}",
            "TempDownloadUri": link,
        }
        if str(record.get("ContentType", "")).startswith("image/"):
            linked["ThumbnailFileAccessUri"] = f"{self._company}/attachable-thumbnail/{found}"
            linked["ThumbnailTempDownloadUri"] = link
        return linked

    def signature(self, found: str) -> str:
        """Return what a link to an attached file's content must hold."""
        return sha256(f"{self._secret}|{found}".encode()).hexdigest()[:32]
