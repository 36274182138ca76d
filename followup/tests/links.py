"""Links of agencies, as tests open them."""

from followup import actions
from followup.models import AgencyLink, StatusReport

DEAD = "ลิงก์นี้ใช้ไม่ได้"


def path_of(link: AgencyLink, report: StatusReport | None = None) -> str:
    return f"/r/{actions.token_of(link)}/" + (f"{report.pk}/" if report else "")
