"""axe-core on a page: the accessibility rules that a machine can check."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.product import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A colour on its way to another one is nobody's choice; xterm.js's rows and its measuring aids are its own.
RUN = """async (tags) => {
  const ends = (animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime);
  await Promise.all(document.getAnimations().filter(ends).map((each) => each.finished.catch(() => 0)));
  const context = { exclude: [[".xterm-screen"], [".xterm-accessibility"]] };
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] };
  return (await axe.run(context, options)).violations;
}"""


def violations(page: Page) -> list[str]:
    """What is wrong on the page as it is now: rule, what to do, where. Evaluated, since our policy allows no script of others."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {SOURCE.read_text()} }} }}")
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [
        f"{rule['id']}: {rule['help']}\n    {' '.join(map(str, node['target']))}\n    {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
