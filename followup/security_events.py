"""Receivers of signals that write the security log: logins, users and groups, contacts.

The verbs and the views write the other events themselves.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from import_export.signals import post_import

from forum_portal import security_log
from forum_portal.security_log import Event

BEFORE = "_before_this_save"
#: Attributes of a user whose change the log tells; the others are of no account.
TOLD = ("password", "is_active", "is_superuser", "is_staff", "username", "display_name", "email")


def connect() -> None:
    """Connect every receiver; called once, when the apps are ready."""
    user, focal_point = get_user_model(), apps.get_model("followup", "FocalPoint")
    user_logged_in.connect(logged_in)
    user_login_failed.connect(login_failed)
    authentication_failed.connect(code_failed)
    authenticator_added.connect(device_added)
    authenticator_removed.connect(device_removed)
    authenticator_reset.connect(codes_made)
    pre_save.connect(user_before, sender=user)
    post_save.connect(user_saved, sender=user)
    post_delete.connect(user_deleted, sender=user)
    for rights in (user.groups, user.user_permissions, Group.permissions):
        m2m_changed.connect(rights_changed, sender=rights.through)
    post_save.connect(group_saved, sender=Group)
    post_delete.connect(group_deleted, sender=Group)
    post_save.connect(focal_point_saved, sender=focal_point)
    post_delete.connect(focal_point_removed, sender=focal_point)
    post_import.connect(list_imported)


# Logins ---------------------------------------------------------------------------------------


def account(name: str) -> str:
    """The account of a typed user name, for the log; "" if there is none.

    The name itself is not told: people type a password into that field by mistake.
    """
    if "\0" in name:  # which PostgreSQL does not compare
        return ""
    found = get_user_model()._default_manager.filter(username=name).only("pk").first()
    return security_log.name_of(found) if found else ""


def logged_in(user: Any, **kwargs: Any) -> None:
    security_log.write(Event.LOGIN, user=user)


def login_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    security_log.write(Event.LOGIN_FAILED, about=account(str(credentials.get("username", ""))))


def code_failed(user: Any, **kwargs: Any) -> None:
    security_log.write(Event.SECOND_FACTOR_FAILED, about=user)


def device_added(user: Any, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        security_log.after_commit(Event.SECOND_FACTOR_SET, user=user, about=user)


def device_removed(user: Any, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        security_log.after_commit(Event.SECOND_FACTOR_REMOVED, user=user, about=user)


def codes_made(user: Any, **kwargs: Any) -> None:
    security_log.after_commit(Event.RECOVERY_CODES_MADE, user=user, about=user)


# Users and groups -----------------------------------------------------------------------------


def user_before(instance: Any, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    """Keep what is stored, so that `user_saved` can compare. A login's own save is left out."""
    instance.__dict__.pop(BEFORE, None)
    if raw or instance.pk is None or (update_fields and not set(update_fields) & set(TOLD)):
        return
    stored = type(instance)._default_manager.filter(pk=instance.pk).values(*TOLD).first()
    setattr(instance, BEFORE, stored)


def user_saved(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    before = instance.__dict__.pop(BEFORE, None)
    if created and not raw:
        security_log.after_commit(Event.USER_CREATED, about=instance)
    if created or not before:
        return
    changed = {name for name in TOLD if getattr(instance, name) != before[name]}
    for event in _events_of(instance, changed):
        security_log.after_commit(event, about=instance)


def _events_of(user: Any, changed: set[str]) -> list[Event]:
    events = []
    # A password that was only hashed anew, at a login, is the same one.
    if "password" in changed and user._password is not None:
        own = security_log.is_by(user)
        events.append(Event.PASSWORD_CHANGED if own else Event.PASSWORD_SET)
    if "is_active" in changed:
        events.append(Event.USER_ACTIVATED if user.is_active else Event.USER_DEACTIVATED)
    if changed & {"is_superuser", "is_staff"}:
        events.append(Event.RIGHTS_CHANGED)
    if changed & {"username", "display_name", "email"}:
        events.append(Event.USER_CHANGED)
    return events


def user_deleted(instance: Any, **kwargs: Any) -> None:
    security_log.after_commit(Event.USER_DELETED, about=instance)


def rights_changed(
    instance: Any, action: str, reverse: bool, model: type[Model], pk_set: Any, **kwargs: Any
) -> None:
    """A person's groups or permissions, or those of a group, from either end of the relation."""
    if action not in {"post_add", "post_remove", "post_clear"} or pk_set == set():
        return
    event = Event.GROUP_CHANGED if isinstance(instance, Group) else Event.RIGHTS_CHANGED
    security_log.after_commit(event, about=instance)


def group_saved(instance: Any, created: bool, **kwargs: Any) -> None:
    outcome = "created" if created else "changed"
    security_log.after_commit(Event.GROUP_CHANGED, about=instance, outcome=outcome)


def group_deleted(instance: Any, **kwargs: Any) -> None:
    security_log.after_commit(Event.GROUP_CHANGED, about=instance, outcome="deleted")


# Rows without history of their own, or written by a library ---------------------------------------


def focal_point_saved(instance: Any, created: bool, **kwargs: Any) -> None:
    outcome = "created" if created else "changed"
    security_log.after_commit(Event.FOCAL_POINT_WRITTEN, about=instance, outcome=outcome)


def focal_point_removed(instance: Any, **kwargs: Any) -> None:
    security_log.after_commit(Event.FOCAL_POINT_REMOVED, about=instance)


def list_imported(model: type[Model], **kwargs: Any) -> None:
    """A list that the admin imported."""
    security_log.after_commit(Event.IMPORT_APPLIED, about=str(model._meta.model_name))
