"""The files that docs/deployment.md installs: units, proxies, scripts, images."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from forum_portal import gunicorn
from forum_portal.bodies import upload_bytes
from forum_portal.tests.test_env_example import listed
from forum_portal.tests.test_guide import SECRET

ROOT: Path = settings.ROOT
DEPLOY = ROOT / "script" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
TIMERS = [path for path in UNITS if path.suffix == ".timer"]


def read(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=True)
    found.optionxform = str
    found.read_string(path.read_text("utf-8"))
    return found


def seconds(text: str) -> int:
    """A time as nginx and compose write it, such as `75s` and `2m`."""
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


# Units of systemd -------------------------------------------------------------------------------


def test_each_timer_starts_a_unit_that_is_there_and_catches_up():
    called = set()
    for path in TIMERS:
        timer = read(path)["Timer"]
        template = re.sub(r"@.+\.", "@.", timer["Unit"])
        assert (DEPLOY / "systemd" / template).is_file(), path.name
        assert timer["OnCalendar"].endswith(" Asia/Bangkok"), "the machine may have another zone"
        assert timer["Persistent"] == "true", "a machine that was off does it later"
        called.add(timer["Unit"])
    commands = {each.partition("@")[2].removesuffix(".service") for each in called if "@" in each}
    assert commands == {"queue_daily_work", "verify_record"}
    assert commands <= {*get_commands()}
    assert called - {f"portal-run@{each}.service" for each in commands} == {
        *("portal-backup.service", "portal-check-backup.service")
    }


@pytest.mark.security
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_may_write_into_its_data_alone(path):
    service = read(path)["Service"]
    assert (service["User"], service["Group"]) == ("portal", "portal")
    assert service["ProtectSystem"] == "strict"
    allowed = {"/srv/portal/var"} | (
        {"/var/backups/portal"} if path.stem == "portal-backup" else set()
    )
    assert {*service["ReadWritePaths"].split()} == allowed
    for each in (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "RestrictSUIDSGID",
    ):
        assert service[each] == "yes", each
    assert service["CapabilityBoundingSet"] == ""
    assert service["UMask"] == "0077"
    assert service["WorkingDirectory"] == "/srv/portal"


def test_a_stop_waits_for_what_is_under_way():
    web = read(DEPLOY / "systemd" / "portal-web.service")["Service"]
    assert int(web["TimeoutStopSec"]) > gunicorn.graceful_timeout
    assert web["KillMode"] == "mixed", "the first signal is for the master alone"
    assert web["Restart"] == "on-failure"
    assert web["Type"] == "notify", "a start ends when requests are answered"


def test_what_a_service_runs_is_there():
    for path in SERVICES:
        program, *rest = read(path)["Service"]["ExecStart"].split()
        if program == "/srv/portal/.venv/bin/python":
            run = rest[1] if rest[0] == "manage.py" else rest[0]
            assert run in {*get_commands(), "-m", "%i"}, path.name
        else:
            assert os.access(ROOT / program.removeprefix("/srv/portal/"), os.X_OK), path.name


@pytest.mark.once
def test_systemd_reads_the_units_and_finds_them_confined(require, tmp_path):
    require(shutil.which("systemd-analyze"), "systemd-analyze (Debian: systemd) is missing")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "script").symlink_to(ROOT / "script")
    units = tmp_path / "units"
    units.mkdir()
    for path in UNITS:
        text = path.read_text("utf-8").replace("/srv/portal", str(tmp_path))
        (units / path.name).write_text(text.replace("User=portal\nGroup=portal\n", ""))
    for name in sorted(path.name for path in UNITS):
        name = name.replace("@.", "@verify_record.")
        done = subprocess.run(
            ["systemd-analyze", "verify", str(units / name)],
            env=os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"},
            capture_output=True,
            text=True,
            check=False,
        )
        told = [line for line in done.stderr.splitlines() if str(units) in line or "portal" in line]
        assert (done.returncode, told) == (0, []), name
    for path in SERVICES:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.splitlines()[-1:]


# The proxies ------------------------------------------------------------------------------------

NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
CADDY = (DEPLOY / "Caddyfile").read_text("utf-8")


def directive(name: str) -> str:
    [value] = re.findall(rf"^\s*{name} ([^;]+);", NGINX, re.M)
    return value


def test_the_body_limits_fit_the_largest_request():
    assert settings.EVIDENCE_MAX_BYTES == 20 * 1024 * 1024, "the default, to which the files fit"
    assert int(directive("client_max_body_size").removesuffix("m")) * 1024 * 1024 > upload_bytes()
    [declared] = re.findall(r"Content-Length}\) > (\d+)`", CADDY)
    [read_limit] = re.findall(r"max_size (\d+)", CADDY)
    assert int(declared) == int(read_limit) > upload_bytes()


def test_the_proxies_wait_longer_than_the_portal():
    assert seconds(directive("proxy_read_timeout")) > gunicorn.timeout
    [waits] = re.findall(r"response_header_timeout (\w+)", CADDY)
    assert seconds(waits) > gunicorn.timeout


@pytest.mark.security
def test_the_proxies_add_no_header_that_the_portal_sends():
    added = {*re.findall(r"^\s*add_header ([\w-]+)", NGINX, re.M)}
    added |= {*re.findall(r"^\s*header [+>?]?([\w-]+)", CADDY, re.M)}
    assert added == {"Retry-After", "Cache-Control", "Content-Type"}, "of their own error pages"


@pytest.mark.security
def test_no_log_is_kept_of_addresses_that_are_keys():
    [pattern] = re.findall(r"location ~ (\S+) \{\n\s+error_log /dev/null crit;", NGINX)
    assert re.findall(r'"~(\S+)" 0;', NGINX) == [pattern], "neither in the log of requests"
    paths = [re.sub("^//", "/", path.replace("%72", "r")) for path in SECRET]
    for path in (*paths, "/feedback/", "/en/a/x/", "/follow/confirm/x/"):
        assert re.search(pattern, path), path
    for path in ("/", "/about/", "/agencies/", "/reports/2567/", "/receipt/x/", "/en/areas/"):
        assert not re.search(pattern, path), path


@pytest.mark.security
def test_the_cache_knows_the_cookies_of_whoever_may_be_signed_in():
    [pattern] = re.findall(r'"~\*(.+)" off;', NGINX)
    for prefix in ("", "__Host-"):
        for cookie in ("sessionid", "messages"):
            assert re.search(pattern, f"display=x; {prefix}{cookie}=1", re.I)
    assert not re.search(pattern, "__Host-display=x; __Host-csrftoken=y", re.I)
    assert settings.SESSION_COOKIE_NAME.endswith("sessionid")
    assert settings.MESSAGES_COOKIE_NAME.endswith("messages")


# Scripts ----------------------------------------------------------------------------------------


@pytest.fixture
def portal(tmp_path) -> Path:
    """A folder with the scripts, whose `manage.py` writes down how it was called."""
    folder = tmp_path / "portal"
    shutil.copytree(DEPLOY, folder / "script" / "deploy")
    (folder / ".venv/bin").mkdir(parents=True)
    python = folder / ".venv/bin/python"
    python.write_text(
        '#!/bin/sh\n[ ! -e fails ] || exit 7\necho "$*" >>called\n[ "$2" != backup ] || : >"$3"\n'
    )
    python.chmod(0o755)
    (folder / "manage.py").write_text("")
    return folder


def call(portal: Path, script: str, *arguments: object, **more: object):
    return subprocess.run(
        [portal / "script/deploy" / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def called(portal: Path) -> list[str]:
    path = portal / "called"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.once
def test_portal_runs_a_command_from_any_folder_and_through_a_link(portal, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "portal").symlink_to(portal / "script/deploy/portal")
    done = subprocess.run(
        [tmp_path / "bin" / "portal", "restore", "a b"], cwd="/", check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert called(portal) == ["manage.py restore a b"]


@pytest.mark.once
@pytest.mark.security
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_the_user_whom_the_folder_belongs_to(portal, tmp_path):
    os.chown(portal / "manage.py", 65534, 65534)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "runuser").write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/became\n')
    (programs / "runuser").chmod(0o755)
    call(portal, "portal", "migrate", env={"PATH": f"{programs}:/usr/bin:/bin"})
    assert (tmp_path / "became").read_text() == (
        f"-u nobody -- env HOME={portal} .venv/bin/python manage.py migrate\n"
    )
    assert called(portal) == []


def backups(folder: Path, *days: int) -> list[Path]:
    """A backup of so many days ago each, and files that are none."""
    made = []
    for age in days:
        day = date.today() - timedelta(days=age)
        path = folder / f"portal-{day}.tar"
        path.write_text("")
        then = path.stat().st_mtime - age * 86400
        os.utime(path, (then, then))
        made.append(path)
    for other in ("portal-notes.txt", "before-upgrade.tar"):
        (folder / other).write_text("")
        os.utime(folder / other, (0, 0))
    return made


@pytest.mark.once
def test_the_backup_of_the_night_is_named_by_its_day_and_old_ones_go(portal, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    recent, old = backups(folder, 29, 32)
    assert call(portal, "backup", folder).returncode == 0
    today = folder / f"portal-{date.today()}.tar"
    assert called(portal) == [f"manage.py backup {today} --replace"]
    assert (today.exists(), recent.exists(), old.exists()) == (True, True, False)
    assert {path.name for path in folder.iterdir()} >= {"portal-notes.txt", "before-upgrade.tar"}
    assert call(portal, "backup", "--keep", 3, folder, "--recipient", "age1xyz").returncode == 0
    assert called(portal)[1] == f"manage.py backup {today}.age --replace --recipient age1xyz"
    assert not recent.exists()


@pytest.mark.once
def test_a_backup_that_fails_removes_none(portal, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    [old] = backups(folder, 32)
    (portal / "fails").write_text("")
    assert call(portal, "backup", folder).returncode == 7
    assert old.exists()


@pytest.mark.once
def test_the_newest_backup_is_proved(portal, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    assert call(portal, "backup", "--check", folder).returncode == 1
    newest, *_others = backups(folder, 1, 2, 40)
    assert call(portal, "backup", "--check", folder, "--identity", "keys").returncode == 0
    assert called(portal) == [f"manage.py check_backup {newest} --identity keys"]


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments", [[], ["--keep", "x", "/"], ["--keep"], ["--check"], ["--other"]]
)
def test_a_backup_without_a_folder_is_told_how(portal, arguments):
    done = call(portal, "backup", *arguments)
    assert (done.returncode, done.stderr[:14]) == (2, "usage: backup ")
    assert called(portal) == []


@pytest.mark.once
def test_a_folder_that_is_not_there_is_told(portal):
    done = call(portal, "backup", "/nowhere")
    assert done.returncode == 1
    assert done.stderr == "ไม่มีโฟลเดอร์ /nowhere · There is no folder /nowhere\n"


@pytest.mark.once
def test_every_day_waits_for_its_time_runs_and_goes_on_after_a_failure(tmp_path):
    """With a `sleep` that only notes how long, and ends the third turn."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sleep").write_text(
        f'#!/bin/sh\necho "$1" >>{tmp_path}/slept\n[ "$(wc -l <{tmp_path}/slept)" -lt 3 ] || kill $PPID\n'
    )
    (programs / "sleep").chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "every-day", "07:00", "sh", "-c", f"echo ran >>{tmp_path}/ran; exit 3"],
        env={"PATH": f"{programs}:/usr/bin:/bin", "TZ": "Asia/Bangkok"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, "a stop is no failure"
    slept = [int(each) for each in (tmp_path / "slept").read_text().split()]
    assert all(0 < each <= 86400 for each in slept)
    assert (tmp_path / "ran").read_text() == "ran\nran\n"
    assert "Failed with 3: sh -c" in done.stderr


@pytest.mark.once
@pytest.mark.parametrize("arguments", [[], ["7:00", "true"], ["24:00", "true"], ["07:00"]])
def test_every_day_refuses_what_is_no_time_of_a_day(arguments):
    done = subprocess.run(
        [DEPLOY / "every-day", *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr[:6]) == (2, "usage:")


@pytest.mark.once
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_a_container_is_healthy_if_the_portal_says_so_by_its_own_name(status, code):
    asked = []

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Portal)
    if status:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    else:
        server.server_close()
    done = subprocess.run(
        [sys.executable, DEPLOY / "healthy.py"],
        env={"BIND": f"0.0.0.0:{server.server_port}", "ALLOWED_HOSTS": "portal.example.go.th,x"},
        capture_output=True,
        check=False,
    )
    if status:
        server.shutdown()
        server.server_close()
        assert asked == [("/healthz", "portal.example.go.th")]
    assert done.returncode == code


# Containers -------------------------------------------------------------------------------------

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
OURS = {name: each for name, each in COMPOSE["services"].items() if "build" in each}


def test_the_services_are_those_that_the_portal_needs():
    assert {*OURS} == {"get-ready", "web", "worker", "daily", "backup"}
    assert {*COMPOSE["services"]} - {*OURS} == {"postgres", "valkey", "caddy"}


@pytest.mark.security
@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_is_confined(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if name in OURS:
        assert service["user"] == "10001:10001"
        assert "cap_add" not in service
    else:
        assert re.fullmatch(r"[a-z/]+:\d[\w.-]*", service["image"]), "an image with a version"
    if name not in {"caddy"}:
        assert "ports" not in service, "only the proxy is reached from outside"


def test_its_settings_are_settings_and_no_secret_stands_in_it():
    for name, service in OURS.items():
        assert {*service["environment"]} - {*listed()} <= {"TZ"}, name
        assert service["env_file"] == ".env"
    wanted = re.findall(r"\$\{([A-Z_]+)(?::\?[^}]*)?\}", (ROOT / "compose.yaml").read_text("utf-8"))
    assert {*wanted} == {"SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"}
    assert OURS["web"]["environment"]["SECRET_KEY"].startswith("${SECRET_KEY:?"), "no default"


def test_every_command_of_a_container_is_there():
    for name, service in OURS.items():
        command = service.get("command", [])
        text = " ".join(command)
        for called in re.findall(r"manage\.py,? (\w+)", text):
            assert called in {*get_commands()}, name
        for script in re.findall(r"script/deploy/[\w.-]+", text):
            assert os.access(ROOT / script, os.X_OK), script
    daily = "".join(OURS["daily"]["command"])
    for timer in TIMERS:
        command = re.search(r"@(\w+)\.", read(timer)["Timer"]["Unit"])
        assert command is None or command[1] in daily, "a container does what the timers do"


def test_what_writes_waits_for_the_database_and_a_stop_for_what_is_under_way():
    for name in {*OURS} - {"get-ready"}:
        needs = OURS[name]["depends_on"]
        assert needs["get-ready"] == {"condition": "service_completed_successfully"}, name
    for name in ("postgres", "valkey", "caddy"):
        assert "test" in COMPOSE["services"][name]["healthcheck"]
    assert seconds(OURS["web"]["stop_grace_period"]) > gunicorn.graceful_timeout
    assert "healthcheck" not in OURS["web"], "the image's own"


def test_the_image_runs_without_root_from_pinned_libraries():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]+", each) for each in bases)
    assert "--require-hashes -r /tmp/requirements.txt" in DOCKERFILE
    assert re.findall(r"^USER (\w+)", DOCKERFILE, re.M) == ["portal"]
    assert DOCKERFILE.index("\nUSER portal") < DOCKERFILE.index("\nCMD ")
    assert "useradd --system --uid 10001" in DOCKERFILE
    [healthy] = re.findall(r'HEALTHCHECK .*?"(script/[^"]+)"\]', DOCKERFILE, re.S)
    assert (ROOT / healthy).is_file()
    made, server = re.findall(r"postgres(?:ql-client-|:)(\d+)", DOCKERFILE + str(COMPOSE))[:2]
    assert made == server, "pg_dump is of the server's version"


@pytest.mark.security
def test_no_secret_and_no_data_gets_into_an_image():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {".env", "var", ".git", "**/*.sqlite3*", ".venv", ".venv-*"} <= {*ignored}
    assert not re.search(r"^(ARG|ENV)\b.*(SECRET|PASSWORD|TOKEN)", DOCKERFILE, re.M)


@pytest.mark.once
def test_docker_compose_reads_the_file(require, tmp_path):
    """With the plug-in or, on Debian, the program of its own."""
    plugin = shutil.which("docker") and (
        subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False
        ).returncode
        == 0
    )
    require(
        plugin or shutil.which("docker-compose"),
        "docker compose (Debian: docker-compose) is missing",
    )
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    command = ["docker", "compose"] if plugin else ["docker-compose"]

    def config():
        return subprocess.run(
            [*command, "config"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    lines = {
        "ALLOWED_HOSTS": "portal.example.go.th",
        "SECRET_KEY": "k" * 50,
        "POSTGRES_PASSWORD": "p",
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    done = config()
    assert done.returncode == 0, done.stderr
    read_by_it = yaml.safe_load(done.stdout)["services"]
    assert {*read_by_it} == {*COMPOSE["services"]}
    assert read_by_it["web"]["environment"]["DATABASE_URL"] == "postgres://portal:p@postgres/portal"
    (tmp_path / ".env").write_text("ALLOWED_HOSTS=portal.example.go.th\nPOSTGRES_PASSWORD=p\n")
    assert "set SECRET_KEY in .env" in config().stderr


@pytest.mark.slow
@pytest.mark.once
def test_the_image_is_built_where_docker_is():
    if not shutil.which("docker"):
        pytest.skip("there is no docker")
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("docker's server does not answer")
    done = subprocess.run(
        ["docker", "build", "--quiet", "."], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
