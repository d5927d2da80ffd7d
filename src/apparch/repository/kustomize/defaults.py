"""Where names, labels and the rest stand in Kubernetes' own kinds: kustomize's default configuration as tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as of

from apparch.repository.kustomize.fields import Field, Kind, field

_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"
_SERVED = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job")
_TEMPLATES = {
    "Pod": "",
    "PodTemplate": "template/",
    **dict.fromkeys((*_SERVED, "ReplicationController"), "spec/template/"),
    "CronJob": "spec/jobTemplate/spec/template/",
}
"""Where the template of its pods begins in each kind."""


@dataclass(frozen=True)
class Referred:
    """A kind of object, and the fields that refer to one by its name."""

    kind: Kind
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Configuration:
    """Every table; a layer's `configurations` and `crds` add to it."""

    labels: tuple[Field, ...] = ()
    template_labels: tuple[Field, ...] = ()
    annotations: tuple[Field, ...] = ()
    namespace: tuple[Field, ...] = ()
    names: tuple[Field, ...] = ()
    replicas: tuple[Field, ...] = ()
    images: tuple[Field, ...] = ()
    variables: tuple[Field, ...] = ()
    references: tuple[Referred, ...] = of(default=())

    def with_references(self, more: tuple[Referred, ...]) -> Configuration:
        """With more fields that refer to something."""
        return replace(self, references=(*self.references, *more))


def _pods(path: str, kinds: tuple[str, ...], version: str = "") -> list[Field]:
    """A path below the spec of pods, in each kind that makes some."""
    return [field(f"{_TEMPLATES[kind]}spec/{path}", kind, version=version if kind == "Pod" else "") for kind in kinds]


def _template_labels() -> tuple[Field, ...]:
    made = [field("spec/template/metadata/labels", "ReplicationController", version="v1", create=True)]
    made += [
        field("spec/template/metadata/labels", kind, group, create=True)
        for kind, group in (("Deployment", ""), ("ReplicaSet", ""), ("DaemonSet", ""), ("StatefulSet", "apps"))
    ]
    made.append(field("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", "apps", create=True))
    made.append(field("spec/template/metadata/labels", "Job", "batch", create=True))
    made.append(field("spec/jobTemplate/metadata/labels", "CronJob", "batch", create=True))
    made.append(field("spec/jobTemplate/spec/template/metadata/labels", "CronJob", "batch", create=True))
    return tuple(made)


def _labels() -> tuple[Field, ...]:
    made = [field("spec/selector", kind, version="v1", create=True) for kind in ("Service", "ReplicationController")]
    for kind, group in (("Deployment", ""), ("ReplicaSet", ""), ("DaemonSet", ""), ("StatefulSet", "apps")):
        made.append(field("spec/selector/matchLabels", kind, group, create=True))
    for kind in ("Deployment", "StatefulSet"):
        pods = "spec/template/spec/"
        for affinity in ("podAffinity", "podAntiAffinity"):
            when = f"{pods}affinity/{affinity}/%sDuringSchedulingIgnoredDuringExecution/"
            made.append(field(f"{when % 'preferred'}podAffinityTerm/labelSelector/matchLabels", kind, "apps"))
            made.append(field(f"{when % 'required'}labelSelector/matchLabels", kind, "apps"))
        made.append(field(f"{pods}topologySpreadConstraints/labelSelector/matchLabels", kind, "apps"))
    made.append(field("spec/selector/matchLabels", "Job", "batch"))
    made.append(field("spec/jobTemplate/spec/selector/matchLabels", "CronJob", "batch"))
    made.append(field("spec/selector/matchLabels", "PodDisruptionBudget", "policy"))
    for path in ("spec/podSelector", "spec/ingress/from/podSelector", "spec/egress/to/podSelector"):
        made.append(field(f"{path}/matchLabels", "NetworkPolicy", "networking.k8s.io"))
    return (*made, field("metadata/labels", create=True), *_template_labels())


def _annotations() -> tuple[Field, ...]:
    made = [field("metadata/annotations", create=True)]
    made.append(field("spec/template/metadata/annotations", "ReplicationController", version="v1", create=True))
    made += [field("spec/template/metadata/annotations", kind, create=True) for kind in _SERVED[:4]]
    made.append(field("spec/template/metadata/annotations", "Job", "batch", create=True))
    for path in ("spec/jobTemplate", "spec/jobTemplate/spec/template"):
        made.append(field(f"{path}/metadata/annotations", "CronJob", "batch", create=True))
    return tuple(made)


_CONTAINERS = ("containers", "initContainers")
_MAKERS = ("Pod", "PodTemplate", *_SERVED, "CronJob")


def _settings(kind: str, volume: tuple[str, str]) -> list[Field]:
    """How pods refer to a ConfigMap or a Secret."""
    small = {"ConfigMap": "configMap", "Secret": "secret"}[kind]
    made = _pods(f"volumes/{volume[0]}/{volume[1]}", _MAKERS, "v1")
    for containers in _CONTAINERS:
        made += _pods(f"{containers}/env/valueFrom/{small}KeyRef/name", _MAKERS, "v1")
        made += _pods(f"{containers}/envFrom/{small}Ref/name", _MAKERS, "v1")
    return made + _pods(f"volumes/projected/sources/{small}/name", _MAKERS, "v1")


