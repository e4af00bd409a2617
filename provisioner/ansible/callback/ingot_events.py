"""Tell the ingot-ansible provisioner what Ansible does, one JSON line for each event on a pipe that it inherits.

ansible.posix.jsonl has the same idea, but is in no ansible-core and takes the place of the output that people read.
"""

import json
import os
import signal
import time

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

DOCUMENTATION = """
name: ingot_events
type: aggregate
short_description: events of a run for the ingot-ansible provisioner
description:
  - Writes one JSON line for each event on the file descriptor that INGOT_EVENTS_FD names.
  - Where INGOT_CONTINUE_FD names another, stands still between two task files of INGOT_TASKS until a line comes in there.
"""

DETAILS = ("msg", "censored", "rc", "stderr", "stdout", "module_stderr", "module_stdout")


def details(result):
    """Keep what a module said of its failure. Ansible has censored it already where no_log asks for that."""
    kept = {key: result[key] for key in DETAILS if result.get(key) not in (None, "", [])}
    return {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in kept.items()}


def failures(result):
    """List the failures of one result: its failed items where the task loops, else itself."""
    items = [item for item in result.get("results") or [] if isinstance(item, dict) and item.get("failed")]
    return [details(item) for item in items] or [details(result)]


def outcome(result):
    """Take a result apart. Since ansible-core 2.19 both parts have public names, for which the old ones will go."""
    return (result.task, result.result) if hasattr(result, "task") else (result._task, result._result)


def task_file(task, selected):
    """Name the selected task file that a task belongs to: the outermost, should one include another.

    Ansible's own argument check has no path in the task file; what leads to it is the tasks_from that it checks for.
    """
    found = ""
    while task is not None:
        tasks_from = (getattr(task, "_from_files", None) or {}).get("tasks") or ""
        for name in (os.path.splitext(tasks_from)[0], named_by(task.get_path())):
            found = name if name in selected else found
        task = getattr(task, "_parent", None)
    return found


def named_by(path):
    """Turn tasks/<name>.yaml:3 and tasks/<name>/part.yaml:3 into <name>. Files beside the playbook name nothing."""
    folder, file = os.path.split((path or "").rpartition(":")[0])
    if os.path.basename(os.path.dirname(folder)) == "tasks":
        return os.path.basename(folder)
    return "" if folder == os.getcwd() else os.path.splitext(file)[0]


class CallbackModule(CallbackBase):
    """Writes the events; shows nothing itself."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ingot_events"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pipe = open(int(os.environ["INGOT_EVENTS_FD"]), "w", encoding="utf-8", closefd=False)
        self.resume = open(int(os.environ["INGOT_CONTINUE_FD"]), closefd=False) if "INGOT_CONTINUE_FD" in os.environ else None
        self.selected = os.environ["INGOT_TASKS"].split()
        self.current = ""  # the task file that is being applied
        self.started = {}
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:  # from 2.19 on Ansible ends its workers itself
            signal.signal(signal.SIGTERM, self.end_group)
        self.send("start", version=__version__)

    @staticmethod
    def end_group(signum, _frame):
        """End the workers and their ssh too when the provisioner that they work for is gone.

        The kernel sends the signal once for each thread of the provisioner that dies; none of them may end us half-way.
        """
        signal.signal(signum, signal.SIG_IGN)
        os.killpg(os.getpgrp(), signum)
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)

    def send(self, event, **fields):
        try:
            print(json.dumps({"event": event, "at": time.time(), **fields}, default=str), file=self.pipe, flush=True)
        except OSError:
            pass  # nobody listens any more: Ansible is about to be ended

    def enter(self, name):
        """Note that a task file begins. By then the handlers of the one before have run; and nothing runs while this waits.

        A provisioner that is gone has closed its end of the pipe, which ends the wait too.
        """
        if self.resume and self.current:
            self.send("applied", name=self.current, next=name)
            self.resume.readline()
        self.current = name

    def begin(self, task):
        fields = {"name": str(task.name or task.action), "path": task.get_path() or "", "task_file": self.current}
        self.started[task._uuid] = fields
        self.send("task", **fields)

    def end(self, result, status, **fields):
        task, _ = outcome(result)
        if isinstance(task, TaskInclude) and status in ("ok", "changed", "skipped"):
            return  # what it includes is reported by itself
        self.send("result", status=status, **self.started.get(task._uuid, {}), **fields)

    def v2_playbook_on_task_start(self, task, is_conditional):
        name = task_file(task, self.selected)
        if name and name != self.current:
            self.enter(name)
        self.begin(task)

    def v2_playbook_on_handler_task_start(self, task):
        self.begin(task)  # counts for the task file that is being applied, wherever it is written

    def v2_runner_on_ok(self, result):
        self.end(result, "changed" if outcome(result)[1].get("changed") else "ok")

    def v2_runner_on_skipped(self, result):
        self.end(result, "skipped")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.end(result, "ignored" if ignore_errors else "failed", failures=failures(outcome(result)[1]))

    def v2_runner_on_unreachable(self, result):
        self.end(result, "unreachable", failures=failures(outcome(result)[1]))
