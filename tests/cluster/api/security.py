"""Pod Security admission: what the levels baseline and restricted refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Spec = Mapping[str, Any]

_BASELINE_CAPABILITIES = {
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
    *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
}
_RESTRICTED_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
}
_SECCOMP = ("RuntimeDefault", "Localhost")


def violations(level: str, spec: Spec) -> str:
    """What a level refuses of a pod's spec, in the words of the API server; empty where it is allowed."""
    checks: tuple[Check, ...] = {"privileged": (), "baseline": _BASELINE, "restricted": (*_BASELINE, *_RESTRICTED)}[
        level
    ]
    found = [f"{name} ({detail})" for check in checks for name, detail in check(spec)]
    return ", ".join(_in_order(found))


def level_of(namespace: Mapping[str, Any], mode: str) -> tuple[str, str]:
    """The level and version that a namespace's labels set for `enforce`, `warn` or `audit`."""
    labels = namespace["metadata"].get("labels") or {}
    prefix = f"pod-security.kubernetes.io/{mode}"
    return labels.get(prefix, "privileged"), labels.get(f"{prefix}-version", "latest")


Check = Callable[[Spec], Iterator[tuple[str, str]]]


def _host_namespaces(spec: Spec) -> Iterator[tuple[str, str]]:
    found = [f"{each}=true" for each in ("hostNetwork", "hostPID", "hostIPC") if spec.get(each)]
    if found:
        yield "host namespaces", ", ".join(found)


def _privileged(spec: Spec) -> Iterator[tuple[str, str]]:
    names = [each["name"] for each in _containers(spec) if _context(each).get("privileged")]
    if names:
        yield "privileged", f"{_named(names)} must not set securityContext.privileged=true"


def _baseline_capabilities(spec: Spec) -> Iterator[tuple[str, str]]:
    bad = {}
    for each in _containers(spec):
        added = set((_context(each).get("capabilities") or {}).get("add") or ()) - _BASELINE_CAPABILITIES
        if added:
            bad[each["name"]] = added
    if bad:
        listed = ", ".join(f'"{each}"' for each in sorted(set().union(*bad.values())))
        yield (
            "non-default capabilities",
            f"{_named(list(bad))} must not include {listed} in securityContext.capabilities.add",
        )


def _host_path(spec: Spec) -> Iterator[tuple[str, str]]:
    names = [each["name"] for each in spec.get("volumes") or () if "hostPath" in each]
    if names:
        yield "hostPath volumes", f"volume{_s(names)} {_quoted(names)}"


def _host_ports(spec: Spec) -> Iterator[tuple[str, str]]:
    found = {
        each["name"]: [port["hostPort"] for port in each.get("ports") or () if port.get("hostPort")]
        for each in _containers(spec)
    }
    used = {name: ports for name, ports in found.items() if ports}
    if used:
        ports = sorted({port for each in used.values() for port in each})
        listed = ", ".join(str(each) for each in ports)
        yield "hostPort", f"{_named(list(used))} use{'s' if len(used) == 1 else ''} hostPort{_s(ports)} {listed}"


def _escalation(spec: Spec) -> Iterator[tuple[str, str]]:
    names = [each["name"] for each in _containers(spec) if _context(each).get("allowPrivilegeEscalation") is not False]
    if names:
        yield (
            "allowPrivilegeEscalation != false",
            f"{_named(names)} must set securityContext.allowPrivilegeEscalation=false",
        )


def _capabilities(spec: Spec) -> Iterator[tuple[str, str]]:
    undropped, added = [], []
    for each in _containers(spec):
        capabilities = _context(each).get("capabilities") or {}
        if "ALL" not in (capabilities.get("drop") or ()):
            undropped.append(each["name"])
        if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
            added.append(each["name"])
    parts = []
    if undropped:
        parts.append(f'{_named(undropped)} must set securityContext.capabilities.drop=["ALL"]')
    if added:
        listed = sorted(
            {
                f'"{name}"'
                for each in _containers(spec)
                for name in (_context(each).get("capabilities") or {}).get("add") or ()
                if name != "NET_BIND_SERVICE"
            }
        )
        parts.append(f"{_named(added)} must not include {', '.join(listed)} in securityContext.capabilities.add")
    if parts:
        yield "unrestricted capabilities", "; ".join(parts)


def _volumes(spec: Spec) -> Iterator[tuple[str, str]]:
    bad = {
        each["name"]: sorted(set(each) - {"name"})[0]
        for each in spec.get("volumes") or ()
        if not set(each) & _RESTRICTED_VOLUMES and set(each) - {"name"}
    }
    if bad:
        kinds = ", ".join(f'"{each}"' for each in sorted(set(bad.values())))
        uses = "uses restricted volume type" if len(bad) == 1 else "use restricted volume types"
        yield "restricted volume types", f"volume{_s(list(bad))} {_quoted(list(bad))} {uses} {kinds}"


def _non_root(spec: Spec) -> Iterator[tuple[str, str]]:
    whole = (spec.get("securityContext") or {}).get("runAsNonRoot")
    if whole is False:
        yield "runAsNonRoot != true", "pod must not set securityContext.runAsNonRoot=false"
        return
    explicit = [each["name"] for each in _containers(spec) if _context(each).get("runAsNonRoot") is False]
    if explicit:
        yield "runAsNonRoot != true", f"{_named(explicit)} must not set securityContext.runAsNonRoot=false"
        return
    missing = [each["name"] for each in _containers(spec) if _context(each).get("runAsNonRoot") is None]
    if missing and not whole:
        yield "runAsNonRoot != true", f"pod or {_named(missing)} must set securityContext.runAsNonRoot=true"


def _root_user(spec: Spec) -> Iterator[tuple[str, str]]:
    parts = ["pod must not set runAsUser=0"] if (spec.get("securityContext") or {}).get("runAsUser") == 0 else []
    names = [each["name"] for each in _containers(spec) if _context(each).get("runAsUser") == 0]
    if names:
        parts.append(f"{_named(names)} must not set runAsUser=0")
    if parts:
        yield "runAsUser=0", "; ".join(parts)


def _seccomp(spec: Spec) -> Iterator[tuple[str, str]]:
    whole = ((spec.get("securityContext") or {}).get("seccompProfile") or {}).get("type")
    bad = [
        each["name"]
        for each in _containers(spec)
        if ((_context(each).get("seccompProfile") or {}).get("type") or whole) not in _SECCOMP
    ]
    if bad:
        text = f'pod or {_named(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield "seccompProfile", text


_BASELINE: tuple[Check, ...] = (_host_namespaces, _privileged, _baseline_capabilities, _host_path, _host_ports)
_RESTRICTED: tuple[Check, ...] = (_escalation, _capabilities, _volumes, _non_root, _root_user, _seccomp)


def _in_order(found: Sequence[str]) -> list[str]:
    # Of two findings on one thing only the stricter level's is told.
    stricter = any(each.startswith("unrestricted capabilities") for each in found)
    return [each for each in found if not (stricter and each.startswith("non-default capabilities"))]


def _containers(spec: Spec) -> list[Mapping[str, Any]]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def _context(container: Mapping[str, Any]) -> Mapping[str, Any]:
    return container.get("securityContext") or {}


def _named(names: list[str]) -> str:
    return f"container{_s(names)} {_quoted(names)}"


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{each}"' for each in names)


def _s(things: Sequence[object]) -> str:
    return "" if len(things) == 1 else "s"