def _config_maps() -> list[Field]:
    made = _settings("ConfigMap", ("configMap", "name"))
    made.append(field("spec/configSource/configMap", "Node"))
    made += [field("rules/resourceNames", kind) for kind in ("Role", "ClusterRole")]
    made.append(field("metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap", "Ingress"))
    return made


def _secrets() -> list[Field]:
    made = _settings("Secret", ("secret", "secretName")) + _pods("imagePullSecrets/name", _MAKERS, "v1")
    made.append(field("spec/tls/secretName", "Ingress"))
    for name in (
        "ingress.kubernetes.io\\/auth-secret",
        "nginx.ingress.kubernetes.io\\/auth-secret",
        "nginx.ingress.kubernetes.io\\/auth-tls-secret",
    ):
        made.append(field(f"metadata/annotations/{name}", "Ingress"))
    made.append(field("imagePullSecrets/name", "ServiceAccount"))
    for name in ("secretName", "adminSecretName", "userSecretName", "secretRef"):
        made.append(field(f"parameters/{name}", "StorageClass"))
    made += [field("rules/resourceNames", kind) for kind in ("Role", "ClusterRole")]
    made.append(
        field("spec/template/spec/containers/env/valueFrom/secretKeyRef/name", "Service", "serving.knative.dev", "v1")
    )
    made.append(field("spec/azureFile/secretName", "PersistentVolume"))
    return made


def _services() -> list[Field]:
    made = [field("spec/serviceName", "StatefulSet", "apps")]
    for path in (
        "spec/rules/http/paths/backend/serviceName",
        "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name",
        "spec/defaultBackend/service/name",
    ):
        made.append(field(path, "Ingress"))
    made.append(field("spec/service/name", "APIService", "apiregistration.k8s.io"))
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        made.append(field("webhooks/clientConfig/service", kind, _ADMISSION))
    made.append(field("spec/rules/backendRefs/name", "HTTPRoute"))
    return made


_ACCOUNTED = ("Pod", "StatefulSet", "Deployment", "ReplicationController", "CronJob", "Job", "DaemonSet")


def _references() -> tuple[Referred, ...]:
    made = [
        Referred(Kind(kind=kind), (field("spec/scaleTargetRef/name", "HorizontalPodAutoscaler"),))
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ]
    bindings = [field("subjects", kind, _RBAC) for kind in ("RoleBinding", "ClusterRoleBinding")]
    roles = [field("roleRef/name", kind, _RBAC) for kind in ("RoleBinding", "ClusterRoleBinding")]
    stored = [field("spec/storageClassName", kind) for kind in ("PersistentVolume", "PersistentVolumeClaim")]
    table: list[tuple[Kind, list[Field]]] = [
        (Kind(version="v1", kind="ConfigMap"), _config_maps()),
        (Kind(version="v1", kind="Secret"), _secrets()),
        (Kind(version="v1", kind="Service"), _services()),
        (Kind(_RBAC, kind="Role"), roles[:1]),
        (Kind(_RBAC, kind="ClusterRole"), roles),
        (Kind(version="v1", kind="ServiceAccount"), bindings + _pods("serviceAccountName", _ACCOUNTED)),
        (
            Kind(version="v1", kind="PersistentVolumeClaim"),
            _pods("volumes/persistentVolumeClaim/claimName", _ACCOUNTED),
        ),
        (
            Kind(version="v1", kind="PersistentVolume"),
            [field("spec/volumeName", "PersistentVolumeClaim"), field("rules/resourceNames", "ClusterRole")],
        ),
        (
            Kind("storage.k8s.io", "v1", "StorageClass"),
            [*stored, field("spec/volumeClaimTemplates/spec/storageClassName", "StatefulSet")],
        ),
        (Kind("scheduling.k8s.io", "v1", "PriorityClass"), _pods("priorityClassName", _ACCOUNTED)),
    ]
    return (*made, *(Referred(kind, tuple(where)) for kind, where in table))


def _variables() -> tuple[Field, ...]:
    made: list[Field] = []
    for containers in _CONTAINERS:
        for path in ("args", "command", "env/value", "volumeMounts/mountPath"):
            made += _pods(f"{containers}/{path}", ("Pod", *_SERVED, "CronJob"))
    made += [field(path, "Ingress") for path in ("spec/rules/host", "spec/tls/hosts", "spec/tls/secretName")]
    made += [field(f"spec/ports/{name}", "Service") for name in ("port", "targetPort")]
    return (*made, field("metadata/labels"))


DEFAULT = Configuration(
    labels=_labels(),
    template_labels=_template_labels(),
    annotations=_annotations(),
    namespace=(
        field("metadata/name", "Namespace", create=True),
        field("spec/service/namespace", "APIService", "apiregistration.k8s.io", create=True),
        field(
            "spec/conversion/webhook/clientConfig/service/namespace",
            "CustomResourceDefinition",
            "apiextensions.k8s.io",
        ),
    ),
    names=(field("metadata/name"),),
    replicas=tuple(
        field("spec/replicas", kind, create=True)
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ),
    variables=_variables(),
    references=_references(),
)
"""What kustomize knows by itself."""
