"""The extra fields of every history row."""

from __future__ import annotations

from django.db import models


class Batched(models.Model):
    """The rows of one write (a report and its evidence) share a `batch`.

    `via` names the writer if nobody was signed in: an agency's link, or a command.
    """

    batch = models.UUIDField(null=True, editable=False, db_index=True)
    via = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        abstract = True
