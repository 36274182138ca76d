"""A forum as somebody enters it: the invented forum of 2566, marked in its source."""

import json
from typing import Any

from followup import actions, forum_file, forum_marks
from followup.models import ForumDraft, User
from followup.tests.second_forum_files import FILE, SOURCE


def marked(*, complete: bool = True, year: int = 2566) -> dict[str, Any]:
    """The content of a draft with every mark of the file; `complete` with its other fields, too."""
    content = forum_marks.empty(year)
    for hint in forum_marks.hints(content, SOURCE):
        forum_marks.accept(content, SOURCE, hint.name)
    if complete:
        file = json.loads(FILE.read_text("utf-8"))
        content["forum"] |= file["forum"] | {"year_be": year}
        for row, wanted in zip(content["resolutions"], file["resolutions"], strict=True):
            row["title_th"] = wanted["title_th"]
        for mark in forum_marks.marks(content):
            if mark.measure is not None:
                mark.measure.update(title_th=f"ข้อ {mark.code}", kind="output")
    return content


def draft_of(
    by: User, content: dict[str, Any] | None = None, source: str = SOURCE, year: int = 2566
) -> ForumDraft:
    """A stored draft of that year."""
    draft = actions.begin_forum(by=by, year=year)
    return actions.save_forum(
        draft=draft,
        by=by,
        version=draft.version,
        content=marked(year=year) if content is None else content,
        source=source,
        source_name="forum-2566.txt",
    )


def faults_of(draft: ForumDraft) -> list[str]:
    """What is missing in a draft, as sentences."""
    file = forum_marks.to_file(draft.content)
    return [
        str(each) for each in forum_file.check(file, draft.source_text, forum_file.Known.load())
    ]
