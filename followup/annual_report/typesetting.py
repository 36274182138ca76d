"""One run of typst: in this process, or as a program of its own whose memory is free when it ends.

As a program it imports neither Django nor the portal, so that its memory is typst's only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
SETTING: dict[str, Any] = {
    "font_paths": [HERE / "fonts"],
    "ignore_system_fonts": True,
    "format": "pdf",
    "pdf_standards": ["ua-1"],
}
#: Seconds that a piece may take; the largest takes a few, thirty on a busy machine.
TIME_LIMIT = 600
POLITE = 10  # added to the priority value: the web server's requests go first
_ERROR_TAIL = 2000  # characters of the program's message that are told


class NotTypeset(RuntimeError):
    """The separate run of typst failed; the message is its own."""


def typeset(inputs: Mapping[str, str], made_at: str) -> bytes:
    """The PDF that `report.typ` makes of its inputs. `made_at`: ISO, its creation time."""
    import typst

    made: bytes = typst.compile(
        HERE / "report.typ",
        root=HERE,
        timestamp=datetime.fromisoformat(made_at).replace(microsecond=0),
        sys_inputs=dict(inputs),
        **SETTING,
    )
    return made


def typeset_apart(inputs: Mapping[str, str], made_at: str, to: Path) -> None:
    """Write to a file what `typeset` returns, by a process of its own. Raises `NotTypeset`."""
    with TemporaryDirectory() as folder:
        asked = Path(folder, "inputs.json")
        asked.write_text(json.dumps({"inputs": inputs, "made_at": made_at}), "ascii")
        try:
            subprocess.run(  # noqa: S603  our own program, no text of a user's
                [sys.executable, "-I", __file__, asked, to],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=TIME_LIMIT,
                # One thread: a second core stays with the web server, and two are hardly faster.
                env={**os.environ, "RAYON_NUM_THREADS": "1"},
            )
        except subprocess.CalledProcessError as failed:
            raise NotTypeset(failed.stderr.decode(errors="replace")[-_ERROR_TAIL:]) from failed


def main(asked: str, to: str) -> None:
    os.nice(POLITE)
    data = json.loads(Path(asked).read_text("ascii"))
    Path(to).write_bytes(typeset(data["inputs"], data["made_at"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
