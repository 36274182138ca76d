"""The addresses of the pictures for links: kept for good, and never of what is not public."""

import pytest

from followup import actions, pictures
from followup.models import Round
from followup.tests.client import PortalClient
from followup.tests.editions import correct, publish_three_reports, take_back
from followup.tests.test_pictures import size_of
from followup.views import pictures as views
from forum_portal import costly

ADDRESS = "/pictures/2568-1/2565-3.png"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.KEPT_FILES = str(tmp_path)


def test_a_picture_is_served_with_a_tag_and_may_be_kept_for_good(demo, visitor):
    response = visitor.get(ADDRESS, {"v": pictures.look()})
    assert response["Content-Type"] == "image/png"
    assert size_of(response.getvalue()) == (1200, 630)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response["ETag"].startswith("W/")
    again = visitor.get(ADDRESS, {"v": pictures.look()}, HTTP_IF_NONE_MATCH=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    head = visitor.head(ADDRESS)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) > 10_000


@pytest.mark.parametrize("query", ["", "?v=other"])
def test_an_address_of_another_version_is_not_kept_for_good(demo, visitor, query):
    assert visitor.get(ADDRESS + query)["Cache-Control"] == "public, max-age=60"


def test_it_is_drawn_once_for_each_language(demo, visitor, monkeypatch):
    drawn = []
    draw = pictures.drawn
    monkeypatch.setattr(pictures, "drawn", lambda what: drawn.append(what.kicker) or draw(what))
    for _turn in range(2):
        assert visitor.get(ADDRESS).status_code == 200
        assert visitor.get(f"/en{ADDRESS}").status_code == 200
    assert drawn == ["เวที 2565 ข้อเสนอที่ 3", "Forum 2022 (B.E. 2565), Proposal 3"]


def test_only_drawing_is_costly(demo, visitor, settings, monkeypatch):
    monkeypatch.setattr(costly, "pause", lambda seconds: None)
    costly.visits.forget()
    settings.COSTLY_PER_MINUTE = 1
    assert visitor.get(ADDRESS).status_code == 200
    assert visitor.get(ADDRESS).status_code == 200
    assert PortalClient().get("/pictures/2568-1/2565-4.png").status_code == 429
    costly.visits.forget()


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/2569-1/2565.png",  # the open round
        "/pictures/2568-2/2565.png",  # an edition that there never was
        "/pictures/2568-0/2565.png",
        "/pictures/2568-1/2599.png",
        "/pictures/2568-1/2565-99.png",
        "/pictures/2568-1/2565-03.png",
        "/pictures/2568-1/x.png",
    ],
)
def test_what_is_not_published_has_no_picture(demo, visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_corrected_edition_leads_to_the_one_that_stands(open_round, people, visitor):
    published = publish_three_reports(open_round, people)
    assert visitor.get("/pictures/2569-1/2565-1.png").status_code == 200
    correct(published, people, publish=False)
    assert visitor.get("/pictures/2569-1/2565-1.png").status_code == 200, "reopened, still public"
    assert visitor.get("/pictures/2569-2/2565-1.png").status_code == 404
    actions.publish_round(round_=published, by=people["reviewer"])
    response = visitor.get("/pictures/2569-1/2565-1.png")
    assert response.status_code == 302
    assert response["Location"] == f"/pictures/2569-2/2565-1.png?v={pictures.look()}"
    assert visitor.get(response["Location"]).status_code == 200


def test_an_edition_that_was_taken_back_shows_nothing(open_round, people, visitor):
    published = publish_three_reports(open_round, people)
    assert visitor.get("/pictures/2569-1/2565-1.png").status_code == 200
    take_back(published, people["reviewer"])
    assert Round.objects.get(pk=published.pk).is_public is False
    assert visitor.get("/pictures/2569-1/2565-1.png").status_code == 404


def test_a_disk_that_takes_nothing_keeps_no_picture_from_its_readers(demo, visitor, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(views, "kept", full)
    response = visitor.get(ADDRESS)
    assert response.status_code == 200
    assert size_of(response.content) == (1200, 630)


def test_a_picture_that_fails_breaks_no_page(demo, visitor, monkeypatch):
    """Pages name the picture and never draw it."""

    def fails(what):
        raise RuntimeError("no fonts")

    monkeypatch.setattr(pictures, "drawn", fails)
    assert visitor.page("/resolutions/2565/3/").has("meta[property=og:image]")


def test_the_portals_own_picture_needs_no_publication(db, visitor):
    response = visitor.get("/pictures/portal.png")
    assert size_of(response.getvalue()) == (1200, 630)
