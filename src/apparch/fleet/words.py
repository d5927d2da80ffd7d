"""The words of a fleet's table in both languages, the same in every form."""

from __future__ import annotations

from apparch.catalogue.model import Language, Level, Text
from apparch.fleet.model import Fleet, Row, TemplateState

LEVELS: tuple[Level, ...] = ("MUST", "SHOULD", "MAY")
COLUMNS = (
    Text(ko="레포", en="Repo"),
    Text(ko="종류", en="Kind"),
    Text(ko="템플릿", en="Template"),
    Text(ko="남은 변경", en="Behind"),
    Text(ko="지적", en="Findings"),
    Text(ko="면제", en="Waivers"),
    Text(ko="계약", en="Contract"),
    Text(ko="기록한 날", en="Since"),
)
_KINDS = {
    "app": Text(ko="App", en="App"),
    "deploy": Text(ko="Deploy", en="Deploy"),
    "both": Text(ko="둘 다", en="both"),
    "neither": Text(ko="어느 쪽도 아님", en="neither"),
    "": Text(ko="", en=""),
}
_OUTCOMES = {
    "opened": Text(ko="풀 리퀘스트를 열었다", en="a pull request is open"),
    "updated": Text(ko="열린 풀 리퀘스트를 고쳤다", en="its pull request was brought up to date"),
    "unchanged": Text(ko="풀 리퀘스트가 그대로 열려 있다", en="its pull request stays open"),
    "current": Text(ko="고칠 것이 없다", en="nothing to update"),
    "foreign": Text(ko="다른 사람이 푸시한 브랜치라 두었다", en="left alone: somebody else pushed to the branch"),
    "conflict": Text(ko="합치다 충돌했다: 풀 리퀘스트가 없다", en="the update conflicts: no pull request"),
    "declined": Text(ko="닫힌 풀 리퀘스트라 다시 열지 않는다", en="its pull request was closed and stays so"),
    "rate-limited": Text(ko="요청 한도에서 멈췄다: 다시 실행한다", en="stopped by the rate limit; run it again"),
    "failed": Text(ko="고치지 못했다", en="the update failed"),
}


def cells(row: Row, language: Language) -> tuple[str, ...]:
    """What the table says of a repository, a text for each column."""
    if row.unread:
        told = f"읽을 수 없다: {row.unread.ko}" if language == "ko" else f"cannot be read: {row.unread.en}"
        return (row.name, told, "", "", "", "", "", "")
    return (
        row.name,
        _KINDS[row.kind][language],
        template(row.template, language),
        behind(row.template, language),
        findings(row, language),
        waivers(row, language),
        contract(row, language),
        row.template.since.isoformat() if row.template.since else _unknown_day(row.template, language),
    )


def template(state: TemplateState, language: Language) -> str:
    """The recorded version."""
    match state.state:
        case "none":
            return "기록 없음" if language == "ko" else "no record"
        case "unknown":
            return (state.version + " (?)").strip() if state.version else "?"
    return state.version


def behind(state: TemplateState, language: Language) -> str:
    """By how much it is behind."""
    ko = language == "ko"
    match state.state:
        case "none":
            return "-"
        case "unknown":
            return state.reason[language] if state.reason else ("알 수 없다" if ko else "cannot tell")
        case "ahead":
            return "더 새롭다" if ko else "ahead"
        case "current":
            return "없음" if ko else "current"
    if ko:
        return f"버전 {state.versions}, 필수 {len(state.must)}, 선택 {len(state.may)}"
    versions = f"{state.versions} version{'s' if state.versions != 1 else ''}"
    return f"{versions}: {len(state.must)} must, {len(state.may)} may"


def findings(row: Row, language: Language) -> str:
    """The new findings by level; a level without any is left out."""
    told = [f"{count} {level}" for level in LEVELS if (count := row.findings(level))]
    return ", ".join(told) or ("없음" if language == "ko" else "none")


def waivers(row: Row, language: Language) -> str:
    """How many there are, and when the first of them ends."""
    if not row.waivers:
        return "-"
    first = min(each.until for each in row.waivers).isoformat()
    count = len(row.waivers)
    return f"{count}, {first}까지" if language == "ko" else f"{count}, until {first}"


def contract(row: Row, language: Language) -> str:
    """Whether it holds, over all partners."""
    ko = language == "ko"
    if not row.contracts:
        return "짝 없음" if ko else "no partner"
    if row.disagreements:
        return f"{row.disagreements}건 어긋남" if ko else f"breaks: {row.disagreements}"
    unknown = next((each for each in row.contracts if each.state == "unknown"), None)
    if unknown:
        return unknown.reason[language] if unknown.reason else ("알 수 없다" if ko else "cannot tell")
    return "맞음" if ko else "holds"


def update(row: Row, language: Language) -> str:
    """What the last work on it came to; empty where none was done."""
    if not row.update:
        return ""
    known = _OUTCOMES.get(row.update.outcome)
    return known[language] if known else row.update.outcome


def totals(fleet: Fleet, language: Language) -> tuple[str, ...]:
    """The whole fleet in a few counts; those of nothing are left out."""
    ko = language == "ko"
    rows = fleet.rows
    parts = [
        (len(rows), "레포 {}개", "{} repo" if len(rows) == 1 else "{} repos"),
        (sum(each.clean for each in rows), "할 일 없음 {}", "{} with nothing to do"),
        (sum(any(count.new for count in each.counts) for each in rows), "지적 있음 {}", "{} with findings"),
        (sum(each.template.state == "behind" for each in rows), "템플릿이 뒤처짐 {}", "{} behind the template"),
        (sum(bool(each.template.must) for each in rows), "따라야 할 변경이 남음 {}", "{} must follow a change"),
        (sum(bool(each.disagreements) for each in rows), "계약이 어긋남 {}", "{} with a broken contract"),
        (sum(bool(each.unread) for each in rows), "읽을 수 없음 {}", "{} cannot be read"),
    ]
    shown = [parts[0], *(each for each in parts[1:] if each[0])]
    return tuple((korean if ko else english).format(count) for count, korean, english in shown)


def _unknown_day(state: TemplateState, language: Language) -> str:
    if state.state == "none":
        return "-"
    return "알 수 없다" if language == "ko" else "cannot tell"
