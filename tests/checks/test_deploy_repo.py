"""What a Deploy repo is read as: its environments, their stages, and which containers are an app's."""

from __future__ import annotations

import pytest

from apparch.checks import judges
from apparch.checks._deploy import app_pods
from apparch.deploy.images import is_somebody_elses
from apparch.deploy.objects import app_containers
from apparch.deploy.repo import DeployRepo
from apparch.deploy.stages import stage
from apparch.repository import Repository
from apparch.repository.credentials import holds, known

KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: {}\n"


@pytest.mark.parametrize(
    ("directory", "found"),
    [
        ("k8s/overlays/production", "production"),
        ("k8s/overlays/cluster-a/prod", "production"),
        ("environments/prod-eu", "production"),
        ("apps/orders/overlays/live", "production"),
        ("overlays/stg", "staging"),
        ("overlays/pre-prod", "staging"),
        ("overlays/non-prod", "development"),
        ("clusters/production/dev", "development"),
        ("overlays/eu-west", None),
        ("k8s/base", None),
        ("apps/products", None),
    ],
)
def test_a_stage_is_what_the_deepest_folder_names(directory: str, found: str | None) -> None:
    """Whole words count, and what stands before them may turn them over."""
    assert stage(directory) == found


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("postgres:16.4", True),
        ("docker.io/library/redis:7", True),
        ("docker.io/grafana/loki:3.7.8", True),
        ("registry.k8s.io/ingress-nginx/controller:v1.11.2", True),
        ("quay.io/prometheus/node-exporter:v1.9.1", True),
        ("docker.elastic.co/elasticsearch/elasticsearch:9.2.1", True),
        ("ghcr.io/org/app:v1.4.2", False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:v1.4.2", False),
        ("registry.example.com:5000/grafana/orders:v1", False),
        ("registry.acme.internal/restic:0.17.3", True),
        ("gotify/gotify:2.6", True),
        ("ghcr.io/linkding-app/linkding:v1", True),
        ("ghcr.io/acme/acme-orders:v1", False),
        ("orders", False),
    ],
)
def test_a_published_product_is_told_from_an_app(image: str, found: bool) -> None:
    """By its registry, the owner, and the names that Docker Hub gives out itself."""
    assert is_somebody_elses(image) == found


@pytest.mark.parametrize(
    ("layout", "found"),
    [
        (
            ["k8s/base", "k8s/overlays/production", "k8s/overlays/staging"],
            ["k8s/overlays/production", "k8s/overlays/staging"],
        ),
        (["apps/base/orders", "apps/production", "apps/staging"], ["apps/production", "apps/staging"]),
        (["apps/orders/base", "apps/orders/overlays/prod"], ["apps/orders/overlays/prod"]),
        (["environments/prod", "components/tls"], ["environments/prod"]),
        (["deploy"], []),
    ],
)
def test_an_overlay_is_found_in_the_usual_layouts(layout: list[str], found: list[str]) -> None:
    """Below overlays and environments, and beside a base by the name of a stage."""
    files = {f"{each}/kustomization.yaml": KUSTOMIZATION.replace("{}", "[]") for each in layout}
    assert sorted(DeployRepo(Repository.of(files)).overlays) == found


@pytest.mark.parametrize(
    ("place", "kind", "count"),
    [
        ("k8s/app.yaml", "Deployment", 1),
        ("k8s/app.yaml", "Rollout", 1),
        ("k8s/app.yaml", "DaemonSet", 0),
        ("k8s/monitoring/app.yaml", "Deployment", 0),
    ],
)
def test_the_clusters_own_equipment_is_no_app(place: str, kind: str, count: int) -> None:
    """An agent on every node, and what stands in a folder of the platform's."""
    pod = "spec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: ghcr.io/org/app:v1\n"
    files = {
        place: f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: app\n{pod}",
        "k8s/orders/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders\n",
    }
    objects = DeployRepo(Repository.of(files)).objects
    assert len([found for each in objects for found in app_containers(each)]) == count


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("PGPASSWORD", "hunter2", True),
        ("adminPassword", "changeme", True),
        ("JWT_SECRET", "S3cr3tS3cr3t", True),
        ("DB_PASSWORD", "${DB_PASSWORD}", False),
        ("DB_PASSWORD", "<password>", False),
        ("DB_PASSWORD_FILE", "/run/secrets/db", False),
        ("passwordKey", "password", False),
        ("existingSecret", "app-secrets", False),
        ("tlsSecret", "app-tls", False),
        ("ALLOW_EMPTY_PASSWORD", "yes", False),
        ("REDIS_PASSWORD", "disabled", False),
        ("QUOTE_TOKEN", "USDC", False),
        ("MAX_TOKENS", "4096000000", False),
    ],
)
def test_a_credential_is_told_from_the_name_of_one(name: str, text: str, found: bool) -> None:
    """A value of its own, and no reference, path, key or switch."""
    assert holds(name, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AKIAQ2W3E4R5T6Y7U2I3", ["AWS access key"]),
        ("AKIAIOSFODNN7EXAMPLE", []),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", ["GitHub token"]),
        ("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", []),
        ("-----BEGIN CERTIFICATE-----\nMIIB", []),
    ],
)
def test_a_credential_is_known_by_its_form(text: str, found: list[str]) -> None:
    """What vendors print in their documents is none."""
    assert [form for form, _, _ in known(text)] == found


