"""How each rule about image, workflows and build scripts is judged from the files alone, before anything runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.release.dockerfile import Stage, ignored, stages
from tests.release.triggers import load

Files = Mapping[str, str]
Judge = Callable[[Files], list[str]]

JUDGES: dict[str, list[Judge]] = {}
DOCKERFILE = "docker/Dockerfile"
WORKFLOWS = ".github/workflows/"
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY", re.IGNORECASE)
SECRET_MOUNT = re.compile(r"--mount=type=secret,\S*?(?:dst|target|destination)=([^\s,]+)|(/run/secrets/\w+)")
DEPLOYING = re.compile(r"\b(kubectl|helm|kustomize|argocd|flux|terraform|ansible|ssh|scp|rsync)\b")
STAYS_OUT = (
    ".env", ".git/config", "config/.env.production", "src/app/.env.local",
    "src/app/main.pyc", "src/app/__pycache__/notes",
    "tests/unit/test_health.py", "src/app/tests/test_x.py", "src/app.egg-info/PKG-INFO", ".venv/bin/python",
)  # fmt: skip
GOES_IN = ("requirements.txt", "src/app/main.py", "migrations/versions/0001.py", "docker/build-requirements.txt")


def judge(*rules: str) -> Callable[[Judge], Judge]:
    """Enter a judge under the rules that it judges."""

    def enter(function: Judge) -> Judge:
        for rule in rules:
            JUDGES.setdefault(rule, []).append(function)
        return function

    return enter


def verdict(rule: str, files: Files) -> list[str]:
    """What the judges of a rule have against the files; a file that cannot be read is a finding, too."""
    try:
        return [complaint for function in JUDGES[rule] for complaint in function(files)]
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        return [f"cannot be judged: {error!r}"]


def workflows(files: Files) -> dict[str, Any]:
    """The workflows by file name without ending."""
    found = {path: text for path, text in files.items() if path.startswith(WORKFLOWS)}
    return {path.removeprefix(WORKFLOWS).rpartition(".")[0]: load(text) for path, text in found.items()}


def jobs(files: Files) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Workflow, job and content of every job."""
    for name, workflow in workflows(files).items():
        for identity, job in workflow["jobs"].items():
            yield name, identity, job


def steps(files: Files) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where it stands, and content, of every step."""
    for name, identity, job in jobs(files):
        for step in job.get("steps", []):
            yield f"{name}/{identity}", step


def builds(files: Files) -> list[tuple[str, Mapping[str, Any]]]:
    """Where it stands, and the inputs, of every image build."""
    return [(place, step.get("with", {})) for place, step in steps(files) if is_build(step)]


def is_build(step: Mapping[str, Any]) -> bool:
    """Whether a step builds an image."""
    return str(step.get("uses", "")).startswith("docker/build-push-action@")


def is_checkout(step: Mapping[str, Any]) -> bool:
    """Whether a step checks a repository out."""
    return str(step.get("uses", "")).startswith("actions/checkout@")


def pushes(inputs: Mapping[str, Any]) -> bool:
    """Whether an image build sends what it built to a registry, by `push` or by where its output goes."""
    outputs = re.sub(r"\s", "", str(inputs.get("outputs", "")))
    return inputs.get("push", False) is not False or "type=registry" in outputs or "push=true" in outputs


def final(files: Files) -> Stage:
    """The stage that becomes the image."""
    return stages(files[DOCKERFILE])[-1]


@judge("IMG001")
def publishes_to_ghcr(files: Files) -> list[str]:
    """The registry that is logged in to and pushed to is ghcr.io, under the repository's own name."""
    given = [(p, s.get("with", {}).get("registry")) for p, s in steps(files) if "login-action" in s.get("uses", "")]
    given += [(f"{w}/{j}", job["env"]["REGISTRY"]) for w, j, job in jobs(files) if "REGISTRY" in job.get("env", {})]
    named = 'f"{registry.host}/{registry.repository}:{tag}"' in files["docker/plan.py"]
    wrong = [f"{place}: {registry}" for place, registry in given if registry != "ghcr.io"]
    return wrong + ([] if named and given else ["the reference is not registry/repository:tag"])


@judge("IMG004", "IMG006")
def tags_come_from_the_script(files: Files) -> list[str]:
    """A push takes its one tag from the plan, and nothing names a moving tag."""
    pushed = [inputs.get("tags") for _, inputs in builds(files) if inputs.get("push") is not False]
    wrong = [f"pushes {tags}" for tags in pushed if tags != "${{ steps.plan.outputs.reference }}"]
    names = [path for path, text in files.items() if re.search(r"\blatest\b|:main\b|strftime|date \+", text)]
    actions = [place for place, step in steps(files) if "metadata-action" in step.get("uses", "")]
    return wrong + names + actions


