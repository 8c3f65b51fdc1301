"""What the OpenAPI document says beyond the views: every operation may answer with a problem, in one shape."""

from typing import Any

_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "application/problem+json (RFC 9457), as dropout.problems writes it",
    "required": ["type", "title", "status", "code", "detail", "detail_th", "detail_en", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "a word for programs; the id of the bad input where there is one"},
        "detail": {"type": "string", "description": "in the reader's language"},
        "detail_th": _TEXT,
        "detail_en": _TEXT,
        "request_id": _TEXT,
        "errors": {"type": "object", "description": "by field"},
        "current": {
            "type": "object",
            "description": "what stands, where somebody saved first (409)",
            "required": ["version", "stage"],
            "properties": {"version": {"type": "integer"}, "stage": _TEXT},
        },
    },
}
ANSWER = {
    "description": "ปัญหา ทั้งภาษาไทยและอังกฤษ · a problem, in Thai and English",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_problems(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """drf-spectacular postprocessing hook: `default` is the problem, which is what every refusal answers."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = ANSWER
    return result
