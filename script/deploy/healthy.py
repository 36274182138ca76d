#!/usr/bin/env python3
"""Whether the web server of this container answers: the exit status is that of its `/healthz`."""

import http.client
import os
import sys


def main() -> int:
    """Ask as the proxy does: by the first of ALLOWED_HOSTS, which the portal answers to."""
    port = int(os.environ.get("BIND", "").rpartition(":")[2] or os.environ.get("PORT") or 8000)
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        print(answer.read().decode("utf-8", "replace").strip())
        return 0 if answer.status == 200 else 1
    except OSError as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
