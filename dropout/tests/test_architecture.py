"""The house keeps its shape: one direction of imports, one writer of stages, no hidden second rule."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("schools", "cases", "reports", "dropout")  # each may import those before it
WRITES_STAGE = {"cases/lifecycle.py"}
STATE_COLUMNS = {"stage", "rung", "outcome", "wish", "reached"}


def sources(*, tests=False) -> list[Path]:
    found = []
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            parts = path.relative_to(settings.BASE_DIR).parts
            is_test = "tests" in parts or path.name == "testing.py"
            if "migrations" not in parts and (tests or not is_test):
                found.append(path)
    return found


def relative(path: Path) -> str:
    return path.relative_to(settings.BASE_DIR).as_posix()


def imported(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


@pytest.mark.parametrize("app", APPS)
def test_no_room_imports_from_a_later_one(app):
    later = APPS[APPS.index(app) + 1 :]
    wrong = [
        f"{relative(path)}:{line} imports {module}"
        for path in sources()
        if relative(path).startswith(f"{app}/")
        for module, line in imported(ast.parse(path.read_text("utf-8")))
        if module.split(".")[0] in later
    ]
    assert wrong == []


def writes_of_stage(tree: ast.AST):
    """Lines that put a stage on a case or a span: an assignment, an update, a create, or a model call with it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "stage":
                    yield node.lineno
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            writing = name in {"update", "create", "update_or_create", "get_or_create", "Case", "Span"}
            if writing and any(keyword.arg == "stage" for keyword in node.keywords):
                yield node.lineno


def test_only_the_lifecycle_writes_a_stage():
    wrong = [
        f"{relative(path)}:{line}"
        for path in sources()
        if relative(path) not in WRITES_STAGE
        for line in writes_of_stage(ast.parse(path.read_text("utf-8")))
    ]
    assert wrong == []


def test_the_search_for_writers_of_a_stage_finds_one():
    tree = ast.parse(
        "case.stage = 3\nCase.objects.filter(pk=1).update(stage=2)\nSpan(stage=1)\nCase.objects.create(stage=0)"
    )
    assert sorted(writes_of_stage(tree)) == [1, 2, 3, 4]


def test_spans_are_made_only_from_pieces_of_history():
    """Outside the lifecycle nobody constructs a Span; the bulk road writes what `new_span` gave it."""
    wrong = []
    for path in sources():
        if relative(path) == "cases/lifecycle.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Span":
                wrong.append(f"{relative(path)}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize("name", ["utils", "helpers", "services", "common", "mixins", "signals"])
def test_no_module_is_named_by_kind_of_helper(name):
    assert [relative(path) for path in sources(tests=True) if path.stem == name or name in path.parts] == []


def test_no_module_is_longer_than_its_wall():
    long = {relative(path): n for path in sources() if (n := path.read_text("utf-8").count("\n")) > 400}
    assert long == {}


def test_no_function_is_longer_than_sixty_lines():
    long = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno > 60
    ]
    assert long == []


def test_every_migration_can_be_taken_back():
    from importlib import import_module

    for app in APPS[:-1]:
        for path in (settings.BASE_DIR / app / "migrations").glob("0*.py"):
            migration = import_module(f"{app}.migrations.{path.stem}").Migration
            assert all(operation.reversible for operation in migration.operations), path.name
