"""What the commands of strangers are taken for."""

from __future__ import annotations

import pytest

from apparch.app.meanings import meanings
from apparch.repository import Repository
from apparch.repository.programs import program
from apparch.repository.shell import parse_commands

PACKAGE = '{"scripts": {"check": "eslint . && vitest run", "start": "node server.js"}}'
COMMANDS: dict[str, set[str]] = {
    "./scripts/test": {"test"},
    "test -f setup.py": set(),
    "pdm run test": {"test"},
    "script/cibuild": {"test"},
    "bazelisk test //...": {"test"},
    "nix flake check": {"test", "lint"},
    "meson test -C build": {"test"},
    "ninja -C build test": {"test"},
    "cmake --build build --target test": {"test"},
    "cargo +nightly test --all": {"test"},
    "cargo llvm-cov --all": {"test"},
    "npx nx run-many --target=test": {"test"},
    "zig build test": {"test"},
    "bundle exec rake": {"test"},
    "rebar3 ct": {"test"},
    "stack test": {"test"},
    "cabal test all": {"test"},
    "opam exec -- dune runtest": {"test"},
    "clojure -X:test": {"test"},
    "R CMD check .": {"test"},
    "julia --project -e 'using Pkg; Pkg.test()'": {"test"},
    "prove -r t": {"test"},
    "richgo test ./...": {"test"},
    "dart test": {"test"},
    "npm run cover": {"test"},
    "crystal spec": {"test"},
    "make integration": {"test"},
    "make all": set(),
    "tox -e py,lint": {"test", "lint"},
    "shellcheck run.sh": {"lint"},
    "clang-format --dry-run -Werror main.c": {"lint"},
    "sbt scalafmtCheckAll": {"lint"},
    "luacheck .": {"lint"},
    "php -l index.php": {"lint"},
    "php index.php": set(),
    "kubectl -n shop rollout status deployment/shop": set(),
    "kubectl wait --for=condition=ready pod -l app=shop": set(),
    "helm template shop ./chart": set(),
    "helm dependency update ./chart": set(),
    "python -m pytest tests/unit": {"test"},
    "uv run --frozen pytest": {"test"},
    "coverage run --source=app manage.py test": {"test"},
    "go test ./...": {"test"},
    "./gradlew build -x test": {"lint"},
    "mvn -B verify -DskipTests": {"lint"},
    "bundle exec rspec": {"test"},
    "bin/rails db:test:prepare test test:system": {"test"},
    "bin/rails db:prepare": set(),
    "php artisan test --parallel": {"test"},
    "npx --no-install eslint .": {"lint"},
    "pnpm exec vitest run": {"test"},
    "pnpm turbo run lint test": {"lint", "test"},
    "docker compose run --rm app pytest": {"test"},
    "make lint": {"lint"},
    "npm run check": {"lint", "test"},
    "npm start": set(),
    "pip install pytest mypy": set(),
    "apt-get install -y shellcheck": set(),
    "echo run pytest": set(),
    "ruff check .": {"lint"},
    "mypy src": {"types"},
    "docker build -t app .": {"build"},
    "docker buildx build --push -t ghcr.io/org/app:v1.2.3 .": {"build", "push"},
    "docker push localhost:5000/app": set(),
    "podman push ghcr.io/org/app:v1.2.3": {"push"},
    "ko build --local ./cmd/app": {"build"},
    "./mvnw jib:build": {"build", "push"},
    "./gradlew jibDockerBuild": {"build"},
    "gh release create v1.2.3 --notes-file NOTES.md": {"release"},
    "gh release create v1.2.3 dist/app.tar.gz": {"publish", "release"},
    "npm publish --dry-run": set(),
    "kubectl apply -k overlays/production": {"deploy"},
    "kubectl --namespace app apply -f app.yaml": {"deploy"},
    "kubectl apply --dry-run=server -f app.yaml": set(),
    "kubectl get pods": set(),
    "kind create cluster --name app": {"cluster"},
    "kubectl --context kind-app apply -f app.yaml": {"cluster"},
    "terraform plan": set(),
    "terraform apply -auto-approve": {"deploy"},
    "ssh deploy@app.example.com systemctl restart app": {"deploy"},
    "ssh -T git@github.com": set(),
    "rsync -a dist/ deploy@app.example.com:/srv/app/": {"deploy"},
    "rsync -a dist/ out/": set(),
}


@pytest.mark.parametrize(("line", "expected"), COMMANDS.items(), ids=COMMANDS)
def test_a_command_is_taken_for_what_it_does(line: str, expected: set[str]) -> None:
    """Nothing more and nothing less."""
    (command,) = parse_commands(line)
    assert meanings(program(command.words), Repository.of({"package.json": PACKAGE})) == expected
