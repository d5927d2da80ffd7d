"""Repositories that are laid out otherwise than the reference, and keep the contract all the same: nothing is found."""

from __future__ import annotations

import pytest
from tests.contract.memory import Files, Pair

from apparch.contract import Comparison, compare, compare_published
from apparch.repository import Repository

GO = """FROM golang:1.24 AS build
RUN go build -o /app ./cmd/app
FROM gcr.io/distroless/static:nonroot
COPY --from=build /app /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/app"]
"""
NODE = """ARG NODE=22
FROM node:${NODE}-slim AS build
RUN <<EOF
npm ci
EOF
FROM node:${NODE}-slim
USER 1000
EXPOSE 8080
CMD ["node", "server.js"]
"""
JAVA = """FROM eclipse-temurin:21-jre
COPY build/libs/app.jar /app.jar
USER 10001
EXPOSE 8080
ENTRYPOINT ["java", "-jar", "/app.jar"]
"""
KEPT = ("config/.env.example", "config/settings.schema.json", "migrations/env.py")
PUBLISH = "on: {push: {tags: ['v*']}}\njobs: {a: {steps: [{run: 'docker push ghcr.io/org/app:${GITHUB_REF_NAME}'}]}}\n"


def other_language(dockerfile: str, **more: str) -> Files:
    """An app that is not Python: its variables and its image are all that is read."""
    reference = Pair.reference().app
    kept = {path: text for path, text in reference.items() if path in KEPT}
    return {**kept, "docker/Dockerfile": dockerfile, ".github/workflows/release.yml": PUBLISH, **more}


def deploy_of(*edits: tuple[str, str, str]) -> Files:
    """The reference Deploy repo, with texts replaced."""
    pair = Pair.reference()
    for path, old, new in edits:
        pair.change({"in": f"deploy/{path}", "old": old, "new": new})
    return pair.deploy


JOB, APP = "_shared/migrations/job-template.yaml", "k8s/base/deployments/app.yaml"


def go() -> Comparison:
    """A Go program that migrates with a subcommand of its own."""
    deploy = deploy_of((JOB, 'command: ["python", "-m", "app.migrate"]', 'command: ["/app", "migrate"]'))
    return compare(Repository.of(other_language(GO, **{"go.mod": "module app\n"})), Repository.of(deploy))


def node() -> Comparison:
    """A Node.js service with probes at paths of its own."""
    deploy = deploy_of(
        (JOB, 'command: ["python", "-m", "app.migrate"]', 'command: ["npm", "run", "migrate"]'),
        (APP, "/health/live", "/livez"),
        (APP, "/health/ready", "/readyz"),
        (APP, "/health/startup", "/startupz"),
    )
    return compare(Repository.of(other_language(NODE, **{"package.json": "{}"})), Repository.of(deploy))


def java() -> Comparison:
    """Spring Boot, whose health groups are its probes."""
    deploy = deploy_of(
        (JOB, 'command: ["python", "-m", "app.migrate"]', 'args: ["--spring.profiles.active=migrate"]'),
        (APP, "/health/live", "/actuator/health/liveness"),
        (APP, "/health/ready", "/actuator/health/readiness"),
    )
    return compare(Repository.of(other_language(JAVA, **{"build.gradle": ""})), Repository.of(deploy))


def monorepo() -> Comparison:
    """Several apps in one App repository."""
    reference = Pair.reference().app
    files = {path if path.startswith(".github/") else f"services/app/{path}": text for path, text in reference.items()}
    files["services/other/pyproject.toml"] = '[project]\nname = "other"\n'
    return compare(Repository.of(files), Repository.of(Pair.reference().deploy), app_dir="services/app")


