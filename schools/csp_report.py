"""Where browsers tell of what the Content-Security-Policy stopped: read with distrust, kept as one short log line."""

import json
import logging
import re
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024
_TAKEN = frozenset({"application/csp-report", "application/json"})
_UNSAFE = re.compile(r"[^\w.:/ '*-]", re.ASCII)


@csrf_exempt  # a browser sends it by itself, without our token; nothing is changed by it
@login_not_required
@require_POST
def csp_report(request):
    """204, 413 over 8 KB, 415 for other types, 400 for what is no report. Paths and queries are not logged."""
    if request.content_type not in _TAKEN:
        return HttpResponse(status=415)
    sent = request.read(MOST_BYTES + 1)
    if len(sent) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        report = json.loads(sent)
        report = report.get("csp-report", report)
        directive, blocked = report.get("violated-directive", ""), report.get("blocked-uri", "")
    except (ValueError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    log.warning("CSP stopped %s from %s", _short(directive), _short(_origin(blocked)))
    return HttpResponse(status=204)


def _origin(address: object) -> str:
    """Scheme and host of an address, or the keyword (`inline`) it stands for: a path may hold somebody's number."""
    try:
        parts = urlsplit(str(address))
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname else (parts.scheme or parts.path.split("/")[0])
    except ValueError:
        return "unreadable"


def _short(value: object) -> str:
    return _UNSAFE.sub("?", str(value))[:80]
