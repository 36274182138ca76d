"""What visitors write to the secretariat."""

from typing import Any

from followup import actions
from followup.feedback import new_sending
from followup.models import Feedback

TEXT = "รายงานบอกว่าออกอากาศ 204 ชั่วโมง แต่หลักฐานรวมสถานีที่หยุดออกอากาศไว้ด้วย"
CONTACT = "mali@visitor.example.org"
SENDER = "a" * 32


def send(**changes: Any) -> tuple[Feedback, str]:
    """A message as the form sends it, and the key of its page."""
    given = {"sending": new_sending(), "sender": SENDER, "kind": "fix", "text": TEXT}
    return actions.send_feedback(**(given | changes))


def write(**changes: Any) -> Feedback:
    return send(**changes)[0]