BILLING = """apiVersion: apps/v1
kind: Deployment
metadata: {name: billing}
spec:
  selector: {matchLabels: {app: billing}}
  template:
    metadata: {labels: {app: billing}}
    spec:
      containers:
        - name: billing
          image: ghcr.io/org/billing:v3.0.0
          ports: [{name: grpc, containerPort: 9000}]
          envFrom: [{configMapRef: {name: billing}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: billing}
data: {MODE: fast}
---
apiVersion: v1
kind: Service
metadata: {name: billing, labels: {app: billing}}
spec: {selector: {app: billing}, ports: [{name: grpc, port: 9000, targetPort: grpc}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: billing}
spec: {podSelector: {matchLabels: {app: billing}}, ingress: [{ports: [{port: grpc}]}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: billing}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: billing}}}
---
apiVersion: v1
kind: Service
metadata: {name: postgres}
spec: {selector: {cnpg.io/cluster: main}, ports: [{port: 5432}]}
"""
BILLING_MONITORS = """apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: billing, namespace: monitoring}
spec: {selector: {matchLabels: {app: billing}}, endpoints: [{port: grpc}]}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: billing}
spec: {groups: [{name: b, rules: [{alert: B, expr: 'rate(billing_invoices_total[5m]) > 0'}]}]}
"""


def several_apps() -> Comparison:
    """Another app beside it in each environment, with its own Service, policies and alerts."""
    deploy = deploy_of(
        ("k8s/base/kustomization.yaml", "  - services/app-svc.yaml\n", "  - services/app-svc.yaml\n  - b.yaml\n")
    )
    deploy["k8s/base/b.yaml"] = BILLING
    deploy["_shared/monitoring/billing.yaml"] = BILLING_MONITORS
    return compare(Repository.of(Pair.reference().app), Repository.of(deploy))


def flux() -> Comparison:
    """Flux: the overlays lie in apps/, and values are put in by the controller."""
    deploy = deploy_of(("k8s/base/configmaps/app-config.yaml", 'SERVICE_PORT: "8080"', 'SERVICE_PORT: "${port}"'))
    moved = {
        path.replace("k8s/overlays/", "apps/").replace("k8s/base/", "bases/app/"): (
            text.replace("../../base", "../../bases/app").replace("../../../_shared", "../../_shared")
        )
        for path, text in deploy.items()
    }
    moved["clusters/production/app.yaml"] = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        "metadata: {name: app, namespace: flux-system}\nspec: {path: ./apps/production, prune: true, interval: 5m}\n"
    )
    return compare(Repository.of(Pair.reference().app), Repository.of(moved), overlays="apps/")


def clusters() -> Comparison:
    """A directory per cluster, and the environments in it."""
    moved = {
        path.replace("k8s/overlays/", "k8s/overlays/eu/"): text.replace("../../base", "../../../base").replace(
            "../../../_shared", "../../../../_shared"
        )
        if path.startswith("k8s/overlays/")
        else text
        for path, text in Pair.reference().deploy.items()
    }
    return compare(Repository.of(Pair.reference().app), Repository.of(moved))


def plain_manifests() -> Comparison:
    """No kustomization at all: manifests as they are applied."""
    reference = Pair.reference().deploy
    files: Files = {}
    for path, text in reference.items():
        if path.startswith(("k8s/base/", JOB)) and not path.endswith("kustomization.yaml"):
            files[f"manifests/{path.rpartition('/')[2]}"] = text.replace(":unset", ":v1.4.2")
    config = reference["k8s/overlays/production/patches/config.yaml"].partition("\ndata:\n")[2]
    files["manifests/app-config.yaml"] += config
    files["manifests/app.yaml"] = files["manifests/app.yaml"].replace(
        "spec:\n  selector", "spec:\n  replicas: 2\n  selector", 1
    )
    files["manifests/app-secrets.yaml"] = (
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: app-secrets}\n"
        "spec: {dataFrom: [{extract: {key: app}}]}\n"
    )
    files["manifests/monitor.yaml"] = reference["_shared/monitoring/servicemonitor.yaml"].replace(
        "      - prj-01-prod\n", "      - prj-01\n"
    )
    return compare(Repository.of(Pair.reference().app), Repository.of(files), overlays="manifests")


