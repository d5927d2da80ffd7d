"""The Job controller: pods until enough succeed, too many fail or the time is over."""

from __future__ import annotations

from tests.cluster.control import Control
from tests.cluster.controllers.replicasets import pod_of
from tests.cluster.objects import (
    Object,
    active,
    deleting,
    finished,
    is_true,
    name,
    owned_by,
    ready,
    set_condition,
    suffix,
)
from tests.cluster.store import copy

BACKOFF_SECONDS = 10.0
_ALWAYS = {"ready", "terminating"}


def reconcile(control: Control) -> None:
    """Bring every Job one step further, and delete those whose time to live is over."""
    pods = control.all("pods")
    for each in control.all("jobs.batch"):
        if deleting(each):
            continue
        if ended(each):
            _expire(control, each)
        else:
            _reconcile(control, each, owned_by(pods, each))


def ended(job: Object) -> bool:
    """Whether the Job is Complete or Failed."""
    return is_true(job, "Complete") or is_true(job, "Failed")


def _reconcile(control: Control, job: Object, pods: list[Object]) -> None:
    spec, status = job["spec"], copy(job.get("status") or {})
    stamp = control.clock.stamp()
    if spec.get("suspend"):
        return
    status.setdefault("startTime", stamp)
    running = [each for each in pods if active(each)]
    succeeded = sum((each.get("status") or {}).get("phase") == "Succeeded" for each in pods)
    failed = sum((each.get("status") or {}).get("phase") == "Failed" for each in pods)
    failed += sum(deleting(each) and not finished(each) for each in pods)
    after: Object = {"status": status}
    wanted = spec.get("completions") or 1
    verdict = _verdict(control, job, status, succeeded, failed + _restarts(running))
    if verdict is None and is_true(after, "FailureTarget"):
        told = next(each for each in status["conditions"] if each["type"] == "FailureTarget")
        verdict = ("Failed", told["reason"], told["message"])
    if verdict:
        _end_with(control, job, after, pods, verdict)
    else:
        missing = min(spec.get("parallelism", 1), wanted - succeeded) - len(running)
        if missing > 0 and _may_retry(control, pods, failed):
            for _ in range(missing):
                _start(control, job)
    counts = {"active": 0 if verdict else len(running), "succeeded": succeeded, "failed": failed}
    counts |= {"ready": sum(ready(each) for each in running), "terminating": sum(deleting(each) for each in pods)}
    status |= {key: value for key, value in counts.items() if value or key in _ALWAYS}
    for key in [key for key, value in counts.items() if not value and key not in _ALWAYS]:
        status.pop(key, None)
    status.setdefault("uncountedTerminatedPods", {})
    if status != (job.get("status") or {}):
        control.status("jobs.batch", job, lambda thing: thing.update(status=status))


def _end_with(control: Control, job: Object, after: Object, pods: list[Object], verdict: tuple[str, str, str]) -> None:
    kind, reason, message = verdict
    stamp = control.clock.stamp()
    first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
    set_condition(after, stamp, first, "True", reason, message)
    for pod in pods:
        if active(pod):
            control.delete("pods", pod)
    # Failed is told only when nothing of the Job runs any longer.
    if kind == "Complete" or all(finished(each) for each in pods):
        set_condition(after, stamp, kind, "True", reason, message)
        if kind == "Complete":
            after["status"]["completionTime"] = stamp
        control.event(job, {"Complete": "Completed"}.get(kind, reason), message, warning=kind == "Failed")


def _verdict(control: Control, job: Object, status: Object, succeeded: int, failed: int) -> tuple[str, str, str] | None:
    spec = job["spec"]
    if succeeded >= (spec.get("completions") or 1):
        return "Complete", "CompletionsReached", "Reached expected number of succeeded pods"
    if failed > spec.get("backoffLimit", 6):
        return "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    limit = spec.get("activeDeadlineSeconds")
    if limit and control.clock.since(status["startTime"]) >= limit:
        return "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
    return None


def _restarts(pods: list[Object]) -> int:
    # With restartPolicy OnFailure the kubelet retries in the same pod, which counts as well.
    statuses = [each for pod in pods for each in (pod.get("status") or {}).get("containerStatuses") or []]
    return sum(int(each["restartCount"]) for each in statuses)


def _may_retry(control: Control, pods: list[Object], failed: int) -> bool:
    if not failed:
        return True
    if any(not finished(each) for each in pods):
        return False
    ends = [_end(each) for each in pods if _end(each)]
    scale = control.backoff
    waited = control.clock.since(max(ends, default=None))
    needed: float = min(BACKOFF_SECONDS * 2.0 ** (failed - 1), 360.0) * scale
    return waited >= needed


def _end(pod: Object) -> str:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    return max((str((each["state"].get("terminated") or {}).get("finishedAt", "")) for each in statuses), default="")


def _start(control: Control, job: Object) -> None:
    called = f"{name(job)}-{suffix()}"
    pod = pod_of(job, called)
    pod["metadata"]["labels"] = (pod["metadata"].get("labels") or {}) | {
        "batch.kubernetes.io/job-name": name(job),
        "batch.kubernetes.io/controller-uid": job["metadata"]["uid"],
        "job-name": name(job),
        "controller-uid": job["metadata"]["uid"],
    }
    if control.create("pods", pod, job):
        control.event(job, "SuccessfulCreate", f"Created pod: {called}")


def _expire(control: Control, job: Object) -> None:
    limit = job["spec"].get("ttlSecondsAfterFinished")
    if limit is None:
        return
    ends = [
        each["lastTransitionTime"] for each in job["status"]["conditions"] if each["type"] in {"Complete", "Failed"}
    ]
    if control.clock.since(max(ends)) >= limit:
        control.delete("jobs.batch", job)
