"""What a file is there for, by where it stands: a test, an example and a vendored copy are not the product."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from apparch.repository.path_names import ending, name

Role = Literal["product", "test", "docs", "example", "template", "vendored", "generated", "development", "ci"]

_FOLDERS: tuple[tuple[Role, frozenset[str]], ...] = (
    (
        "vendored",
        frozenset(
            {"vendor", "vendored", "third_party", "third-party", "thirdparty", "node_modules", "bower_components"}
        ),
    ),
    ("generated", frozenset({"dist", "__generated__", "generated", "gen", "_build", ".next"})),
    (
        "test",
        frozenset(
            {
                "test",
                "tests",
                "testing",
                "testdata",
                "test-data",
                "test_data",
                "fixtures",
                "__fixtures__",
                "__snapshots__",
                "cassettes",
                "__tests__",
                "qa",
                "fuzz",
            }
        )
        | frozenset({"testonly", "e2e", "integration-tests", "integration_tests", "__mocks__", "mocks", "cypress"})
        | frozenset(
            {"benchmarks", "benchmark", "bench", "testutil", "testutils", "test-utils", "conformance", "src-test"}
        ),
    ),
    ("docs", frozenset({"doc", "docs", "man", "documentation", "website", "mkdocs", "site", "adr", "adrs", "rfcs"})),
    (
        "example",
        frozenset({"example", "examples", "contrib", "sample", "samples", "demo", "demos", "tutorial", "tutorials"}),
    ),
    ("template", frozenset({"template", "templates", "cookiecutter", "skeleton", "scaffold", "scaffolds"})),
    ("development", frozenset({".devcontainer", ".vscode", ".idea", ".vagrant", "devcontainer", ".gitpod"})),
    ("ci", frozenset({".github", ".circleci", ".gitlab", ".buildkite", ".tekton", ".woodpecker", ".azure-pipelines"})),
)
_TEST_FOLDER = re.compile(
    r"tests?[-_.].+|.+[-_.]tests?([-_.].+)?|(fs|http|io|db|sql|api|func|unit|smoke|load|system|integration|acceptance)tests?"
    r"|test(server|lib|suite|app|helper|infra|bed)s?"
)
"""What a folder of tests, or of what tests are run with, is called besides."""
_TEST_FILE = re.compile(
    r"(^test_.*|.*_test(_(lib|libs|utils?|helpers?|base|case|data))?|^conftest|.*[.](test|spec|e2e|stories|mock)|.*(Test|Tests|IT|Spec)|.*_spec|(.*_)?(fakes?|mocks?)|(fake|mock)_.*|.*testutils?\w*|.*testcases?|(.*_)?e2e)[.][A-Za-z]+$"
)
_DESCRIPTION = re.compile(r".*[.](ya?ml|json|proto|graphql|raml|xsd|wsdl|avsc|thrift|md|adoc|tsp)", re.IGNORECASE)
"""What a folder called spec holds besides tests: what an API looks like."""
_TEST_ENDINGS = frozenset(
    {".py", ".go", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".java", ".kt", ".rb", ".rs"}
) | {
    ".scala",
    ".cs",
    ".php",
    ".ex",
    ".exs",
    ".swift",
}
_GENERATED_FILE = re.compile(
    r".*([.]pb[.]go|_pb2(_grpc)?[.]pyi?|[.]min[.](js|css)|[.]generated[.]\w+|_generated[.]\w+)"
    r"|.*([.](bundle|chunk)|-[0-9]+[.][0-9]+([.][0-9]+)?)[.]m?js|(jquery|bootstrap|angular|vue|react|d3|lodash)[.]m?js"
)
_CI_FILE = re.compile(r"^([.]gitlab-ci[.]ya?ml|[.]travis[.]yml|azure-pipelines[.]ya?ml|Jenkinsfile|[.]drone[.]ya?ml)$")
_DOCS_FOLDER = re.compile(
    r"docs?[-_](site|web|website|src|source|ng|next|old|v[0-9]+)|(api|user|dev|admin)[-_]docs?|[.](vitepress|vuepress|docusaurus|storybook)"
)
_DOCS_FILE = re.compile(r".*[.](md|mdx|rst|adoc|txt|markdown)$", re.IGNORECASE)
_TEMPLATE_FOLDER = re.compile(r".+[-_]templates?")
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|\{%.*%\}|__\w+__[.](?!pyi?$)\w+$")


@lru_cache(maxsize=50_000)
def role(path: str) -> Role:
    """The role of a file, by its path alone; what nothing tells apart is the product."""
    last = name(path)
    folders = path.lower().split("/")[:-1]
    if any(map(_PLACEHOLDER.search, path.split("/"))) or any(map(_TEMPLATE_FOLDER.fullmatch, folders)):
        return "template"
    for found, known in _FOLDERS:
        if known.intersection(folders) and not _is_code_of_product(found, folders):
            return found
    if _is_test(last, folders):
        return "test"
    if _GENERATED_FILE.fullmatch(last):
        return "generated"
    if _CI_FILE.fullmatch(last):
        return "ci"
    return "docs" if _DOCS_FILE.fullmatch(last) or any(map(_DOCS_FOLDER.fullmatch, folders)) else "product"


def is_product(path: str) -> bool:
    """Whether a file becomes part of what is run: no test, example, document, template, copy or convenience."""
    return role(path) == "product"


def _is_test(last: str, folders: list[str]) -> bool:
    plain = last == "tests.py" or (not folders and re.fullmatch(r"tests?[.]\w+", last) is not None)
    is_command = bool({"commands", "cmd"} & set(folders)) and last.startswith("test_")
    named = ending(last) in _TEST_ENDINGS and (plain or _TEST_FILE.fullmatch(last)) and not is_command
    described = {"spec", "specs"} & set(folders) and (ending(last) in (".rb", ".erl") or "spec" in last.lower())
    at_root = folders[:1] in (["integration"], ["functional"], ["stress"])
    at_root = at_root or (folders[:1] in (["spec"], ["specs"]) and not _DESCRIPTION.fullmatch(last))
    return bool(named or described) or at_root or any(_TEST_FOLDER.fullmatch(each) for each in folders)


def _is_code_of_product(name: Role, folders: list[str]) -> bool:
    """`src/app/templates` are pages that an app serves, `src/main/.../build` a package: code like any other."""
    if name == "template":
        return folders[0] in ("src", "app", "lib", "web", "internal", "cmd", "pkg", "resources") or "charts" in folders
    if name in ("generated", "docs", "example"):
        return "src" in folders[:2] and folders[0] not in ("docs", "doc", "website", "examples", "samples")
    return False
