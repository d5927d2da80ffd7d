"""The horizontal pod autoscaler: as many replicas as a metric asks for, which the test sets."""

from __future__ import annotations

import math

from tests.cluster.control import Control
from tests.cluster.objects import Object, deleting, name, namespace, set_condition
from tests.cluster.store import copy

TOLERANCE = 0.1
DOWN_SECONDS = 300.0


class Autoscaling:
    """Controller of HorizontalPodAutoscalers; `load` is what all pods of a (namespace, target) use together.

    It is in percent of what one pod requests.
    """

    def __init__(self) -> None:
        self.load: dict[tuple[str, str], float] = {}
        self._recommended: dict[str, list[tuple[float, int]]] = {}

    def reconcile(self, control: Control) -> None:
        """Scale every target by its metric; without a metric its number stays."""
        for each in control.all("horizontalpodautoscalers.autoscaling"):
            if not deleting(each):
                self._scale(control, each)

    def _scale(self, control: Control, scaler: Object) -> None:
        spec = scaler["spec"]
        target = control.get("deployments.apps", namespace(scaler), spec["scaleTargetRef"]["name"])
        if target is None:
            return
        current = int(target["spec"].get("replicas", 1))
        load = self.load.get((namespace(scaler), name(target)))
        measured = None if load is None or not current else load / current
        wanted = (
            max(current, spec.get("minReplicas", 1)) if measured is None else self._wanted(scaler, current, measured)
        )
        wanted = min(
            max(self._steady(control, scaler, wanted, current), spec.get("minReplicas", 1)), spec["maxReplicas"]
        )
        if wanted != current and current:
            control.change("deployments.apps", target, lambda thing: thing["spec"].update(replicas=wanted))
            control.event(scaler, "SuccessfulRescale", f"New size: {wanted}; reason: cpu resource utilization")
        self._report(control, scaler, current, wanted, measured)

    def _wanted(self, scaler: Object, current: int, measured: float) -> int:
        goals = [each["resource"]["target"]["averageUtilization"] for each in scaler["spec"].get("metrics") or []]
        ratio = measured / min(goals)
        return current if abs(ratio - 1) <= TOLERANCE else math.ceil(current * ratio)

    def _steady(self, control: Control, scaler: Object, wanted: int, current: int) -> int:
        # Down only to the most that was asked for within the window.
        now = control.clock.now().timestamp()
        kept = [each for each in self._recommended.get(scaler["metadata"]["uid"], []) if now - each[0] < DOWN_SECONDS]
        kept = [*(each for each in kept if each[1] != wanted), (now, wanted)]
        self._recommended[scaler["metadata"]["uid"]] = kept
        return wanted if wanted >= current else max(each[1] for each in kept)

    def _report(self, control: Control, scaler: Object, current: int, wanted: int, measured: float | None) -> None:
        after: Object = {"status": copy(scaler.get("status") or {})}
        status = after["status"]
        status.update(currentReplicas=current, desiredReplicas=wanted, currentMetrics=[])
        stamp = control.clock.stamp()
        set_condition(after, stamp, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size")
        if measured is None:
            message = "failed to get cpu utilization: unable to get metrics for resource cpu"
            set_condition(after, stamp, "ScalingActive", "False", "FailedGetResourceMetric", message)
        else:
            status["currentMetrics"] = [
                {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": int(measured)}}}
            ]
            set_condition(after, stamp, "ScalingActive", "True", "ValidMetricFound", "the HPA was able to calculate")
        if status != (scaler.get("status") or {}):
            control.status("horizontalpodautoscalers.autoscaling", scaler, lambda thing: thing.update(after))
