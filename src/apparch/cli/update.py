"""`apparch update`: brings a repository to a newer version of its template, or says what it lacks."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apparch.cli.exit_codes import AGREE, CONFLICT, FINDINGS
from apparch.cli.options import add_debug, add_language, folder

if TYPE_CHECKING:
    from apparch.catalogue.model import Language
    from apparch.template.standing import Standing
    from apparch.template.update import Updated

CODES = "Exit codes: 0 done or as new, 1 --check found something to do, 2 the call is wrong, 3 the tool itself failed, "
CODES += "4 the repository changed the same lines, and nothing was changed."
STATES = {
    "current": {"ko": "{old}: 가장 새 버전이다", "en": "{old} is the newest version"},
    "ahead": {
        "ko": "{old}: 여기 있는 템플릿의 {new}보다 새롭다. apparch를 올린다",
        "en": "{old} is newer than {new}, the template here; install a newer apparch",
    },
    "behind": {"ko": "{old} -> {new}", "en": "{old} -> {new}"},
}
NOTHING_MORE = {"ko": "이 종류의 레포에는 바뀌는 것이 없다", "en": "nothing changes for this kind of repository"}
DECLINED = {"ko": "사양함: {reason}", "en": "declined: {reason}"}
NEXT = {"ko": "git diff로 확인하고 커밋한다.", "en": "Look at it with git diff, then commit it."}
CHANGED, KEPT = {"ko": "바꿈", "en": "changed"}, {"ko": "그대로 둠", "en": "kept"}
MEETS = {
    "ko": "{to}의 변경이 이 레포가 고친 줄과 겹친다. {outcome}",
    "en": "{to} changes lines that this repository changed; {outcome}",
}
UNTOUCHED = {"ko": "아무것도 바꾸지 않았다", "en": "nothing was changed"}
MARKED = {"ko": "겹친 줄에 표시를 남겼다", "en": "they stand between markers"}
WAYS = {
    "ko": "--markers로 두 쪽을 나란히 남겨 고르거나, config/apparch.yaml의 diverges에 파일, 이유, 기한을 적는다.",
    "en": "Let --markers write both sides into the files and choose, or declare the file under diverges in "
    "config/apparch.yaml, with a reason and a day.",
}


def add_to(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "update",
        help="bring a repository to a newer version of its template",
        description="Merges what the template changed since the version in .copier-answers.yml into the repository's "
        "own files. What the repository changed stays; nothing is committed. Needs apparch[template].",
        epilog=CODES,
    )
    parser.add_argument("path", nargs="?", type=folder, default=".", metavar="PATH", help="the repository (default: .)")
    parser.add_argument("--to", default="", metavar="VERSION", help="the version to go to (default: the newest)")
    parser.add_argument(
        "--template", metavar="URL", help="where the template is fetched from (default: the one that apparch carries)"
    )
    parser.add_argument("--check", action="store_true", help="change nothing, say what is lacking")
    parser.add_argument("--markers", action="store_true", help="write conflicts into the files, between markers")
    add_language(parser)
    add_debug(parser)
    parser.set_defaults(run=lambda options: run(options, parser))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Update, or say what an update would bring; what stands in the way is a wrong call."""
    import tempfile

    from apparch.template import TemplateError

    try:
        with tempfile.TemporaryDirectory(prefix="apparch-template-") as scratch:
            return _run(options, Path(scratch))
    except TemplateError as error:
        parser.error(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("copier", "plumbum"):
            raise
        parser.error("it needs Copier; pip install 'apparch[template]'")


def _run(options: argparse.Namespace, scratch: Path) -> int:
    from apparch.divergence import read_declared
    from apparch.repository import Repository
    from apparch.template import SOURCE, TemplateError, home
    from apparch.template.repository import built, fetched, versions_of
    from apparch.template.standing import recorded, standing
    from apparch.template.update import opened, update

    record = recorded(Repository(options.path))
    if not options.template and record.source != SOURCE:
        told = f"the repository was made from {record.source}, which apparch does not carry"
        raise TemplateError(f"{told}; give --template {record.source}")
    bare = fetched(options.template, scratch) if options.template else built(home(), scratch)
    stands = standing(record, versions_of(bare), options.to)
    names = {"old": record.version, "new": stands.to.version}
    print(STATES[stands.state][options.lang].format(**names))
    if stands.state != "behind":
        return AGREE
    if options.check:
        declared, _ = read_declared(Repository(_root(options.path)))
        _show_lacks(stands, {each.change: each.reason for each in declared.declines}, options.lang)
        return FINDINGS
    done = update(opened(options.path), stands, bare, today=datetime.date.today(), markers=options.markers)
    _show(done, options.lang)
    return CONFLICT if done.conflicts else AGREE


def _root(part: Path) -> Path:
    """The repository that a folder is part of; the folder itself where git knows none."""
    here = part.resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), part)


def _show_lacks(stands: Standing, declined: dict[str, str], language: Language) -> None:
    if not stands.lacks:
        print(NOTHING_MORE[language])
    for change in stands.lacks:
        rules = f" ({', '.join(change.rules)})" if change.rules else ""
        print(f"{change.version}  {change.level:4}  {change.id}{rules}")
        print(f"       {change.what.ko if language == 'ko' else change.what.en}")
        if change.level == "may" and change.id in declined:
            print(f"       {DECLINED[language].format(reason=declined[change.id])}")


def _show(done: Updated, language: Language) -> None:
    for file in () if done.conflicts and not done.changed else done.changed:
        print(f"{CHANGED[language]}  {file}")
    for file, why in sorted((done.kept or {}).items()):
        print(f"{KEPT[language]}  {file}: {why}")
    if not done.conflicts:
        print(NEXT[language])
        return
    outcome = MARKED if done.changed else UNTOUCHED
    print(f"apparch: {MEETS[language].format(to=done.to, outcome=outcome[language])}", file=sys.stderr)
    for file in done.conflicts:
        print(f"  {file}", file=sys.stderr)
    if not done.changed:
        print(WAYS[language], file=sys.stderr)
