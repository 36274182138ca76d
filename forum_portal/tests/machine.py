"""A folder that stands for a Debian machine: the commands of docs/deployment.md run in it as written.

`STAND_INS` and `Machine.substitutions` are all that is not as on a real machine.
"""

import hashlib
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from forum_portal.tests.ports import free_port

ROOT: Path = settings.ROOT
GUIDE = ROOT / "docs" / "deployment.md"
HOST = "portal.example.go.th"
CODE = "https://example.org/csos-forum-portal.git"
PASSWORD = "four-words-no-one-guesses-7315"

#: Commands that do not run here: why, and what runs in their place.
STAND_INS = {
    "apt-get": ("packages are installed before the tests", ":"),
    "adduser": ("the user would stay on this machine", ":"),
    "chown": ("there is no user portal", ":"),
    "runuser": (
        "there is no user portal",
        'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    ),
    "createuser": ("the temporary cluster has the user portal already", ":"),
    "journalctl": ("there is no journal", 'exec tail -n 20 "$MACHINE/run/$2.service.log"'),
    "systemctl": ("there is no systemd", 'exec "$PYTHON_OF_TESTS" "$STAND_IN_SYSTEMCTL" "$@"'),
    "certbot": (
        "no authority can reach this machine: a certificate that is signed by itself",
        'folder="$MACHINE/etc/letsencrypt/live/portal.example.go.th"; mkdir -p "$folder"; exec openssl '
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=portal.example.go.th -addext "
        'subjectAltName=DNS:portal.example.go.th -keyout "$folder/privkey.pem" '
        '-out "$folder/fullchain.pem" 2>/dev/null',
    ),
}


class Block(NamedTuple):
    """Commands of the guide, and the heading that they stand under."""

    heading: str
    commands: str


def blocks() -> Iterator[Block]:
    """The fenced `sh` blocks of the guide, in order; the reference after it has none."""
    heading, inside, lines = "", False, []
    for line in GUIDE.read_text("utf-8").splitlines():
        if inside and line == "```":
            yield Block(heading, "\n".join(lines) + "\n")
            inside, lines = False, []
        elif inside:
            lines.append(line)
        elif line == "```sh":
            inside = True
        elif line.startswith("#"):
            heading = line.lstrip("# ")


def has_libraries() -> bool:
    """Whether these tests run with the libraries of requirements.txt; script/setup noted its checksum."""
    stamp = Path(sys.prefix, "requirements.txt.sha256")
    wanted = hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()
    return stamp.is_file() and stamp.read_text().strip() == wanted


class Answer(NamedTuple):
    """What a proxy answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class Machine:
    """The folder, and one shell in it that stays open, as an administrator's does."""

    def __init__(self, root: Path, *, postgres: str = "") -> None:
        self.root = root
        self.postgres = postgres  # the folder of a cluster's socket
        self.http, self.https, self.portal = free_port(), free_port(), free_port()
        self.numbers: dict[str, set[str]] = {}  # path -> those of the requests that were answered
        for folder in (
            *("usr/local/bin", "run", "tmp", "var/log/nginx", "var/lib/nginx", "var/www/html"),
            *(
                "etc/systemd/system",
                "etc/nginx/sites-available",
                "etc/nginx/sites-enabled",
                "etc/caddy",
            ),
            *("home", "stand-ins"),
        ):
            (root / folder).mkdir(parents=True)
        self._write_stand_ins()
        self.shell = subprocess.Popen(
            ["bash", "--norc", "-e"],
            cwd=root,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    # What is not as on a real machine ---------------------------------------------------------------

    @property
    def substitutions(self) -> list[tuple[str, str]]:
        """(pattern, text) in the commands of the guide."""
        found = [
            # Folders of the machine. `var/` of the portal has no slash before it.
            (r"(?<![\w./])/(?=(?:srv|etc|usr/local|var/backups|var/www)/)", f"{self.root}/"),
            # There is no terminal that could be asked.
            (
                r"^portal createsuperuser$",
                "portal createsuperuser --noinput --username office --email office@example.go.th",
            ),
            # A port that is free here.
            (r"^(PORTAL_ENV=production)$", rf"\1\nPORT={self.portal}"),
        ]
        if has_libraries():  # if not, they are installed anew
            found.append(
                (r"^(as_portal script/setup)$", rf"[ -e .venv ] || ln -s {sys.prefix} .venv; \1")
            )
        if self.postgres:
            found.append((r"/var/run/postgresql", self.postgres))
        return found

    @property
    def replacements(self) -> list[tuple[str, str]]:
        """Pairs of texts in the units and configurations that were installed."""
        folders = (
            "/srv/portal",
            "/etc/letsencrypt",
            "/var/backups",
            "/var/lib/nginx",
            "/var/log/nginx",
        )
        return [
            *((each, f"{self.root}{each}") for each in (*folders, "/var/www/html")),
            ("127.0.0.1:8000", f"127.0.0.1:{self.portal}"),
        ]

    def _write_stand_ins(self) -> None:
        live = f"/etc/letsencrypt/live/{HOST}"
        self.certificate = Path(f"{self.root}{live}/fullchain.pem")
        for command, (_why, script) in STAND_INS.items():
            path = self.root / "stand-ins" / command
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        if nginx := shutil.which("nginx", path="/usr/sbin:/usr/bin"):
            path = self.root / "stand-ins" / "nginx"
            path.write_text(
                f"#!/bin/sh\n{self.root}/stand-ins/systemctl configure nginx && "
                f'exec {nginx} -c {self.root}/etc/nginx/nginx.conf "$@"\n'
            )
            path.chmod(0o755)
        (self.root / "etc/nginx/nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"daemon off;\npid {self.root}/nginx.pid;\n"
            f"error_log {self.root}/var/log/nginx/error.log;\n"
            "events {}\nhttp {\n"
            "    include /etc/nginx/mime.types;\n    default_type application/octet-stream;\n"
            + "".join(
                f"    {kind}_temp_path {self.root}/var/lib/nginx/{kind};\n"
                for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            )
            + f"    access_log {self.root}/var/log/nginx/access.log;\n"
            f"    include {self.root}/etc/nginx/sites-enabled/*.here;\n}}\n"
        )
        ours = {
            "root": str(self.root),
            "replace": self.replacements,
            "https": self.https,
            "programs": {
                "nginx": [str(self.root / "stand-ins/nginx")],
                "caddy": [
                    *("caddy", "run", "--adapter", "caddyfile"),
                    *("--config", str(self.root / "etc/caddy/Caddyfile.here")),
                ],
            },
            "configurations": {
                "nginx": [
                    (
                        "etc/nginx/sites-enabled/portal",
                        [
                            ("listen 80;", f"listen 127.0.0.1:{self.http};"),
                            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.https} ssl http2;"),
                            ("    listen [::]:80;\n", ""),
                            ("    listen [::]:443 ssl http2;\n", ""),
                        ],
                    )
                ],
                "caddy": [
                    (
                        "etc/caddy/Caddyfile",
                        [
                            (
                                "{\n\t# No access log",
                                f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {self.http}\n\t"
                                f"https_port {self.https}\n\tdefault_bind 127.0.0.1\n\t# No access log",
                            ),
                            (
                                f"{{$PORTAL_HOST:{HOST}}} {{\n",
                                f"{HOST} {{\n\ttls {live}/fullchain.pem {live}/privkey.pem\n",
                            ),
                        ],
                    )
                ],
            },
        }
        (self.root / "stand-in.json").write_text(json.dumps(ours))
        (self.root / "home/.curlrc").write_text(
            f'cacert = "{self.certificate}"\n'
            f'connect-to = "{HOST}:443:127.0.0.1:{self.https}"\n'
            f'connect-to = "{HOST}:80:127.0.0.1:{self.http}"\n'
        )

    def environment(self) -> dict[str, str]:
        home = self.root / "home"
        (home / "gitconfig").write_text(
            f'[url "{self.root / "origin"}"]\n\tinsteadOf = {CODE}\n'
            "[user]\n\tname = Office\n\temail = office@example.go.th\n[safe]\n\tdirectory = *\n"
            "[advice]\n\tdetachedHead = false\n"
        )
        ours = {
            "PATH": f"{self.root / 'stand-ins'}:{self.root / 'usr/local/bin'}:{os.environ['PATH']}"
            ":/usr/sbin:/usr/bin:/bin",
            "MACHINE": str(self.root),
            "STAND_IN": str(self.root / "stand-in.json"),
            "STAND_IN_SYSTEMCTL": str(Path(__file__).with_name("stand_in_systemctl.py")),
            "PYTHON_OF_TESTS": sys.executable,
            "HOME": str(home),
            "CURL_HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "TMPDIR": str(self.root / "tmp"),
            "LC_ALL": "C.UTF-8",
        }
        return ours | ({"PGHOST": self.postgres, "PGUSER": "portal"} if self.postgres else {})

    # The code ---------------------------------------------------------------------------------------

    def publish(self, tag: str, later: str = "") -> None:
        """Tag this working tree in the repository that the guide clones; then the version `later`.

        That one has another number and one more migration.
        """
        origin = self.root / "origin"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (origin / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, origin / name)
        self._git(origin, "init", "--quiet", "--initial-branch=main")
        self._commit(origin, tag)
        project = origin / "pyproject.toml"
        number = f'version = "{later.removeprefix("v")}"'
        text = re.sub(r'^version = "[^"]+"', number, project.read_text(), flags=re.M)
        project.write_text(text)
        migrations = origin / "followup" / "migrations"
        last = max(path.stem for path in migrations.glob("[0-9]*.py"))
        (migrations / "9999_later.py").write_text(
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            f'    dependencies = [("followup", "{last}")]\n    operations = []\n'
        )
        self._commit(origin, later)

    def _commit(self, folder: Path, tag: str) -> None:
        self._git(folder, "add", "--all")
        self._git(folder, "commit", "--quiet", "--message", tag)
        self._git(folder, "tag", tag)

    def _git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, env=self.environment(), check=True)

    # Running ----------------------------------------------------------------------------------------

    def run(self, commands: str, *, within: float = 300) -> str:
        """What the commands print, in the shell that stays open. The first that fails fails the test."""
        for pattern, text in self.substitutions:
            commands = re.sub(pattern, text.replace("\\n", "\n"), commands, flags=re.M)
        (self.root / "commands").write_text(commands)
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f". {self.root / 'commands'}; echo; echo 'that was all'\n")
        self.shell.stdin.flush()
        said: list[str] = []
        for line in self.shell.stdout:
            if line == "that was all\n":
                return "".join(said)
            said.append(line)
        logs = [
            f"== {path.name}\n{path.read_text('utf-8', 'replace')[-1500:]}"
            for path in sorted((self.root / "run").glob("*.log"))
        ]
        raise AssertionError(
            f"this ended with an error:\n{commands}\n{''.join(said)}\n" + "\n".join(logs)
        )

    def is_running(self, unit: str) -> bool:
        pid = (self.root / "run" / f"{unit}.service.pid").read_text()
        status = Path(f"/proc/{pid}/status")
        return status.exists() and "\nState:\tZ" not in status.read_text()

    def log(self, unit: str) -> list[dict[str, Any]]:
        """The lines of JSON that a unit has written."""
        text = (self.root / "run" / f"{unit}.service.log").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def asked(self, path: str) -> int:
        """How many requests for this path the portal itself has answered."""
        time.sleep(0.3)
        for _turn in range(100):  # their lines come after the answers
            lines = [
                line["request_id"]
                for line in self.log("portal-web")
                if line.get("logger") == "portal.access" and line.get("path") == path
            ]
            if self.numbers.get(path, set()) <= set(lines):
                break
            time.sleep(0.1)
        return len(lines)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        plain: bool = False,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        """Send one request to the proxy; a header's `_` is a hyphen."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.http if plain else self.https, timeout=60
        )
        connection.connect()
        if not plain:
            context = ssl.create_default_context(cafile=str(self.certificate))
            connection.sock = context.wrap_socket(connection.sock, server_hostname=HOST)
        sent = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
        # It may answer before it has read everything.
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        try:
            found = Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()
        if not plain:  # what the proxy answers by itself has none, or that of the kept page
            self.numbers.setdefault(path.partition("?")[0], set()).update(
                found.every("X-Request-ID")
            )
        return found

    def close(self) -> None:
        """End everything that was started here."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.close()
        self.shell.wait(20)
        self.shell.stdout.close()
        for path in (self.root / "run").glob("*.pid"):
            subprocess.run(
                [self.root / "stand-ins/systemctl", "stop", path.name.removesuffix(".pid")],
                env=self.environment(),
                check=False,
            )
