"""The report as JUnit XML: a test case for each rule and part, as CI systems draw them."""

from __future__ import annotations

from xml.etree import ElementTree

from apparch.report.model import Report
from apparch.repository.safe_text import printable


def as_junit(report: Report) -> str:
    """A suite a part; a rule that does not apply or cannot be told is a skipped case."""
    language = report.language
    root = ElementTree.Element("testsuites", name="apparch")
    told: set[str] = set()
    for part in dict.fromkeys(each.part for each in report.standings):
        suite = ElementTree.SubElement(root, "testsuite", name=part)
        for standing in (each for each in report.standings if each.part == part and each.outcome != "not judged"):
            case = _case(suite, report, standing.rule)
            told.add(standing.rule)
            if standing.outcome == "broken":
                _failures(case, report, standing.rule)
            elif standing.outcome != "kept":
                ElementTree.SubElement(case, "skipped", message=standing.reason[language] if standing.reason else "")
        _counted(suite)
    others = dict.fromkeys(each.finding.rule for each in report.new if each.finding.rule not in told)
    if others:
        suite = ElementTree.SubElement(root, "testsuite", name="repository")
        for rule in others:
            _failures(_case(suite, report, rule), report, rule)
        _counted(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, report: Report, rule: str) -> ElementTree.Element:
    title = report.rules[rule].title[report.language]
    return ElementTree.SubElement(suite, "testcase", classname=rule[:3], name=f"{rule} {title}")


def _failures(case: ElementTree.Element, report: Report, rule: str) -> None:
    results = [each for each in report.new if each.finding.rule == rule]
    if results:
        lines = [f"{each.finding.place}: {each.finding.message[report.language]}" for each in results]
        shown = "\n".join(printable(line) for line in lines)
        failure = ElementTree.SubElement(case, "failure", message=printable(lines[0]), type=report.rules[rule].level)
        failure.text = f"{shown}\n{report.rules[rule].repair[report.language]}\n{report.rules[rule].url}"


def _counted(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
