"""Encryption by the programs age and gpg, as a stream: no plain archive is written.

A recipient that begins with age1 or ssh- is age's; any other is a key of gpg, best by its fingerprint.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.utils.translation import gettext as _

from forum_portal.backups.archive import Sink
from forum_portal.backups.refused import Refused

_AGE = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_GPG_TEXT = b"-----BEGIN PGP MESSAGE-----"


def program_for(recipients: Sequence[str]) -> str:
    """age or gpg, whichever these recipients are of; "" without any. Raises Refused."""
    if not recipients:
        return ""
    kinds = {"age" if each.startswith(("age1", "ssh-")) else "gpg" for each in recipients}
    if len(kinds) > 1:
        raise Refused(
            _("ผู้รับต้องเป็นของ age ทั้งหมด หรือของ gpg ทั้งหมด"),
            "All recipients must be of age, or all of gpg.",
        )
    [kind] = kinds
    _path_of(kind)
    return kind


def _path_of(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Refused(
            _("ไม่พบโปรแกรม %(program)s ติดตั้งก่อน แล้วสั่งใหม่") % {"program": program},
            f"The program {program} is not installed. Install it and run this again.",
        )
    return path


@contextmanager
def encrypted(file: BinaryIO, recipients: Sequence[str]) -> Iterator[Sink]:
    """Context manager: what is written to it goes to `file`, encrypted to all of `recipients`.

    Without recipients it is the file itself. Raises Refused if the program fails.
    """
    program = program_for(recipients)
    if not program:
        yield file
        return
    if program == "age":
        arguments = ["--encrypt"]
    else:
        # The key is trusted, because whoever gives the command names it; so none is fetched by its name.
        arguments = ["--batch", "--quiet", "--no-auto-key-locate", "--trust-model", "always"]
        arguments += ["--encrypt"]
    for each in recipients:
        arguments += ["--recipient", each]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - a fixed program, and arguments without a shell
            [_path_of(program), *arguments], stdin=subprocess.PIPE, stdout=file, stderr=errors
        )
        stream, took_all = cast(IO[bytes], process.stdin), False
        try:
            try:
                yield stream
                stream.close()
                took_all = True
            except BrokenPipeError:  # it ended early, and says why
                with suppress(BrokenPipeError):
                    stream.close()
            if process.wait() or not took_all:
                raise _failed(program, errors)
        except BaseException:
            process.kill()
            process.wait()
            with suppress(BrokenPipeError):
                stream.close()
            raise


def kind_of(file: BinaryIO) -> str:
    """age, gpg, or "" for what is not encrypted, by a file's first bytes."""
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    if head.startswith(_AGE):
        return "age"
    # A binary message of OpenPGP begins with a packet's tag, whose first bit is set.
    if head.startswith(_GPG_TEXT) or (head and head[0] & 0x80):
        return "gpg"
    return ""


def decrypt(file: BinaryIO, into: BinaryIO, identity: Path | None = None) -> None:
    """Decrypt a file as a whole. `identity` is age's file of keys; gpg asks its agent. Raises Refused."""
    program = kind_of(file)
    if program == "age":
        if identity is None:
            raise Refused(
                _("ไฟล์สำรองเข้ารหัสด้วย age ระบุไฟล์กุญแจด้วย --identity"),
                "The backup is encrypted with age. Name the file of its key with --identity.",
            )
        arguments = ["--decrypt", "--identity", str(identity)]
    else:
        arguments = ["--batch", "--quiet", "--decrypt"]
    # The program reads on where the file's descriptor is: behind what was read ahead to tell the kind.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(  # noqa: S603 - as above
            [_path_of(program), *arguments], stdin=file, stdout=into, stderr=errors, check=False
        )
        if done.returncode:
            raise _failed(program, errors)
    into.flush()


def _failed(program: str, errors: IO[bytes]) -> Refused:
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip().splitlines() or ["?"]
    return Refused(
        _("โปรแกรม %(program)s ทำไม่สำเร็จ") % {"program": program},
        f"{program} failed: {'; '.join(said)[:300]}",
    )