@judge("IMG011")
def builds_repeat(files: Files) -> list[str]:
    """Everything that enters a layer is pinned, without pip's bytecode and with a fixed clock."""
    lines = re.sub(r"\\\n", " ", files[DOCKERFILE])
    installs = re.findall(r"pip (?:--python \S+ )?install [^&\n]*", lines)
    wrong = [line for line in installs if "--no-compile" not in line]
    wrong += [line for line in installs if "--require-hashes" not in line and "--no-index" not in line]
    wrong += ["no SOURCE_DATE_EPOCH"] if "ARG SOURCE_DATE_EPOCH=" not in lines else []
    pushed = [inputs for _, inputs in builds(files) if inputs.get("push") is not False]
    wrong += (
        ["layers keep the clock"] if any("rewrite-timestamp=true" not in i.get("outputs", "") for i in pushed) else []
    )
    bare = [line for line in re.findall(r"pip wheel [^&\n]*", lines) if "--no-build-isolation" not in line]
    return wrong + bare + (["apt-get"] if "apt-get" in lines else [])


@judge("IMG017")
def bytecode_is_made(files: Files) -> list[str]:
    """Of the interpreter, the dependencies and the app, each in the way that no build and no start can tell apart."""
    made = re.findall(r"-m compileall [^&\n]*", re.sub(r"\\\n", " ", files[DOCKERFILE]))
    wrong = [line for line in made if "--invalidation-mode unchecked-hash" not in line]
    places = ("/usr/local/lib/", "/opt/venv/", "/opt/app")
    return wrong + [f"{place} has none" for place in places if not any(place in line for line in made)]


@judge("DIR012")
def the_context_is_the_root(files: Files) -> list[str]:
    """The builder reads the .dockerignore of the root: every context is the root, and no file comes before that one."""
    hiding = [path for path in files if path.endswith(".dockerignore") and path != ".dockerignore"]
    return hiding + [place for place, inputs in builds(files) if inputs.get("context") != "."]


@judge("IMG012", "DIR012")
def context_is_clean(files: Files) -> list[str]:
    """.dockerignore is at the root, keeps out what has no business in an image, and lets the rest in."""
    rules = files.get(".dockerignore", "")
    wrong = [f"{path} enters the image" for path in STAYS_OUT if not ignored(rules, path)]
    wrong += [f"{path} stays out of the image" for path in GOES_IN if ignored(rules, path)]
    return wrong + [path for path in files if path.endswith("/.dockerignore")]


@judge("IMG013")
def runs_as_nobody(files: Files) -> list[str]:
    """The last USER is a number above 999, which Kubernetes can check without reading a file."""
    users = final(files).all("USER")
    user = re.fullmatch(r"(\d+):(\d+)", users[-1]) if users else None
    return [] if user and min(int(user[1]), int(user[2])) > 999 else [f"USER {users}"]


@judge("IMG014")
def starts_in_exec_form(files: Files) -> list[str]:
    """ENTRYPOINT and CMD, JSON arrays both, are together the program itself, with no shell before it."""
    stage = final(files)
    given = [texts[-1] for texts in (stage.all("ENTRYPOINT"), stage.all("CMD")) if texts]
    try:
        command = [word for text in given for word in json.loads(text)]
    except ValueError:
        return [f"shell form: {' '.join(given)}"]
    return [] if command == ["python", "-m", "app"] else [str(command)]


@judge("IMG015")
def bases_are_pinned(files: Files) -> list[str]:
    """Every image from outside is named by digest."""
    found = stages(files[DOCKERFILE])
    own = {stage.name for stage in found}
    outside = [stage.image for stage in found]
    outside += [name for stage in found for copy in stage.all("COPY") for name in re.findall(r"--from=(\S+)", copy)]
    return [image for image in outside if image not in own and not re.search(r"@sha256:[0-9a-f]{64}$", image)]


@judge("IMG016")
def no_secret_is_baked_in(files: Files) -> list[str]:
    """No ARG, ENV, LABEL or build argument carries a secret, and no RUN keeps a copy of one that is mounted."""
    baked = [
        f"{word} {arguments}"
        for stage in stages(files[DOCKERFILE])
        for word, arguments in stage.instructions
        if word in ("ARG", "ENV", "LABEL") and SECRET_NAME.search(arguments)
    ]
    commands = [line for stage in stages(files[DOCKERFILE]) for line in stage.all("RUN")]
    kept = [line for line in commands for mounted in SECRET_MOUNT.findall(line) if _copies(line, mounted)]
    passed = [str(i.get("build-args", "")) for _, i in builds(files)]
    return baked + kept + [argument for argument in passed if "secrets." in argument or SECRET_NAME.search(argument)]


