"""The page of disagreements where there is nothing to show; the rest is in test_independent_voice."""


def test_before_the_first_round_it_says_so(forum, visitor):
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/disagreements/").text


def test_a_year_without_assessments_says_so_and_has_no_table(three_reports, visitor):
    page = visitor.page("/disagreements/")
    assert "ไม่มีการประเมินที่ต่างจากสถานะที่เผยแพร่" in page.text
    assert not page.select("table")
    assert "/disagreements/" in [a["href"] for a in visitor.page("/").select("footer a")]
