// Turns headed lists into tabs after the ARIA Authoring Practices: one tab stop, arrow keys move and
// select, Home and End go to the ends. Without this script the lists simply stand one below another.

function select(tabs, chosen, { focus = false } = {}) {
  for (const tab of tabs) {
    const current = tab === chosen;
    tab.setAttribute("aria-selected", String(current));
    tab.tabIndex = current ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !current;
  }
  if (focus) chosen.focus();
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function target(tabs, from, key) {
  if (key === "Home") return tabs.at(0);
  if (key === "End") return tabs.at(-1);
  const step = STEPS[key];
  return step ? tabs.at((tabs.indexOf(from) + step) % tabs.length) : undefined;
}

for (const block of document.querySelectorAll(".block--section_tabs")) {
  const list = block.querySelector(".tabs__list");
  if (!list) continue;
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-labelledby", block.getAttribute("aria-labelledby"));
  const tabs = [...list.querySelectorAll(".tabs__tab")];
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.querySelector(".block__heading").classList.add("visually-hidden");
  }
  list.hidden = false;
  block.classList.add("tabs--ready");
  select(tabs, tabs[0]);
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) select(tabs, tab);
  });
  list.addEventListener("keydown", (event) => {
    const next = target(tabs, event.target.closest("[role=tab]"), event.key);
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(tabs, next, { focus: true });
  });
}
