"""Fixtures for tests of backups."""

import pytest

from forum_portal.backups import engines
from forum_portal.tests.backups.places import PlainEngine


@pytest.fixture
def plain(db: None, monkeypatch: pytest.MonkeyPatch) -> PlainEngine:
    engine = PlainEngine()
    monkeypatch.setattr(engines, "ours", lambda: engine)
    monkeypatch.setattr(engines, "of", lambda manifest: engine)
    return engine
