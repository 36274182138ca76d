"""What the start of the server prepares: all of it, and nothing twice."""

import os
import time
from io import StringIO

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from followup.management.commands import get_ready
from followup.models import Round
from proposals.models import Forum


@pytest.fixture
def files(settings, tmp_path):
    """Static files and their folder, of a portal of its own."""
    source = tmp_path / "static"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.ROOT = tmp_path
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "staticfiles"
    forget_finders()
    yield source
    forget_finders()


def forget_finders():
    finders.get_finder.cache_clear()


def test_static_files_are_collected_once_and_again_after_any_change(files, settings):
    assert get_ready.collect_if_changed()
    collected = settings.STATIC_ROOT / "a.css"
    assert collected.read_text() == "a{}"
    assert not get_ready.collect_if_changed()

    (files / "a.css").write_text("a{color:red}")
    later = time.time() + 2  # Django compares whole seconds
    os.utime(files / "a.css", (later, later))
    assert get_ready.collect_if_changed()
    assert collected.read_text() == "a{color:red}"

    (files / "b.css").write_text("b{}")
    assert get_ready.collect_if_changed()

    collected.unlink()
    assert get_ready.collect_if_changed(), "somebody removed one"
    assert collected.is_file()
    assert not get_ready.collect_if_changed()


def test_a_collection_that_was_interrupted_is_done_again(files, monkeypatch):
    def fail(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(get_ready, "call_command", fail)
        with pytest.raises(KeyboardInterrupt):
            get_ready.collect_if_changed()
    assert get_ready.collect_if_changed()


def test_it_prepares_the_database_and_says_what_it_does(db, monkeypatch):
    done = []
    monkeypatch.setattr(get_ready, "collect_if_changed", lambda: done.append("collected"))
    said = StringIO()
    call_command("get_ready", stdout=said)
    assert Forum.objects.get().year_be == 2565
    assert done == ["collected"]
    assert "Collecting the static files" in said.getvalue()
    assert "ข้อเสนอ 8 ข้อ" in said.getvalue()
    assert not Round.objects.exists(), "no invented data"
    call_command("get_ready", stdout=said)
    assert Forum.objects.count() == 1


def test_with_the_demo_it_loads_the_invented_data(db, monkeypatch):
    called = []
    monkeypatch.setattr(get_ready, "call_command", lambda name, **options: called.append(name))
    monkeypatch.setattr(get_ready, "collect_if_changed", lambda: called.append("collectstatic"))
    call_command("get_ready", "--demo", stdout=StringIO())
    assert called == ["migrate", "load_forum", "load_demo", "collectstatic"]
