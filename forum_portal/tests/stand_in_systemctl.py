"""`systemctl` for the test that follows the guide, on a machine without systemd.

It starts what a unit's ExecStart says, with the few variables that systemd gives, waits for READY=1 of
`Type=notify` and for the end of `Type=oneshot`, and stops with SIGTERM. The sandbox of a unit, its user
and its timer's clock are systemd's alone: `systemd-analyze verify` reads those in another test.

STAND_IN names a JSON file: `root` (the folder that stands for /), `replace` (pairs of texts in files that
programs read) and `programs` (unit -> command of a program that is not the portal's).
"""

import configparser
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = json.loads(Path(os.environ["STAND_IN"]).read_text("utf-8"))
ROOT = Path(HERE["root"])
STATE = ROOT / "run"


def here(text: str) -> str:
    for old, new in HERE["replace"]:
        text = text.replace(old, new)
    return text


def unit(name: str) -> configparser.ConfigParser:
    """The unit as systemd finds it: an instance of a template is its template, with its name for %i."""
    template, at, rest = name.partition("@")
    file = f"{template}@.service" if at else name
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    text = (ROOT / "etc/systemd/system" / file).read_text("utf-8")
    read.read_string(here(text).replace("%i", rest.removesuffix(".service")))
    return read


def run(name: str) -> int:
    """Start a service; its exit status if it ends, otherwise 0 once it is ready."""
    service = unit(name)["Service"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(ROOT)}
    log = (STATE / f"{name}.log").open("ab")
    command = shlex.split(service["ExecStart"])
    common = {"cwd": service["WorkingDirectory"], "stdout": log, "stderr": log}
    kind = service.get("Type", "simple")
    if kind == "oneshot":
        return subprocess.run(command, env=environment, check=False, **common).returncode
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        # An abstract one: the path of a file would be too long in a test's folder.
        address = f"portal-test-{os.getpid()}-{name}"
        ready.bind(f"\0{address}")
        ready.settimeout(1)
        process = subprocess.Popen(
            command,
            env=environment | {"NOTIFY_SOCKET": f"@{address}"},
            start_new_session=True,
            **common,
        )
        (STATE / f"{name}.pid").write_text(str(process.pid))
        for _turn in range(90 if kind == "notify" else 2):
            try:
                if b"READY=1" in ready.recv(4096):
                    return 0
            except TimeoutError:
                pass
            if process.poll() is not None:
                return process.returncode or 1
        return 1 if kind == "notify" else 0


def configure(name: str) -> int:
    """Write the configuration of nginx or Caddy as it is for this folder."""
    for file, lines in HERE["configurations"][name]:
        text = (ROOT / file).read_text("utf-8")
        for old, new in lines:
            if old not in text:
                sys.exit(f"{old!r} is not in {file}")
            text = text.replace(old, new)
        (ROOT / f"{file}.here").write_text(here(text))
    return 0


def start_program(name: str) -> int:
    """Start nginx or Caddy with their configuration as it is now, in place of one that runs."""
    stop(name)
    configure(name)
    log = (STATE / f"{name}.log").open("ab")
    process = subprocess.Popen(
        HERE["programs"][name], stdout=log, stderr=log, start_new_session=True
    )
    (STATE / f"{name}.pid").write_text(str(process.pid))
    for _turn in range(600):
        if process.poll() is not None:
            return 1
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", HERE["https"])) == 0:
                return 0
        time.sleep(0.1)
    return 1


def stop(name: str) -> int:
    path = STATE / f"{name}.pid"
    if not path.exists():
        return 0
    pid = int(path.read_text())
    path.unlink()
    try:
        os.kill(pid, signal.SIGTERM)
        for _turn in range(400):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return 0
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, FileNotFoundError):
        return 0
    return 1


def main() -> int:
    STATE.mkdir(exist_ok=True)
    verb, *names = [each for each in sys.argv[1:] if not each.startswith("-")]
    if verb == "daemon-reload":
        return 0
    worst = 0
    for name in names:
        if name.endswith(".timer"):
            unit(unit(name)["Timer"]["Unit"])
        elif name in HERE["programs"]:
            does = {"stop": stop, "configure": configure}.get(verb, start_program)
            worst |= does(name)
        else:
            service = name if name.endswith(".service") else f"{name}.service"
            if verb in {"stop", "restart"}:
                worst |= stop(service)
            if verb in {"start", "restart", "enable"}:
                worst |= run(service)
    return worst


if __name__ == "__main__":
    sys.exit(main())
