"""What every history row carries beside its record's values."""

from __future__ import annotations

from django.db import models


class Batched(models.Model):
    """One write may touch several rows (a report and its evidence); they share a `batch`.

    `via` names who wrote where nobody was signed in: an agency's link, a command.
    """

    batch = models.UUIDField(null=True, editable=False, db_index=True)
    via = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        abstract = True