@pytest.mark.parametrize(
    ("images", "watched", "found"),
    [
        (["acme/orders", "acme/stock", "other/mail"], "", ["acme/orders", "acme/stock", "other/mail"]),
        (["hub/dashy", "linux/plex", "acme/orders", "orders"], "", ["orders"]),
        (["ghcr.io/linux/plex", "ghcr.io/acme/orders"], "https://github.com/acme/deploy", ["ghcr.io/acme/orders"]),
        (["hub/dashy", "linux/plex", "ghcr.io/acme/orders"], "https://github.com/Acme/deploy", ["ghcr.io/acme/orders"]),
    ],
)
def test_images_of_many_owners_are_not_ones_own(images: list[str], watched: str, found: list[str]) -> None:
    """A team's images have few owners; where there are more, those count whose repositories are watched."""
    pods = [f"spec: {{template: {{spec: {{containers: [{{name: a, image: {each}}}]}}}}}}" for each in images]
    files = {f"web/{at}.yaml": f"apiVersion: apps/v1\nkind: Deployment\n{each}\n" for at, each in enumerate(pods)}
    source = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {{source: {{repoURL: '{watched}'}}}}\n"
    repo = DeployRepo(Repository.of({**files, "argocd/a.yaml": source}))
    assert [container.at("image").text for _, container in app_pods(repo)] == found


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: shop, image: ghcr.io/acme/shop:v1}]}}}
"""


@pytest.mark.parametrize(
    ("more", "whole", "final", "told"),
    [
        ("resources: [shop.yaml, 'https://example.com/others?ref=v1']", True, True, False),
        ("resources: [shop.yaml]\nhelmCharts: [{name: redis, repo: https://example.com}]", True, True, False),
        ("resources: [shop.yaml, secrets.enc.yaml]", False, True, True),
        ("resources: [shop.yaml]\nsecretGenerator: [{name: keys, envs: [.env]}]", False, True, True),
        ("resources: [shop.yaml]\npatches: [{path: away.yaml}]", False, False, True),
        ("resources: [shop.yaml]\ncomponents: [../away]", False, False, True),
    ],
)
def test_what_a_kustomization_cannot_have_leaves_the_rest_to_be_judged(
    more: str, whole: bool, final: bool, told: bool
) -> None:
    """Others' bases and charts are nobody's fault here; a patch that is missing may change any object."""
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    files = {"overlays/production/shop.yaml": POD, "overlays/production/kustomization.yaml": f"{head}{more}\n"}
    (environment,) = DeployRepo(Repository.of(files)).environments
    found = environment.rendering
    assert [str(node.at("kind")) for node in found.objects] == ["Deployment"]
    assert (found.whole, found.final, found.problem is not None) == (whole, final, told)


@pytest.mark.parametrize(
    ("directory", "listed", "found"),
    [
        ("base", "", ["base"]),
        ("apps/base/shop", "", ["apps/base/shop"]),
        ("base", "../../base", ["overlays/production"]),
        ("base", "../../base/shop.yaml", ["overlays/production"]),
        ("components/shop", "", []),
    ],
)
def test_a_base_that_no_overlay_lists_is_an_environment(directory: str, listed: str, found: list[str]) -> None:
    """It is applied as it is."""
    files = {f"{directory}/kustomization.yaml": "resources: [shop.yaml]\n", f"{directory}/shop.yaml": POD}
    if listed:
        files["overlays/production/kustomization.yaml"] = f"resources: [{listed}]\n"
    assert [each.directory for each in DeployRepo(Repository.of(files)).environments] == found


@pytest.mark.parametrize(
    ("path", "tag", "found"),
    [
        ("prod/shop.yaml", "1.4.2", ["TAG001"]),
        ("production/shop/deployment.yaml", "89b84cf", ["TAG001"]),
        ("staging/shop.yaml", "v1.4", ["TAG002"]),
        ("prod/shop.yaml", "v1.4.2", []),
        ("prod/shop.yaml", "latest", []),
        ("dev/shop.yaml", "89b84cf", []),
        ("apps/shop.yaml", "89b84cf", []),
    ],
)
def test_plain_manifests_are_of_the_environment_that_their_folder_names(path: str, tag: str, found: list[str]) -> None:
    """A tag that moves is left to IMG007 there."""
    repo = DeployRepo(Repository.of({path: POD.replace("shop:v1", f"shop:{tag}")}))
    assert [rule for rule, judge in judges(["TAG001", "TAG002"]).items() if list(judge(repo))] == found


FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\n"
ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n"


@pytest.mark.parametrize(
    ("applied", "complete"),
    [
        (FLUX + "spec: {path: ./apps/shop}\n", True),
        (FLUX + "spec: {path: ./apps/shop, patches: [{patch: '{}'}]}\n", False),
        (FLUX + "spec: {path: ./apps/shop, patches: [{patch: '{}', target: {kind: Kustomization}}]}\n", True),
        (FLUX + "spec: {path: ./apps/other, patches: [{patch: '{}'}]}\n", True),
        (ARGO + "spec: {source: {path: apps/shop, kustomize: {components: [../limits]}}}\n", False),
        (ARGO + "spec: {source: {path: apps/shop, kustomize: {images: [a=b:v1]}}}\n", True),
    ],
)
@pytest.mark.parametrize("rendered", [True, False])
def test_what_is_patched_where_it_is_applied_is_not_complete(applied: str, complete: bool, rendered: bool) -> None:
    """Nothing can be said to be missing."""
    files = {"apps/shop/shop.yaml": POD, "clusters/shop.yaml": applied}
    files |= {"apps/shop/kustomization.yaml": "resources: [shop.yaml]\n"} if rendered else {}
    found = [each for each in DeployRepo(Repository.of(files)).objects if str(each.node.at("kind")) == "Deployment"]
    assert [each.complete for each in found] == [complete]
