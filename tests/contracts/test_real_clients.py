"""Intuit's OAuth client and python-quickbooks, unmodified, against the company.

They are no part of the project: `make contracts` installs them in an environment of
their own, and where they are missing this module is skipped.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest

from tests.contracts.company import REALM, REDIRECT, Raw, consent

if not (find_spec("intuitlib") and find_spec("quickbooks")):
    pytest.skip("run `make contracts`", allow_module_level=True)

from intuitlib.client import AuthClient  # noqa: E402
from intuitlib.enums import Scopes  # noqa: E402
from intuitlib.exceptions import AuthClientError  # noqa: E402
from quickbooks import QuickBooks, exceptions  # noqa: E402
from quickbooks.batch import batch_create, batch_delete, batch_update  # noqa: E402
from quickbooks.cdc import change_data_capture  # noqa: E402
from quickbooks.objects import (  # noqa: E402
    Attachable,
    AttachableRef,
    CompanyInfo,
    Customer,
    Invoice,
    Preferences,
    Vendor,
)

CONTENT = b"%PDF-1.4\r\n" + bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    """Let the client speak http, as its own documentation says."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def auth(company):
    """Yield Intuit's client, which has read where the company's endpoints are."""
    discovery = company + "/.well-known/openid_configuration"
    with AuthClient("cid", "secret", REDIRECT, discovery) as client:
        yield client


@pytest.fixture
def logged_in(auth):
    """Return Intuit's client after the person has consented."""
    back = came_back(auth)
    auth.get_bearer_token(back["code"], realm_id=back["realmId"])
    return auth


@pytest.fixture
def books(company, logged_in):
    """Return python-quickbooks on the company."""
    return opened(company, logged_in)


def came_back(auth: AuthClient) -> dict[str, str]:
    """Return what the browser brings back from the page of consent."""
    url = urlsplit(auth.get_authorization_url([Scopes.ACCOUNTING], "a-state"))
    raw = Raw(f"{url.scheme}://{url.netloc}")
    return consent(raw.send("GET", f"{url.path}?{url.query}"))


def opened(company: str, auth: AuthClient) -> QuickBooks:
    """Return python-quickbooks, told where the company is."""
    refresh = auth.refresh_token
    client = QuickBooks(
        auth_client=auth, refresh_token=refresh, company_id=REALM, minorversion=75
    )
    client.api_url_v3 = company + "/v3"
    return client


def customer(name: str, **more: str) -> Customer:
    made = Customer()
    made.DisplayName = name
    for field, value in more.items():
        setattr(made, field, value)
    return made


def attachable(owner=None, **more) -> Attachable:
    """Return an attachable that nobody has saved yet."""
    made = Attachable()
    if owner:
        reference = AttachableRef()
        reference.EntityRef = owner.to_ref()
        made.AttachableRef.append(reference)
    for field, value in more.items():
        setattr(made, field, value)
    return made


def pdf(owner=None, **more) -> Attachable:
    return attachable(owner, FileName="w9 é.pdf", ContentType="application/pdf", **more)


def attached_to(owner, books) -> list[Attachable]:
    return Attachable.query(
        "select * from Attachable where AttachableRef.EntityRef.Type = "
        f"'{owner.qbo_object_name}' and AttachableRef.EntityRef.value = '{owner.Id}'",
        qb=books,
    )


def content_of(file: Attachable, company: str) -> bytes:
    url = urlsplit(file.TempDownloadUri)
    return Raw(company).send("GET", f"{url.path}?{url.query}").body


# --- login --------------------------------------------------------------------------------


def test_a_login_brings_state_company_and_tokens(auth):
    back = came_back(auth)

    auth.get_bearer_token(back["code"], realm_id=back["realmId"])

    assert (back["state"], auth.realm_id) == ("a-state", REALM)
    assert auth.access_token and auth.refresh_token
    assert auth.expires_in == 3600


def test_a_wrong_code_is_an_error_with_its_trace_id(auth):
    with pytest.raises(AuthClientError) as caught:
        auth.get_bearer_token("XAB-not-a-code")

    assert caught.value.status_code == 400
    assert caught.value.intuit_tid


def test_a_refresh_brings_another_access_token(company, logged_in):
    old = logged_in.access_token

    logged_in.refresh()

    assert logged_in.access_token != old
    assert Customer.count(qb=opened(company, logged_in)) == 0


def test_quickbooks_refreshes_by_itself_with_nothing_but_a_refresh_token(company, logged_in):
    logged_in.access_token = None

    assert Customer.count(qb=opened(company, logged_in)) == 0


def test_who_has_logged_in_can_be_asked(logged_in):
    assert logged_in.get_user_info().json()["emailVerified"] is True


