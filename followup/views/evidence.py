"""Evidence files, for people with the right to read them."""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from followup import permissions
from followup.evidence import MIME, sha256_of
from followup.models import Evidence, Feedback, FileType
from followup.models.reports import evidence_storage
from followup.published import public_evidence
from forum_portal import security_log
from forum_portal.security_log import Event

logger = logging.getLogger(__name__)


@require_safe
def evidence_file(request: HttpRequest, pk: int, name: str) -> FileResponse:
    """A file as an attachment that no browser runs; 404 for a file that may not be read."""
    piece = None
    if permissions.may_work(request.user):
        stored = Evidence.objects.exclude(file="")
        piece = stored.filter(pk=pk, file_name=name).first()
        if piece and public_evidence(pk, name) is None:
            security_log.write(Event.EXPORTED, about=piece)
    # Files of the last edition stay public while a correction is in progress.
    piece = piece or public_evidence(pk, name)
    if piece is None:
        raise Http404
    return send(piece)


def send(piece: Evidence | Feedback) -> FileResponse:
    """The row's file as an attachment; the caller has checked the permission.

    Http404 if it is lost, or is no longer the file that the row describes. Raises StorageUnavailable.
    """
    try:
        content = evidence_storage().open(piece.file.name or "")
    except FileNotFoundError as error:
        logger.error("%s %s has lost its file", piece._meta.model_name, piece.pk)
        raise Http404 from error
    if isinstance(piece, Evidence) and sha256_of(content) != piece.sha256:
        content.close()
        logger.error("%s %s has a file with another SHA-256", piece._meta.model_name, piece.pk)
        raise Http404
    response = FileResponse(
        content,
        as_attachment=True,
        filename=piece.file_name,
        content_type=MIME[FileType(piece.file_type)],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # No shared caching: the file may become internal, or its round may be reopened.
    response["Cache-Control"] = "private, no-store"
    return response
