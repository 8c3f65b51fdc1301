"""`python -I dropout/probe.py`: exits 0 when the web server in this container answers /healthz; its health check.

Small on purpose: run this way it loads neither Django nor Celery, as it is run every few seconds.
"""

import http.client
import os
import sys


def answers(host: str, port: int, *, allowed_hosts: list[str], seconds: float = 3.0) -> bool:
    """Whether the server at host:port answers GET /healthz with 200, asked under a Host header it accepts."""
    names = [name.removeprefix(".") for name in allowed_hosts if name not in ("", "*")]
    wire = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        wire.request("GET", "/healthz", headers={"Host": names[0] if names else "localhost"})
        return wire.getresponse().status == 200
    except (OSError, http.client.HTTPException):  # not listening yet, or not yet able to answer
        return False
    finally:
        wire.close()


if __name__ == "__main__":
    well = answers("127.0.0.1", 8000, allowed_hosts=os.environ.get("ALLOWED_HOSTS", "").split(","))
    sys.exit(0 if well else 1)
