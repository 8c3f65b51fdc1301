"""How a refusal is said: a page in Thai and English, or problem+json for the API (RFC 9457, SECURITY AP-04).

No stack, query, path of the machine or value of another person is ever in it; the request id leads to the log.
A domain error that carries `message_th` and `message_en` (and, if it likes, `status` and `code`) is told in its words.
"""

import re

from django.http import HttpRequest, JsonResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from cases.actions import IllegalAction
from cases.lifecycle import StaleCase
from cases.listing import STAGES
from cases.visits import UuidTaken
from schools.language import th_or_en

MEDIA_TYPE = "application/problem+json"

# status: title, Thai, English
WORDS = {
    400: ("Bad request", "ข้อมูลที่ส่งมาไม่ถูกต้อง ยังไม่มีอะไรถูกบันทึก", "The data sent is not right. Nothing was saved."),
    401: ("Not signed in", "กรุณาเข้าสู่ระบบใหม่", "Sign in again."),
    403: ("Not allowed", "ท่านไม่มีสิทธิ์ทำสิ่งนี้", "Your role does not include this."),
    404: ("Not found", "ไม่พบรายการ", "Not found."),
    405: ("Method not allowed", "ที่อยู่นี้ไม่รับคำสั่งแบบนี้", "This address does not take that method."),
    406: ("Not acceptable", "ให้คำตอบได้เฉพาะ JSON", "Only JSON can be given."),
    409: ("Conflict", "ทำไม่ได้ในสภาพปัจจุบันของรายการ", "Not possible as things stand."),
    413: ("Too large", "ข้อมูลใหญ่เกิน 1 MB", "The body is over 1 MB."),
    415: ("Unsupported type", "รับเฉพาะ application/json", "Only application/json is taken."),
    429: ("Too many requests", "ส่งคำขอถี่เกินไป ลองใหม่ภายหลัง", "Too many requests. Try again later."),
    500: ("Error in the system", "ระบบขัดข้อง ยังไม่มีอะไรถูกบันทึก", "The system failed. Nothing was saved."),
}
STATUS_OF = {IllegalAction: 409, UuidTaken: 409, StaleCase: 409}  # other domain errors are 400 or say their `status`


def problem(request: HttpRequest, status: int, code: str, th: str = "", en: str = "", errors=None) -> dict:
    """The body of a problem: `detail` is in the reader's language, both are beside it; `errors` by field if any."""
    title, usual_th, usual_en = WORDS.get(status, WORDS[400 if status < 500 else 500])
    th, en = th or usual_th, en or usual_en
    body = {
        "type": f"/api/docs/#problem-{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": th_or_en(th, en),
        "detail_th": th,
        "detail_en": en,
        "request_id": getattr(request, "id", ""),
    }
    return body | {"errors": errors} if errors else body


def problem_response(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler. None for what nobody foresaw: it is logged and answered by `server_error`."""
    request = context["request"]
    th, en = getattr(error, "message_th", ""), getattr(error, "message_en", "")
    answer = exception_handler(error, context)
    if answer is None:
        if not (th and en):
            return None
        set_rollback()
        status = STATUS_OF.get(type(error)) or getattr(error, "status", 400)
        answer = Response(status=status)
    errors = answer.data if isinstance(error, ValidationError) else None
    if isinstance(errors, list):
        errors = {"non_field_errors": errors}
    if errors is None and getattr(error, "field", None):
        errors = {error.field: [th_or_en(th, en)]}
    code = _code_of(error, answer.status_code)
    answer.data = problem(request, answer.status_code, code, th, en, errors)
    if isinstance(error, StaleCase):
        answer.data["seen"] = {"version": error.seen}
        answer.data["current"] = {"version": error.case.version, "stage": STAGES[error.case.stage]}
    answer.content_type = MEDIA_TYPE
    return answer


def _code_of(error: Exception, status: int) -> str:
    """A word for programs: the error's own code, that of its first field, or the status's title."""
    code = getattr(error, "code", None)
    if code is None and hasattr(error, "get_codes"):
        code = error.get_codes()
        while isinstance(code, dict | list) and code:
            code = next(iter(code.values())) if isinstance(code, dict) else code[0]
    if isinstance(code, str) and code:
        return code
    return re.sub(r"\W+", "_", WORDS.get(status, WORDS[400])[0].lower())


# ── handlers of the whole site ────────────────────────────────────────────────────────────────────────────────
def _for_programs(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _said_in_json(request: HttpRequest, status: int) -> JsonResponse:
    code = re.sub(r"\W+", "_", WORDS[status][0].lower())
    return JsonResponse(problem(request, status, code), status=status, content_type=MEDIA_TYPE)


def bad_request(request, exception):
    return _said_in_json(request, 400) if _for_programs(request) else defaults.bad_request(request, exception)


def forbidden(request, exception):
    return _said_in_json(request, 403) if _for_programs(request) else defaults.permission_denied(request, exception)


def not_found(request, exception):
    return _said_in_json(request, 404) if _for_programs(request) else render(request, "404.html", status=404)


def too_many_requests(request, exception=None):
    """A minute's limit per address; whoever waits that long is served again."""
    answer = _said_in_json(request, 429) if _for_programs(request) else render(request, "429.html", status=429)
    answer["Retry-After"] = "60"
    return answer


def server_error(request):
    return _said_in_json(request, 500) if _for_programs(request) else defaults.server_error(request)
