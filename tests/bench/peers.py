"""What people use for the same work instead, as far as this machine has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PYTHON = os.environ.get("BENCH_PYTHON", sys.executable)

JOIN = {
    "pandas": """
import pandas as pd
i = pd.read_csv("{inventory}", dtype=str, keep_default_na=False)
m = pd.read_csv("{mapping}", dtype=str, keep_default_na=False)
m["n"] = m.groupby("legacy_txnid_norm")["qbo_entity_id"].transform("size")
j = i.merge(m.drop(columns="legacy_entity_type"), on="legacy_txnid_norm", how="left")
j["status"] = "ok"
j.loc[j["n"] > 1, "status"] = "ambiguous_mapping"
j.loc[j["qbo_entity_id"].isna(), "status"] = "missing_mapping"
j.to_csv("{out}", index=False)
""",
    "duckdb": """
import duckdb
c = duckdb.connect()
read = "read_csv('{{}}', all_varchar=true, header=true)"
c.sql("create table i as select * from " + read.format("{inventory}"))
c.sql("create table m as select *, count(*) over (partition by legacy_txnid_norm) n from "
      + read.format("{mapping}"))
c.sql('''create table j as select i.*, m.qbo_entity_type, m.qbo_entity_id, case
 when m.qbo_entity_id is null then 'missing_mapping' when n > 1 then 'ambiguous_mapping'
 else 'ok' end status from i left join m using (legacy_txnid_norm)''')
c.sql("copy j to '{out}' (header)")
""",
}
INDEX = {
    "polars": """
import polars as pl
d = pl.scan_csv("{log}", infer_schema=False).filter(pl.col("outcome") == "uploaded")
d = d.select("qbo_entity_id", "file_name").collect()
print(len(set(d.iter_rows())))
""",
    "pandas": """
import pandas as pd
d = pd.read_csv("{log}", usecols=["qbo_entity_id", "file_name", "outcome"], dtype=str,
                keep_default_na=False)
d = d[d["outcome"] == "uploaded"]
print(len(set(zip(d["qbo_entity_id"], d["file_name"]))))
""",
}
UPSERT = """
import csv, sqlite_utils
with open("{export}", encoding="utf-8", newline="") as file:
    base = sqlite_utils.Database("{database}")
    base["appointments"].upsert_all(csv.DictReader(file), pk="_id")
"""
# Each takes the URL, the folder and the number of files.
_UPLOAD = """
import os, sys, json
url, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = sorted(os.listdir(folder))[:count]
ca = os.environ.get("SINK_CA", True)
"""
UPLOAD = {
    "requests": _UPLOAD
    + """
import requests
session = requests.Session()
session.trust_env, session.verify = False, ca
session.headers["Authorization"] = "Bearer " + "x" * 900
told = json.dumps({{"AttachableRef": [{{"EntityRef": {{"type": "Invoice", "value": "1"}}}}],
                   "FileName": "a.pdf", "ContentType": "application/pdf"}})
for name in names:
    with open(folder + "/" + name, "rb") as file:
        answer = session.post(url + "/v3/company/1/upload", files={{
            "file_metadata_01": (None, told, "application/json"),
            "file_content_01": ("a.pdf", file, "application/pdf")}})
    assert answer.json()["AttachableResponse"][0]["Attachable"]["Id"]
""",
    "quickbooks": _UPLOAD
    + """
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
from quickbooks import QuickBooks
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.base import AttachableRef, Ref
from requests_oauthlib import OAuth2Session
client = object.__new__(QuickBooks)
client.company_id, client.minorversion, client.sandbox = "1", 75, False
client.api_url_v3, client.use_decimal = url + "/v3", False
client.session = OAuth2Session("c", token={{"access_token": "x" * 900, "token_type": "bearer"}})
client.session.verify, client.session.trust_env = ca, False
for name in names:
    one, owner = Attachable(), AttachableRef()
    owner.EntityRef = Ref()
    owner.EntityRef.type, owner.EntityRef.value = "Invoice", "1"
    one.AttachableRef.append(owner)
    one.FileName, one.ContentType = name, "application/pdf"
    one._FilePath = folder + "/" + name
    one.save(qb=client)
    assert one.Id
""",
}


def python(name: str, source: str, **names: object) -> dict[str, list[str]]:
    """Return the command of a peer in Python, nothing where it is not installed."""
    found = subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True)
    if found.returncode:
        return {}
    return {name: [PYTHON, "-c", source.format(**names)]}


def program(name: str, *command: str) -> dict[str, list[str]]:
    """Return the command of a program, nothing where it is not installed."""
    return {name: list(command)} if shutil.which(command[0]) else {}
