"""Small edits that make prose untrue, each of which has to be noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apparch.catalogue import Language
from apparch.pages.promised.bound.check import Checker
from apparch.pages.promised.bound.product import Product
from apparch.pages.written.site import Site, load_site

ROOT = Path(__file__).parents[4]
APP, MAIN, DEPLOY = "arch/k8s_app_architecture", "arch/k8s_architecture", "arch/k8s_sub_architecture"

pytestmark = pytest.mark.xdist_group("bound")

# Each row: the page, then what stands there and what it becomes, in each language that is edited.
UNTRUE: dict[str, tuple[str, dict[Language, tuple[str, str]]]] = {
    "a default": (
        APP,
        {
            "ko": ("`DRAIN_SECONDS` | 5초", "`DRAIN_SECONDS` | 6초"),
            "en": ("`DRAIN_SECONDS` | 5 s", "`DRAIN_SECONDS` | 6 s"),
        },
    ),
    "a default in one language": (APP, {"ko": ("`REQUEST_SECONDS` | 10초", "`REQUEST_SECONDS` | 12초")}),
    "a sum": (APP, {"ko": ("| — | 30초", "| — | 35초"), "en": ("| — | 30 s", "| — | 35 s")}),
    "a count": (APP, {"ko": ("열한 영역", "열두 영역"), "en": ("Eleven areas", "Twelve areas")}),
    "a measured figure": (APP, {"ko": ("3.6초", "3.8초"), "en": ("3.6 seconds", "3.8 seconds")}),
    "a metric": (
        DEPLOY,
        {
            "ko": ("`http_requests_total`", "`http_request_total`"),
            "en": ("`http_requests_total`", "`http_request_total`"),
        },
    ),
    "a path": (
        DEPLOY,
        {
            "ko": ("`k8s/components/storage/`", "`k8s/component/storage/`"),
            "en": ("`k8s/components/storage/`", "`k8s/component/storage/`"),
        },
    ),
    "a path in one language": (APP, {"en": ("`_shared/monitoring/`", "`_shared/scripts/`")}),
    "a threshold": (DEPLOY, {"ko": ("5%", "10%"), "en": ("5 %", "10 %")}),
    "a time of an alert": (DEPLOY, {"ko": ("5분 동안", "10분 동안"), "en": ("five minutes", "ten minutes")}),
    "a section": (
        DEPLOY,
        {
            "ko": ("[[k8s_app_architecture.md]] 5.3", "[[k8s_app_architecture.md]] 5.4"),
            "en": ("[[k8s_app_architecture.md]] 5.3", "[[k8s_app_architecture.md]] 5.4"),
        },
    ),
    "a command": (
        MAIN,
        {
            "ko": ("`kubectl logs -f ", "`kubectl log -f "),
            "en": ("`kubectl logs -f ", "`kubectl log -f "),
        },
    ),
    "an exit code": ("reference/contract", {"ko": ("| 2 |", "| 4 |"), "en": ("| 2 |", "| 4 |")}),
    "a port": (APP, {"ko": ("`EXPOSE 8080`", "`EXPOSE 8000`"), "en": ("`EXPOSE 8080`", "`EXPOSE 8000`")}),
    "a tag": (APP, {"ko": ("`v1.2.3-rc.1`", "`v1.2.3-beta1`"), "en": ("`v1.2.3-rc.1`", "`v1.2.3-beta1`")}),
    "replicas": (
        DEPLOY,
        {"ko": ("`prj-01-prod`에 replicas 3", "`prj-01-prod`에 replicas 4"), "en": ("3 replicas", "4 replicas")},
    ),
    "a probe's path": (
        APP,
        {
            "ko": ("livenessProbe | `/health/live`", "livenessProbe | `/health/ready`"),
            "en": ("livenessProbe | `/health/live`", "livenessProbe | `/health/ready`"),
        },
    ),
    "a file that begins another row": (
        DEPLOY,
        {
            "ko": ("| `bump-tag.yml` |", "| `deploy-staging.yml` |"),
            "en": ("| `bump-tag.yml` |", "| `deploy-staging.yml` |"),
        },
    ),
    "a signal in one language": ("start/figures", {"en": ("no SIGKILL falls", "no SIGTERM falls")}),
    "a part of a version": (APP, {"en": ("one made required | major", "one made required | minor")}),
    "an order": (
        DEPLOY,
        {
            "ko": ("설정, 마이그레이션, 앱의", "설정, 앱, 마이그레이션의"),
            "en": ("settings, then the migration, then the app", "settings, then the app, then the migration"),
        },
    ),
    "a subcommand": (
        DEPLOY,
        {
            "ko": ("`kustomize edit set image`", "`kustomize set image`"),
            "en": ("`kustomize edit set image`", "`kustomize set image`"),
        },
    ),
    "an edition": ("start/execution", {"ko": ("3.0.0으로", "2.0.0으로"), "en": ("to 3.0.0", "to 2.0.0")}),
    "situations": ("start/figures", {"ko": ("아홉 상황", "여덟 상황"), "en": ("nine situations", "eight situations")}),
}


@pytest.fixture(scope="module")
def site() -> Site:
    """The project's site."""
    return load_site(ROOT)


@pytest.fixture(scope="module")
def product() -> Product:
    """What the project's repositories have."""
    return Product(ROOT)


@pytest.mark.parametrize(("name", "edits"), UNTRUE.values(), ids=UNTRUE)
def test_an_untrue_edit_is_noticed(
    site: Site, product: Product, name: str, edits: dict[Language, tuple[str, str]]
) -> None:
    """The text is right before the edit and wrong after it."""
    pages = []
    for page in site.pages:
        before, after = edits.get(page.language, ("", "")) if page.name == name else ("", "")
        assert before in page.text, f"{before} is no longer on {page.file}; edit what is"
        pages.append(replace(page, text=page.text.replace(before, after)) if before else page)

    assert Checker(replace(site, pages=tuple(pages)), product).faults(name)
