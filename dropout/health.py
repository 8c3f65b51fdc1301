"""Whether the system is well, for load balancers and whoever is on duty; it alone decides what counts as well.

Open to everybody, so it tells only counts and times: no names, no addresses, no error texts.
"""

import os
import time
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports.models import Rollup
from schools.models import Job

BROKER_SECONDS = 1.0  # longest wait for the broker, so that the answer stays within a second or two


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """State of database, queue and last rollup.

    200 `{"status": "ok" | "degraded", "database": {"ok", "ms"}, "queue": {"ok", "waiting", "oldest_seconds"},
    "last_rollup": {"kind", "period", "built_at"} | null}`; `degraded` when the broker does not answer: pages work,
    background jobs wait. 503 with `"status": "down"` and nulls when the database does not answer.
    """
    try:
        database = database_state()
        queue = queue_state()
        rollup = last_rollup()
    except DatabaseError:
        down = {"status": "down", "database": {"ok": False, "ms": None}, "queue": None, "last_rollup": None}
        return JsonResponse(down, status=503)
    status = "ok" if queue["ok"] else "degraded"
    return JsonResponse({"status": status, "database": database, "queue": queue, "last_rollup": rollup})


def database_state() -> dict[str, Any]:
    """`{"ok": True, "ms": round trip}`. Raises DatabaseError when the database does not answer."""
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {"ok": True, "ms": round((time.perf_counter() - start) * 1000, 1)}


def queue_state() -> dict[str, Any]:
    """`{"ok": the broker answers, "waiting": jobs not yet begun, "oldest_seconds": how long the first has waited}`."""
    waiting = Job.objects.filter(state=Job.State.QUEUED).aggregate(number=Count("pk"), oldest=Min("created_at"))
    oldest = waiting["oldest"]
    return {
        "ok": broker_answers(settings.CELERY_BROKER_URL),
        "waiting": waiting["number"],
        "oldest_seconds": None if oldest is None else max(0, int((timezone.now() - oldest).total_seconds())),
    }


def broker_answers(url: str) -> bool:
    """Whether jobs can be handed to the broker at `url` now."""
    if url.startswith("filesystem"):
        return os.access(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"], os.W_OK)
    if url.startswith(("redis", "rediss")):
        wire = redis.Redis.from_url(url, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS)
        try:
            return bool(wire.ping())
        except redis.RedisError:
            return False
        finally:
            wire.close()
    return url.startswith("memory")  # inside this very process; only tests use it


def last_rollup() -> dict[str, Any] | None:
    """The rollup built last, or None when there is none yet."""
    rollup = Rollup.objects.order_by("-built_at", "-pk").values("kind", "period", "built_at").first()
    return None if rollup is None else {**rollup, "built_at": rollup["built_at"].isoformat()}
