"""The command line of `./dev cluster-proof`: checks a real cluster, and prints what it confirms."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from types import FrameType

from tests.cluster.proof.model import Check, Outcome, Result, checks
from tests.cluster.proof.run import Failure, Kubectl, own_namespace, perform

IMAGE = "busybox:1"
_ABOUT = """\
Confirms on a real cluster what the project's tests have only a stand-in for. It works in a namespace that it makes and
deletes, asks nothing of any other context, and needs kubectl and an image with a shell."""


def main(arguments: list[str] | None = None) -> int:
    """0 where nothing failed, 1 where a check did, 2 where none could be done, 130 after Ctrl-C."""
    asked = _parser().parse_args(arguments)
    if asked.list:
        print("\n".join(f"{each.id:24}{each.texts[asked.language]}" for each in checks()))
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _summary(_performed(_kubectl(asked.kubectl, asked.context), asked))
    except Failure as failure:
        print(f"cluster-proof: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        _say("interrupted; what was made is deleted")
        return 130


def _performed(kubectl: Kubectl, asked: argparse.Namespace) -> list[Result]:
    chosen = _chosen(asked.only, asked.skip)
    results: list[Result] = []
    with own_namespace(kubectl, _say) as inside:
        _say(f"{len(chosen)} checks in {asked.context}, namespace {inside.namespace}, image {asked.image}")
        for check in chosen:
            result = perform(inside, check, asked.image, asked.language)
            results.append(result)
            _print(result, asked.language)
    return results


def _kubectl(named: str, context: str) -> Kubectl:
    """kubectl for the context; raises Failure where there is none, or no such context."""
    program = shutil.which(named)
    if program is None:
        raise Failure(f"{named} is not on the path; install kubectl or name it with --kubectl")
    kubectl = Kubectl(program, context)
    if kubectl("config", "get-contexts", context, "-o", "name").text != context:
        raise Failure(f"there is no context {context}; kubectl config get-contexts lists those there are")
    return kubectl


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev cluster-proof", description=_ABOUT)
    parser.add_argument("context", metavar="CONTEXT", help="the context of the cluster, in your kubeconfig")
    parser.add_argument("--image", default=IMAGE, help=f"an image with sh and sleep ({IMAGE})")
    parser.add_argument("--only", nargs="+", default=[], metavar="CHECK", help="only these checks")
    parser.add_argument("--skip", nargs="+", default=[], metavar="CHECK", help="all but these checks")
    parser.add_argument("--language", choices=("ko", "en"), default="en", help="the language of the table (en)")
    parser.add_argument("--kubectl", default="kubectl", help="the kubectl to use (the one on the path)")
    parser.add_argument("--list", action="store_true", help="list the checks and do nothing")
    return parser


def _chosen(only: list[str], skip: list[str]) -> list[Check]:
    every = checks()
    unknown = sorted({*only, *skip} - {each.id for each in every})
    if unknown:
        raise Failure(f"there is no check {', '.join(unknown)}; --list shows those there are")
    return [each for each in every if (not only or each.id in only) and each.id not in skip]


def _print(result: Result, language: str) -> None:
    print(f"{result.outcome:<12}{result.check.id:<24}{result.check.texts[language]}", flush=True)
    if result.why:
        print(f"{'':<12}{result.why}", flush=True)


def _summary(results: list[Result]) -> int:
    counts = {outcome: sum(each.outcome is outcome for each in results) for outcome in Outcome}
    print(
        f"\n{counts[Outcome.PASSED]} passed, {counts[Outcome.FAILED]} failed, {counts[Outcome.NOT_TESTED]} not tested",
        flush=True,
    )
    return 1 if counts[Outcome.FAILED] else 0


def _say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
