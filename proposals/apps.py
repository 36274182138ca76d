from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """What the forums resolved. It changes rarely and never imports `followup`."""

    name = "proposals"
    verbose_name = _("ข้อเสนอจากการประชุม")
