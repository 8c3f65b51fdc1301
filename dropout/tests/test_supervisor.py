"""The supervisor with small fake children. Nothing sleeps: a test reads until the line it waits for has come."""

import os
import select
import signal
import sys

import psutil
import pytest

from dropout.tests.listening import LONGEST, Listening
from dropout.watchdog import left_behind

# One write per line, else the lines of two children could mix.
TELL = """
def tell(line):
    import os
    os.write(1, line.encode() + b"\\n")
"""
STEADY = """
import os, signal, sys
def stop(*_):
    tell(f"{name} stops")
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
tell(f"{name} up {os.getpid()}")
while True: signal.pause()
"""
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell(f"{name} up {os.getpid()}")
while True: signal.pause()
"""
HASTY = "import sys; sys.exit(3)"
PARENT = f"""
import subprocess, sys, signal
subprocess.Popen([sys.executable, "-S", "-c", {("name = 'nephew'" + TELL + STUBBORN)!r}])
{STEADY}
"""
BUSY = """
import os, signal
def finish(*_):
    tell(f"{name} finishes its task")
    open(fifo).read()
    tell(f"{name} has finished")
    os._exit(0)
signal.signal(signal.SIGTERM, finish)
tell(f"{name} up {os.getpid()}")
while True: signal.pause()
"""

DRIVER = """
import sys
from dropout.supervisor import Child, Patience, Supervisor
{tell}
say = tell
children = [Child(name, [sys.executable, "-S", "-c", f"name = {{name!r}}" + code]) for name, code in {children!r}]
options = {options}
sys.exit(Supervisor(children, say=say, patience=Patience(**{patience!r}), **options).run())
"""


def supervise(children, options="{}", **patience):
    """A supervisor over these fake children, `{name: code}`, in a process of its own."""
    codes = [(name, f"{TELL}\n{code}") for name, code in children.items()]
    code = DRIVER.format(tell=TELL, children=codes, options=options, patience={"pause": 0.01, **patience})
    return Listening([sys.executable, "-c", code])


@pytest.fixture
def run():
    started = []

    def start(children, **options):
        started.append(supervise(children, **options))
        return started[-1]

    yield start
    for running in started:
        running.end()


def test_child_that_dies_is_started_again(run):
    running = run({"web": STEADY})
    first = running.all_up("web")[0]
    os.kill(first, signal.SIGKILL)
    second = running.all_up("web")[0]
    assert second != first
    assert any("web ended (exit code -9)" in line for line in running.seen)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stop_signal_ends_everything_in_order(run, number):
    running = run({"web": STEADY, "worker": STEADY})
    running.all_up("web", "worker")
    running.process.send_signal(number)
    assert running.everybody_gone() == 0
    assert "web stops" in running.seen
    assert "worker stops" in running.seen


def test_worker_may_finish_its_task_before_everything_ends(run, tmp_path):
    fifo = tmp_path / "task"
    os.mkfifo(fifo)
    running = run({"worker": f"fifo = {str(fifo)!r}\n{BUSY}"})
    running.all_up("worker")
    running.process.send_signal(signal.SIGTERM)
    running.read_until("finishes its task")
    assert running.process.poll() is None
    fifo.write_text("done")
    assert running.everybody_gone() == 0
    assert running.seen[-1] == "worker has finished"


def test_child_that_will_not_stop_is_killed_after_the_grace(run):
    running = run({"worker": STUBBORN}, grace=0.2)
    running.all_up("worker")
    running.process.send_signal(signal.SIGTERM)
    assert running.everybody_gone() == 0
    assert "worker did not finish in time and was killed" in running.seen[-1]


def test_asked_twice_it_waits_no_longer(run):
    running = run({"worker": STUBBORN, "web": STEADY}, grace=10 * LONGEST)
    running.all_up("web", "worker")
    running.process.send_signal(signal.SIGTERM)
    running.read_until("web stops")
    running.process.send_signal(signal.SIGTERM)
    assert running.everybody_gone() == 0


def test_child_that_keeps_dying_is_given_up_with_a_message_and_the_others_end(run):
    running = run({"web": STEADY, "worker": HASTY}, quick_deaths=3)
    assert running.everybody_gone() == 1
    told = [line for line in running.seen if "worker ended" in line]
    assert len(told) == 3
    assert "3 times in a row (exit code 3); giving up" in told[-1]
    assert "worker หยุดทำงานทันทีหลังเริ่ม 3 ครั้งติดกัน" in told[-1]


def test_child_that_lived_long_enough_gets_its_full_count_of_restarts_again(run):
    running = run({"web": STEADY}, quick_deaths=2, settled=0.0)
    for _ in range(4):
        os.kill(running.all_up("web")[0], signal.SIGKILL)
    assert running.all_up("web")


def test_supervisor_killed_outright_leaves_nobody_behind(run):
    running = run({"web": STEADY, "worker": PARENT}, grace=0.2)
    running.all_up("web", "worker", "nephew")
    running.process.kill()
    assert running.everybody_gone() == -signal.SIGKILL
    assert "web stops" in running.seen


def test_watchdog_killed_is_replaced_and_the_new_one_knows_everybody(run):
    running = run({"web": STEADY, "worker": STEADY}, grace=0.2)
    web = running.all_up("web", "worker")[0]
    watchdogs = [
        child for child in psutil.Process(running.process.pid).children() if "watchdog.py" in " ".join(child.cmdline())
    ]
    assert len(watchdogs) == 1
    watchdogs[0].kill()
    os.kill(web, signal.SIGKILL)
    running.all_up("web")  # the loop has turned since
    running.process.kill()
    running.everybody_gone()
    assert "worker stops" in running.seen


def test_what_a_dead_child_leaves_behind_is_ended(run):
    running = run({"worker": PARENT}, grace=0.2)
    worker, nephew = running.all_up("worker", "nephew")
    watched = os.pidfd_open(nephew)  # becomes readable when that very process ends
    try:
        os.kill(worker, signal.SIGKILL)
        assert select.select([watched], [], [], LONGEST)[0]
    finally:
        os.close(watched)


def test_greeting_comes_once_and_only_when_ready(run, tmp_path):
    ready = tmp_path / "ready"
    options = f"""dict(is_ready=__import__("pathlib").Path({str(ready)!r}).exists, on_ready=lambda: say("welcome"))"""
    running = run({"web": STEADY}, options=options)
    web = running.all_up("web")[0]
    assert "welcome" not in running.seen
    ready.touch()
    running.read_until("welcome")
    os.kill(web, signal.SIGKILL)
    running.all_up("web")
    running.process.send_signal(signal.SIGTERM)
    running.everybody_gone()
    assert running.seen.count("welcome") == 1


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (["+10\n", "+11\n", "-10\n"], {11}),
        (["+10\n", "-10\n"], set()),
        (["+10\n", "+1"], {10}),  # cut off in the middle of a number: ending process 1 would be worse than missing one
        (["-5\n", "+x\n", "\n"], set()),
    ],
)
def test_watchdog_remembers_who_still_runs(lines, groups):
    assert left_behind(lines) == groups
