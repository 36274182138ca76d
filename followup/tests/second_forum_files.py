"""The files of the invented second forum."""

from pathlib import Path

from django.conf import settings

FIXTURES: Path = settings.ROOT / "fixtures"
FOLDER = Path(__file__).parent / "second_forum"
FILE = FOLDER / "forum-2566.json"
ASSIGNMENTS = FOLDER / "assignments-2566.csv"
SOURCE = (FOLDER / "forum-2566.txt").read_text("utf-8")
