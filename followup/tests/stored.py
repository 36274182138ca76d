"""What is stored: a hash of every row of every table, however the database keeps them."""

from hashlib import sha256

from django.apps import apps

#: Tables that a refused request may write to: sessions, the uses of links, and what is kept for a day.
PASSING = {"sessions.Session", "followup.LinkUse", "followup.PrintJob"}


def digest() -> str:
    """The hash of every row, ordered by its key, without the tables of `PASSING`."""
    whole = sha256()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in PASSING or not model._meta.managed:
            continue
        whole.update(model._meta.db_table.encode())
        for row in model._base_manager.order_by("pk").values_list():
            plain = [bytes(each) if isinstance(each, memoryview) else each for each in row]
            whole.update(repr(plain).encode())
    return whole.hexdigest()
