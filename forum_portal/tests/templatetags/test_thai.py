"""The filters of templates for Thai dates, digits and amounts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.template import Engine
from django.template.context import Context
from django.utils import timezone


def render(source, **context):
    engine = Engine(libraries={"thai": "forum_portal.templatetags.thai"}, builtins=[])
    return engine.from_string("{% load thai %}" + source).render(Context(context))


def test_filters():
    moment = datetime(2024, 9, 30, 17, 5, tzinfo=UTC)  # five past midnight in Bangkok
    assert render("{{ v|thai_date }}", v=moment) == "1 ตุลาคม 2567"
    assert render('{{ v|thai_date:"medium" }}', v=date(2024, 9, 30)) == "30 ก.ย. 2567"
    assert render('{{ v|thai_date:"short" }}', v=datetime(2024, 9, 30)) == "30 ก.ย. 67"
    assert render("{{ v|thai_date }}", v="2021-03-30") == "30 มีนาคม 2564"
    assert render("{{ v|thai_date }}", v="30 มี.ค.") == "30 มี.ค."
    assert render("{{ v|thai_time }}", v=moment) == "00.05 น."
    assert render("{{ v|thai_digits }}", v="<ข้อ 9>") == "&lt;ข้อ ๙&gt;"
    assert render("{{ v|thai_digits }}", v=0) == "๐"
    assert render("{{ v|baht }}", v=Decimal("1250000.00")) == "1,250,000"
    assert render("{{ v|baht }}", v=Decimal(0)) == "0"
    assert render("{{ v|number }}", v=Decimal("-1250.5000")) == "−1,250.5"
    assert render("{{ v|glue }}", v="<แผนงาน>") == '&lt;<span class="nb">แผนงาน</span>&gt;'


@pytest.mark.parametrize(
    "name", ["thai_date", "thai_time", "thai_digits", "baht", "number", "glue"]
)
def test_filters_show_nothing_for_nothing(name):
    assert render(f"{{{{ v|{name} }}}}", v=None) == ""
    assert render(f"{{{{ missing|{name} }}}}") == ""


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2024-09-30T23:59:59+07:00", "30 กันยายน 2567 23.59 น."),
        ("2024-10-01T00:00:00+07:00", "1 ตุลาคม 2567 00.00 น."),
        ("2024-12-31T23:59:59+07:00", "31 ธันวาคม 2567 23.59 น."),
        ("2025-01-01T00:00:00+07:00", "1 มกราคม 2568 00.00 น."),
    ],
)
def test_filters_turn_the_day_at_midnight_in_bangkok(moment, text):
    with time_machine.travel(moment, tick=False):
        assert render("{{ v|thai_date }} {{ v|thai_time }}", v=timezone.now()) == text