def operators() -> Comparison:
    """Secrets that operators make: a database's, a certificate's."""
    deploy = deploy_of(
        (APP, "                name: app-secrets\n", "                name: main-app\n"),
        (JOB, "                name: app-secrets\n", "                name: main-app\n"),
        (APP, "      volumes:\n", "      volumes:\n        - {name: tls, secret: {secretName: app-tls}}\n"),
        ("k8s/base/kustomization.yaml", "  - services/app-svc.yaml\n", "  - services/app-svc.yaml\n  - o.yaml\n"),
    )
    deploy["k8s/base/o.yaml"] = (
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: main}\nspec: {instances: 3}\n---\n"
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: tls}\nspec: {secretName: app-tls}\n"
    )
    return compare(Repository.of(Pair.reference().app), Repository.of(deploy))


def classic_kustomize() -> Comparison:
    """Generators, prefixes and common labels, and a Secret that SOPS keeps."""
    generator, labels = "configMapGenerator: [{name: app-config, envs: [app.env]}]", "commonLabels: {env: %s}"
    deploy = deploy_of(
        ("k8s/base/kustomization.yaml", "  - configmaps/app-config.yaml\n", ""),
        ("k8s/base/kustomization.yaml", "labels:\n", f"{generator}\nlabels:\n"),
        *(
            (f"k8s/overlays/{name}/kustomization.yaml", f"  - ../../../_shared/secrets/sealed/{name}\n", "")
            for name in ("production", "staging")
        ),
        *(
            (f"k8s/overlays/{name}/kustomization.yaml", "images:\n", f"namePrefix: {name}-\n{labels % name}\nimages:\n")
            for name in ("production", "staging")
        ),
    )  # fmt: skip
    config = Pair.reference().deploy["k8s/base/configmaps/app-config.yaml"].partition("\ndata:\n")[2]
    deploy["k8s/base/app.env"] = config.replace("  ", "").replace(": ", "=").replace('"', "")
    for name in ("production", "staging"):
        deploy[f"_shared/secrets/{name}.enc.yaml"] = (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: app-secrets}\n"
            "stringData: {DB_PASSWORD: ENC, REDIS_URL: ENC, API_KEY: ENC}\nsops: {version: 3.9.0}\n"
        )
    return compare(Repository.of(Pair.reference().app), Repository.of(deploy))


def renovate_and_tools() -> Comparison:
    """Files of other tools that nothing here reads, in whatever dialect."""
    deploy = Pair.reference().deploy
    deploy["renovate.json5"] = "{a: 1}"
    deploy["tsconfig.json"] = "{ // c\n}"
    deploy["docker-compose.yml"] = "services: !override {a: b}\n"
    deploy["charts/app/Chart.yaml"] = "name: app\n"
    deploy["charts/app/templates/_helpers.yaml"] = "{{ define }}"
    deploy["venv/lib/a.yaml"] = "a: [\n"
    return compare(Repository.of(Pair.reference().app), Repository.of(deploy))


SHAPES = (
    go, node, java, monorepo, several_apps, flux, clusters, plain_manifests, operators, classic_kustomize,
    renovate_and_tools,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=[each.__name__ for each in SHAPES])
def test_nothing_is_found_in_a_repository_of_another_shape(shape: object) -> None:
    """And something was compared."""
    comparison = shape()  # type: ignore[operator]
    assert [(each.rule, each.wrong) for each in comparison.findings] == []
    assert comparison.overlays
    assert not comparison.uncompared
    assert len(comparison.judgements) > 50


def test_charts_alone_are_said_not_to_be_read_once() -> None:
    """Helm only: one finding, and no word about the templates."""
    files = {"charts/app/Chart.yaml": "name: app\n", "charts/app/templates/d.yaml": "{{ a }}\n", "README.md": "x\n"}
    found = compare(Repository.of(Pair.reference().app), Repository.of(files)).findings
    boundary = [each.wrong for each in found if each.rule == "OWN025"]
    assert len(boundary) == 1
    assert "Helm charts, which are not read" in boundary[0]


def test_the_published_contract_stands_for_the_app_in_another_language() -> None:
    """A file that lists probes at other paths is what counts."""
    text = '{"version": 1, "image": {"name": "ghcr.io/org/app"}, "variables": []}'
    comparison = compare_published(text, "contract.json", Repository.of(Pair.reference().deploy))
    assert {each.rule for each in comparison.findings} == {"OWN025"}
