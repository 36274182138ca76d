"""Everything in one zip with its hash, and what describes the data to programs and catalogues."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from followup.opendata import bundle, ckan, dcat, package
from followup.opendata import schema_org as schema
from followup.opendata.files import content
from followup.opendata.registry import Dataset, Source
from followup.views.api import as_json
from followup.views.data import kept_file, public_stamp, published, to_keep
from forum_portal.addresses import absolute_in
from forum_portal.costly import costly
from forum_portal.kept_files import KeptFile, code_version, kept, serve
from forum_portal.page_cache import public_page
from proposals.models import Forum

logger = logging.getLogger(__name__)

JSON_LD_TYPE = "application/ld+json"
TEXT_TYPE = "text/plain; charset=utf-8"


@require_safe
@costly
def everything(request: HttpRequest) -> HttpResponse:
    """Every dataset and its description in one zip."""
    whole = Everything(request)
    sent = whole.served(whole.file, bundle.ZIP_TYPE)
    if sent is None:
        sent = StreamingHttpResponse(whole.made(), content_type=bundle.ZIP_TYPE)
    return to_keep(sent, package.BUNDLE)


@require_safe
@costly
def everything_hash(request: HttpRequest) -> HttpResponse:
    """The SHA-256 of that zip, as `sha256sum -c` reads it."""
    whole = Everything(request)
    sent = whole.served(whole.hash_file, TEXT_TYPE)
    if sent is None:
        line = bundle.check_line(bundle.facts(whole.made()), package.BUNDLE)
        sent = HttpResponse(line, content_type=TEXT_TYPE)
    return to_keep(sent, f"{package.BUNDLE}.sha256")


class Everything:
    """The zip of everything as one request needs it: from disk, where the disk takes it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.address = absolute_in(request)
        self.stamp = public_stamp()  # before anything else is read, as `data` does
        self.forums = list(Forum.objects.all())
        self.release = package.release()
        self.source = Source()

    def made(self) -> Iterable[bytes]:
        return bundle.zipped(self.address, self.forums, self.release, self._read)

    def _read(self, dataset: Dataset, kind: str) -> Iterable[bytes]:
        """The content of a dataset's file: of the kept one, so that it need not be made again."""
        if self.stamp:
            with suppress(OSError):  # a full disk, or a file that was removed just now
                return _in_blocks(kept_file(dataset, kind, self.source, self.stamp).path.open("rb"))
        return content(dataset, kind, dataset.rows(self.source))[1]

    @cached_property
    def _key(self) -> str:
        """Everything that the zip depends on: the data, the code, the settings, the address."""
        described = package.data_package(self.address, self.forums, self.release)
        return f"{self.stamp} {code_version()} {json.dumps(described)}"

    def file(self) -> KeptFile:
        return kept("data-everything", self._key, "zip", self.made, packed=False)

    def hash_file(self) -> KeptFile:
        def line() -> Iterable[bytes]:
            yield bundle.check_line(
                bundle.facts(_in_blocks(self.file().path.open("rb"))), package.BUNDLE
            )

        return kept("data-everything-hash", self._key, "txt", line, packed=False)

    def served(self, find: Callable[[], KeptFile], content_type: str) -> HttpResponseBase | None:
        """The file that `find` returns; None if none is kept, or the disk takes none."""
        if not self.stamp:
            return None
        try:
            return serve(self.request, find, content_type)
        except OSError:
            logger.warning("the zip of everything could not be kept on disk", exc_info=True)
            return None

    def facts(self) -> package.FileFacts | None:
        """The size and the hash of the zip, which is made now if it is not there.

        None if no file is kept: to make everything for each reader of a description would cost too much.
        """
        if not self.stamp:
            return None
        try:
            digest = self.hash_file().path.read_text().split()[0]
            return package.FileFacts(self.file().path.stat().st_size, digest)
        except OSError:
            logger.warning("the zip of everything could not be kept on disk", exc_info=True)
            return None


def _in_blocks(file: BinaryIO) -> Iterable[bytes]:
    """The content of an open file, which is closed at its end."""
    with file:
        while block := file.read(64 * 1024):
            yield block


@public_page()
@costly
@published
def data_package(request: HttpRequest) -> HttpResponse:
    whole = Everything(request)
    described = package.data_package(
        whole.address, whole.forums, whole.release, bundle=whole.facts()
    )
    return as_json(described)


@public_page()
@costly
@published
def catalogue(request: HttpRequest) -> HttpResponse:
    """The catalogue as DCAT."""
    whole = Everything(request)
    described = dcat.catalogue(whole.address, whole.forums, whole.release, whole.facts())
    return as_json(described, JSON_LD_TYPE)


@public_page()
@costly
@published
def ckan_packages(request: HttpRequest) -> HttpResponse:
    """The catalogue with the fields of Thailand's catalogue."""
    whole = Everything(request)
    return as_json(ckan.packages(whole.address, whole.forums, whole.release, whole.facts()))


@public_page()
@costly
@published
def schema_org(request: HttpRequest) -> HttpResponse:
    """The datasets for search engines, linked from the pages that describe them."""
    whole = Everything(request)
    described = schema.catalog(whole.address, whole.forums, whole.release, whole.facts())
    return as_json(described, JSON_LD_TYPE)
