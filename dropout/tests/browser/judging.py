"""What holds for every page whoever looks at it: said as a list of faults, empty when there are none."""

from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
NARROW = 640  # px; below it a finger is expected

# What stands at the very end of the page must not lie under the bar that is fixed at the bottom of the window.
UNDER_THE_BAR = """() => {
  scrollTo(0, document.documentElement.scrollHeight);
  const box = (one) => one.getBoundingClientRect();
  const bars = [...document.querySelectorAll('.nav, .dock, .bulk')].filter((bar) =>
    ['fixed', 'sticky'].includes(getComputedStyle(bar).position)
    && box(bar).height && box(bar).bottom >= innerHeight - 1 && box(bar).top > innerHeight / 2);
  const top = Math.min(innerHeight, ...bars.map((bar) => box(bar).top));
  return [...document.querySelectorAll('main :is(a, button, input, select, p, td, th)')]
    .filter((one) => !bars.some((bar) => bar.contains(one)) && one.checkVisibility({visibilityProperty: true}))
    .filter((one) => box(one).width > 1 && box(one).height > 1 && box(one).bottom > top + 1)
    .map((one) => `${one.tagName} “${(one.textContent || one.name || '').trim().slice(0, 40)}”`).slice(0, 3);
}"""
SMALL = """() => [...document.querySelectorAll(
  'button:not(.link), .btn, select, .in, summary, .choice, .nav a, .tabs a')]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('.sr, .skip'))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 4 && (box.height < 43.5 || box.width < 43.5))
  .map(([html, box]) => `${html} is ${Math.round(box.width)} × ${Math.round(box.height)}`).slice(0, 5)"""


def too_wide(page) -> list[str]:
    """Whether the page is wider than the window asked for; what a phone calls its width grows with the page."""
    asked, wide = page.viewport_size["width"], page.evaluate("document.documentElement.scrollWidth")
    return [f"{wide} px wide at {asked} on {page.url}"] if wide > asked else []


def accessibility(page) -> list[str]:
    """What axe calls serious or critical."""
    return [
        f"{found['id']} on {page.url}: {[node['target'] for node in found['nodes']][:3]}"
        for found in AXE.run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


def judged(page) -> list[str]:
    """All faults of the page as it stands."""
    faults = too_wide(page) + accessibility(page)
    if page.viewport_size["width"] < NARROW:
        faults += [f"small to touch on {page.url}: {one}" for one in page.evaluate(SMALL)]
    faults += [f"under the bar on {page.url}: {one}" for one in page.evaluate(UNDER_THE_BAR)]
    page.evaluate("scrollTo(0, 0)")
    return faults