def test_after_a_revoke_nothing_works(company, logged_in):
    books = opened(company, logged_in)

    assert logged_in.revoke() is True

    with pytest.raises(AuthClientError):
        logged_in.refresh()
    with pytest.raises(exceptions.AuthorizationException):
        Customer.all(qb=books)


def test_a_token_of_another_company_is_refused(books):
    books.company_id = "9130000000000"

    with pytest.raises(exceptions.QuickbooksException, match="003100"):
        Customer.all(qb=books)


# --- customers ----------------------------------------------------------------------------


def test_a_customer_is_created_and_found(books):
    made = customer("Aline O'Neil", GivenName="Aline", Notes="ApplicationID=851").save(qb=books)
    customer("Bosco").save(qb=books)

    [found] = Customer.filter(DisplayName="Aline O'Neil", qb=books)

    assert (found.Id, found.SyncToken, found.Notes) == (made.Id, "0", "ApplicationID=851")
    assert found.FullyQualifiedName == "Aline O'Neil"
    assert Customer.get(made.Id, qb=books).GivenName == "Aline"


def test_customers_are_counted_ordered_and_paged(books):
    batch_create([customer(f"C{number}") for number in range(5)], qb=books)

    assert Customer.count(qb=books) == 5
    assert [one.DisplayName for one in Customer.all(order_by="Id DESC", qb=books)][0] == "C4"
    page = Customer.filter(start_position=3, max_results=2, order_by="Id", qb=books)
    assert [one.DisplayName for one in page] == ["C2", "C3"]
    chosen = Customer.choose(["C1", "C3"], field="DisplayName", qb=books)
    assert len(chosen) == 2
    assert len(Customer.where("DisplayName LIKE 'C%'", qb=books)) == 5


def test_nobody_found_is_an_empty_list(books):
    assert Customer.filter(DisplayName="Nobody", qb=books) == []


def test_an_update_brings_the_next_token(books):
    made = customer("Aline").save(qb=books)
    made.Notes = "changed"

    changed = made.save(qb=books)

    assert (changed.Id, changed.SyncToken, changed.Notes) == (made.Id, "1", "changed")


def test_a_stale_token_is_refused_and_changes_nothing(books):
    old = customer("Aline").save(qb=books)
    customer("Aline", Id=old.Id, SyncToken="0", Notes="first").save(qb=books)

    with pytest.raises(exceptions.QuickbooksException) as caught:
        old.save(qb=books)

    assert caught.value.error_code == 5010
    assert Customer.get(old.Id, qb=books).Notes == "first"


@pytest.mark.parametrize("kind", [Customer, Vendor])
def test_a_name_is_taken_for_customers_and_vendors_alike(books, kind):
    customer("Aline").save(qb=books)
    second = kind()
    second.DisplayName = "ALINE"

    with pytest.raises(exceptions.QuickbooksException) as caught:
        second.save(qb=books)

    assert caught.value.error_code == 6240


def test_an_inactive_customer_is_only_found_when_asked_for(books):
    made = customer("Aline").save(qb=books)
    made.Active = False

    made.save(qb=books)

    assert Customer.all(qb=books) == []
    [found] = Customer.where("Active = false", qb=books)
    assert found.DisplayName == "Aline (deleted)"


def test_the_same_request_id_makes_one_customer(books):
    twice = [customer("Aline").save(qb=books, request_id="once") for _ in range(2)]

    assert twice[0].Id == twice[1].Id
    assert Customer.count(qb=books) == 1


def test_what_is_not_there_and_what_is_no_query_are_told_apart(books):
    with pytest.raises(exceptions.ObjectNotFoundException):
        Customer.get(4711, qb=books)
    with pytest.raises(exceptions.ValidationException):
        Customer.query("select from where", qb=books)


def test_the_company_tells_its_name_and_its_preferences(books):
    assert CompanyInfo.get(1, qb=books).CompanyName
    assert Preferences.get(qb=books).Id


# --- attachables --------------------------------------------------------------------------


def test_a_file_arrives_as_it_is(books, company, tmp_path):
    (tmp_path / "scan").write_bytes(CONTENT)
    owner = customer("Aline").save(qb=books)

    made = pdf(owner, _FilePath=str(tmp_path / "scan"), Tag="legacy:1").save(qb=books)

    [found] = attached_to(owner, books)
    assert (found.Id, found.FileName, found.Tag) == (made.Id, "w9 é.pdf", "legacy:1")
    assert (found.Size, found.SyncToken) == (len(CONTENT), "0")
    assert found.AttachableRef[0].EntityRef.value == owner.Id
    assert content_of(found, company) == CONTENT


