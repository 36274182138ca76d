"""The three groups of people who sign in, and the permissions of each.

Rights are checked by permission, never by group name: see `followup.permissions`.
"""

from typing import Any

COMMITTEE_STAFF = "เจ้าหน้าที่ฝ่ายเลขานุการ"
REVIEWER = "ผู้ตรวจ"
ADMINISTRATOR = "ผู้ดูแลระบบ"

_STAFF = {"followup.log_statusreport", "followup.run_round"}
_REVIEW = _STAFF | {"followup.review_statusreport", "followup.publish_round"}
#: Nobody adds or deletes reports and rounds in the admin: only the verbs do, so that their rules hold.
_NOT_IN_ADMIN = {
    f"followup.{verb}_{model}" for model in ("statusreport", "round") for verb in ("add", "delete")
}


def create_groups(using: str = "default", **kwargs: Any) -> None:
    """Create the three groups with their permissions; permissions added by hand stay."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    # This runs on followup's post_migrate; the permissions of other apps may not exist yet.
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    everything = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    admin = {
        name
        for name in everything
        if name.startswith(("proposals.", "followup.", "auth.view_"))
        and ".historical" not in name
        and "_historical" not in name
    }
    wanted = {
        COMMITTEE_STAFF: _STAFF,
        REVIEWER: _REVIEW,
        ADMINISTRATOR: (admin | _REVIEW) - _NOT_IN_ADMIN,
    }
    for name, permissions in wanted.items():
        group, made = Group.objects.using(using).get_or_create(name=name)
        have = set() if made else set(group.permissions.values_list("pk", flat=True))
        group.permissions.add(
            *(everything[p] for p in sorted(permissions) if everything[p].pk not in have)
        )
