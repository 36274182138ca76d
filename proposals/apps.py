from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """What was resolved: it changes rarely and knows nothing of follow-up."""

    name = "proposals"
    verbose_name = _("ข้อเสนอจากการประชุม")
