"""`manage.py serve`: prepares the data folder, then runs web server, worker and clock until told to stop."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from dropout import probe, startup
from dropout.supervisor import Child, Supervisor

THREADS_PER_WEB_PROCESS = 4
WORKER_MEMORY_KIB = 250_000  # a worker that grew beyond this is replaced after its task; the promise is 300 MB

DEMO_LOGINS = (
    ("teacher", "ครู", "teacher"),
    ("director", "ผู้อำนวยการโรงเรียน", "school director"),
    ("district", "เจ้าหน้าที่เขตพื้นที่", "district officer"),
    ("province", "เจ้าหน้าที่จังหวัด", "province officer"),
    ("department", "เจ้าหน้าที่ส่วนราชการ", "department officer"),
    ("ministry", "เจ้าหน้าที่กระทรวง", "ministry officer"),
    ("partner", "หน่วยงานร่วม MOU", "partner officer"),
    ("auditor", "ผู้ตรวจสอบ", "auditor"),
    ("admin", "ผู้ดูแลระบบ", "system administrator"),
)


class Command(BaseCommand):
    """Start everything with one command, on the embedded default or on whatever the environment names."""

    help = "Prepare the data folder and run web server, worker and clock. Honours HOST, PORT, DATA_DIR, DEMO."

    def handle(self, *args: object, **options: object) -> None:
        host = os.environ.get("HOST") or "127.0.0.1"
        try:
            port = startup.read_port(os.environ.get("PORT") or "8000")
            startup.refuse_taken_port(host, port)
            with startup.hold_data_dir():
                startup.prepare(self._say)
                connections.close_all()
                code = self._supervise(host, port)
        except startup.CannotStart as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("\nหยุดแล้ว / Stopped.")
            code = 130
        sys.exit(code)

    def _supervise(self, host: str, port: int) -> int:
        self._say("กำลังเริ่มเว็บเซิร์ฟเวอร์และตัวทำงานเบื้องหลัง … / Starting web server and worker …")
        supervisor = Supervisor(
            [Child("web", web_command(host, port)), Child("worker", worker_command())],
            say=self._say,
            is_ready=lambda: probe.answers(startup.reachable(host), port, allowed_hosts=settings.ALLOWED_HOSTS),
            on_ready=lambda: self._greet(host, port),
        )
        code = supervisor.run()
        self._say("หยุดแล้ว / Stopped.")
        return code

    def _greet(self, host: str, port: int) -> None:
        shown = startup.reachable(host)
        address = f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"
        lines = ["", f"พร้อมใช้งานที่ / Ready at: {address}"]
        if settings.DEMO:
            lines += ["", "ผู้ใช้สาธิต (รหัสผ่าน demo) / Demo log-ins (password: demo):"]
            lines += [f"  {name:<11} {english} · {thai}" for name, thai, english in DEMO_LOGINS]
        lines += ["", "กด Ctrl-C เพื่อหยุด / Press Ctrl-C to stop."]
        self._say("\n".join(lines))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # through a pipe the log-ins would otherwise appear at the end


def web_command(host: str, port: int) -> list[str]:
    """gunicorn's command line: few processes, bounded threads, so that memory and database connections are bounded."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "dropout.wsgi:application"]
    command += ["--bind", bind, "--chdir", str(settings.BASE_DIR), "--worker-class", "gthread"]
    command += ["--workers", str(settings.WEB_PROCESSES), "--threads", str(THREADS_PER_WEB_PROCESS)]
    command += ["--timeout", "60", "--graceful-timeout", "20", "--keep-alive", "5", "--log-level", "warning"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat file belongs in memory, not on a slow disk
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return command


def worker_command() -> list[str]:
    """Celery's command line: one process for jobs and, beside it (-B), the clock."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "dropout", "--workdir", str(settings.BASE_DIR)]
    command += ["worker", "-B", "--without-mingle", "--without-gossip", "--concurrency", "1", "--loglevel", "WARNING"]
    return [*command, "--max-memory-per-child", str(WORKER_MEMORY_KIB)]