def _copies(command: str, mounted: tuple[str, ...]) -> bool:
    """Whether a shell command writes what is mounted to another file."""
    file = re.escape("".join(mounted))
    return bool(re.search(rf"\b(?:cp|mv|install|tar|tee)\b[^;&|]*{file}|{file}[^;&]*>", command))


@judge("NET001")
def exposes_the_service_port(files: Files) -> list[str]:
    """The image says which port it serves: the one of SERVICE_PORT's default."""
    return [] if final(files).all("EXPOSE") == ["8080"] else [f"EXPOSE {final(files).all('EXPOSE')}"]


@judge("OWN013")
def defines_no_volume(files: Files) -> list[str]:
    """What is stored where is not the image's to say."""
    return [volume for stage in stages(files[DOCKERFILE]) for volume in stage.all("VOLUME")]


@judge("OWN021")
def the_image_holds_what_it_looks_for(files: Files) -> list[str]:
    """Where PATH and PYTHONPATH lead, the last stage has put something; source and revisions are in what it takes."""
    found = {stage.name: stage for stage in stages(files[DOCKERFILE])}
    last = final(files)
    environment = " ".join([*found.get(last.image, last).all("ENV"), *last.all("ENV")])
    sought = set(re.findall(r"/opt/\w+", environment))
    wrong = [f"{path} is empty" for path in sorted(sought) if not any(c.split()[-1] == path for c in last.all("COPY"))]
    used = [found[name] for copy in last.all("COPY") for name in re.findall(r"--from=(\S+)", copy) if name in found]
    taken = {source.strip("./") for stage in used for copy in stage.all("COPY") for source in copy.split()[:-1]}
    return wrong + [f"{part}/ is left out" for part in ("src", "migrations") if part not in taken]


@judge("DIR002", "DIR007")
def builds_the_one_dockerfile(files: Files) -> list[str]:
    """Pull requests and main build the same target of docker/Dockerfile from the same context."""
    wanted = {"context": ".", "file": DOCKERFILE, "target": "runtime"}
    wrong = [place for place, inputs in builds(files) if {key: inputs.get(key) for key in wanted} != wanted]
    return wrong + ([] if DOCKERFILE in files else ["docker/Dockerfile is missing"])


@judge("DIR007")
def nothing_changes_what_is_built(files: Files) -> list[str]:
    """No step of CI touches the Dockerfile, and no argument that a build is given leads to other contents."""
    wrong = [f"{place} runs {step['run']}" for place, step in steps(files) if "Dockerfile" in str(step.get("run"))]
    given = {
        line.partition("=")[0].strip()
        for _, inputs in builds(files)
        for line in str(inputs.get("build-args", "")).splitlines()
    }
    used = [
        f"{word} {arguments}"
        for stage in stages(files[DOCKERFILE])
        for word, arguments in stage.instructions
        if word not in ("ARG", "LABEL") and given & set(re.findall(r"\$\{?(\w+)", arguments))
    ]
    return wrong + used


@judge("DIR007")
def developers_build_the_same(files: Files) -> list[str]:
    """Whatever tells a developer how to build the image names docker/Dockerfile and one of its targets."""
    targets = "|".join(stage.name for stage in stages(files[DOCKERFILE]))
    same = re.compile(rf"build --file {DOCKERFILE} --target (?:{targets}) \.(?=[`\s]|$)")
    said = [
        (path, match[0])
        for path, text in files.items()
        if path.startswith(("README.md", "docs/", "scripts/"))
        for match in re.finditer(r"\b(?:docker|podman|buildah|buildx) (?:build|bud)\b[^`\n]*[`\n]?", text)
    ]
    wrong = [f"{path}: {command}" for path, command in said if not same.search(command)]
    return wrong + ([] if said else ["nothing says how the image is built"])


@judge("DIR003")
def docker_holds_build_files(files: Files) -> list[str]:
    """docker/ holds the Dockerfile, build scripts and what they are pinned to."""
    allowed = re.compile(r"docker/(Dockerfile|entrypoint\.sh|[a-z_]+\.(py|sh)|[a-z-]*requirements\.txt)")
    strange = [path for path in files if path.startswith("docker/") and not allowed.fullmatch(path)]
    deploys = [path for path, text in files.items() if path.startswith("docker/") and DEPLOYING.search(text)]
    return strange + deploys


@judge("DIR014")
def one_dockerfile_serves_all(files: Files) -> list[str]:
    """There is one Dockerfile; development is a target in it, and the image that ships is the last one."""
    names = [stage.name for stage in stages(files[DOCKERFILE])]
    wrong = [
        path for path in files if re.search(r"(?i)(docker|container)file(?!.*ignore$)", path) and path != DOCKERFILE
    ]
    return wrong + ([] if "dev" in names[:-1] and names[-1:] == ["runtime"] else [f"stages {names}"])