def test_bytes_arrive_as_they_are(books, company):
    made = pdf(_FileBytes=CONTENT, Note="from memory").save(qb=books)

    assert (made.Size, made.Note) == (len(CONTENT), "from memory")
    assert content_of(made, company) == CONTENT


def test_only_images_have_a_thumbnail(books):
    made = attachable(FileName="a.jpg", ContentType="image/jpg", _FileBytes=b"\xff\xd8")

    saved = made.save(qb=books)

    assert saved.ContentType == "image/jpeg"
    assert saved.ThumbnailTempDownloadUri
    assert pdf(_FileBytes=CONTENT).save(qb=books).ThumbnailTempDownloadUri is None


def test_a_note_needs_no_file(books):
    owner = customer("Aline").save(qb=books)

    made = attachable(owner, Note="called on Monday").save(qb=books)

    [found] = attached_to(owner, books)
    assert (found.Id, found.Note, found.Size) == (made.Id, "called on Monday", None)


def test_neither_note_nor_file_is_refused(books):
    with pytest.raises(exceptions.QuickbooksException) as caught:
        attachable(AttachableRef=[]).save(qb=books)

    assert caught.value.error_code == 6000


def test_a_note_can_be_changed_and_the_file_stays(books, company):
    made = pdf(_FileBytes=CONTENT).save(qb=books)
    made.Note = "read"

    made.save(qb=books)

    found = Attachable.get(made.Id, qb=books)
    assert (found.Note, found.SyncToken, found.Size) == ("read", "1", len(CONTENT))
    assert content_of(found, company) == CONTENT


def test_an_update_attaches_a_file_to_one_more(books):
    first, second = (customer(name).save(qb=books) for name in ("Aline", "Bosco"))
    made = pdf(first, _FileBytes=CONTENT).save(qb=books)
    made.AttachableRef += pdf(second).AttachableRef

    made.save(qb=books)

    assert [one.Id for one in attached_to(first, books)] == [made.Id]
    assert [one.Id for one in attached_to(second, books)] == [made.Id]


def test_a_deleted_file_is_gone(books):
    owner = customer("Aline").save(qb=books)
    made = pdf(owner, _FileBytes=CONTENT).save(qb=books)

    made.delete(qb=books)

    assert attached_to(owner, books) == []
    with pytest.raises(exceptions.ObjectNotFoundException):
        Attachable.get(made.Id, qb=books)


def test_a_stale_note_is_refused(books):
    made = attachable(Note="one").save(qb=books)
    made.save(qb=books)

    with pytest.raises(exceptions.QuickbooksException) as caught:
        made.save(qb=books)

    assert caught.value.error_code == 5010


# --- batch and changes --------------------------------------------------------------------


def test_a_batch_does_what_it_can_and_names_what_it_could_not(books):
    customer("Aline").save(qb=books)

    answer = batch_create([customer("Bosco"), customer("Aline"), customer("Chantal")], qb=books)

    assert [one.DisplayName for one in answer.successes] == ["Bosco", "Chantal"]
    [fault] = answer.faults
    assert fault.original_object.DisplayName == "Aline"
    assert fault.Error[0].code == "6240"


def test_a_batch_updates_and_deletes(books):
    notes = [attachable(Note=f"note {number}") for number in range(3)]
    made = batch_create(notes, qb=books).successes
    for one in made:
        one.Note += "!"

    changed = batch_update(made, qb=books).successes
    assert [one.Note for one in changed] == ["note 0!", "note 1!", "note 2!"]

    assert not batch_delete(changed, qb=books).faults
    assert Attachable.count(qb=books) == 0


def test_more_than_thirty_go_in_two_batches(books):
    answer = batch_create([customer(f"C{number}") for number in range(31)], qb=books)

    assert len(answer.successes) == Customer.count(qb=books) == 31


def test_changes_are_told_by_entity(books):
    customer("Aline").save(qb=books)
    gone = pdf(_FileBytes=CONTENT).save(qb=books)
    gone.delete(qb=books)
    kept = pdf(_FileBytes=CONTENT).save(qb=books)
    hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)

    changes = change_data_capture([Customer, Attachable, Invoice], hour_ago, qb=books)

    [found] = changes.Customer._object_list
    assert found.DisplayName == "Aline"
    files = {one.Id: one for one in changes.Attachable._object_list}
    assert files[gone.Id].status == "Deleted"
    assert files[kept.Id].Size == len(CONTENT)
    assert not hasattr(changes, "Invoice")


def test_changes_of_long_ago_are_refused(books):
    with pytest.raises(exceptions.ValidationException):
        change_data_capture([Customer], "2020-01-01T00:00:00-08:00", qb=books)
